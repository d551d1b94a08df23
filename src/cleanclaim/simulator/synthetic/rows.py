"""A synthetic session in the words of the session file and of the coding engine."""

from __future__ import annotations

from cleanclaim.coding import SessionFacts
from cleanclaim.simulator.synthetic.records import SyntheticSession


def session_row(session: SyntheticSession) -> dict[str, str]:
    """The session as one row of a session file: its input columns, and columns that pass through.

    Examples:
        >>> from datetime import date, time
        >>> session = SyntheticSession("S1", "HL", "HL-P0001", "HL-01", "HL-GA", date(2026, 3, 2),
        ...     "individual psychotherapy", "office", "PsyD", "commercial", {"av_mod": "95"}, {"dx": "F41.1"},
        ...     time(9), time(9, 53), 53)
        >>> row = session_row(session)
        >>> row["minutes"], row["start_time"], row["payer_profile"], row["crisis"]
        ('53', '09:00', 'av_mod=95', 'no')
    """
    return {
        "case_id": session.id,
        "dos": session.dos.isoformat(),
        "service": session.service,
        "setting": session.setting,
        "start_time": f"{session.start_time:%H:%M}" if session.start_time else "",
        "stop_time": f"{session.stop_time:%H:%M}" if session.stop_time else "",
        "minutes": _number(session.minutes),
        "with_em": _yes(session.with_em),
        "em_minutes": _number(session.em_minutes),
        "em_basis": session.em_basis,
        "patient_type": session.patient_type,
        "participants": session.participants,
        "crisis": _yes(session.crisis),
        "ic_factors": session.ic_factors,
        "modality": session.modality,
        "patient_at_home": _yes(session.patient_at_home),
        "credential": session.credential,
        "payer_kind": session.payer_kind,
        "payer_profile": _pairs(session.payer_profile),
        "other_inputs": _pairs(session.other_inputs),
        "units": _number(session.units),
        "practice": session.practice_code,
        "patient": session.patient_id,
        "clinician": session.clinician_id,
        "supervisor": session.supervisor_id,
        "location": session.location_id,
        "diagnoses": ",".join(session.diagnoses),
        "note_signed_on": session.note_signed_on.isoformat() if session.note_signed_on else "",
        "authorization": session.authorization_number,
    }


def session_facts(session: SyntheticSession) -> SessionFacts:
    """The session as the coding engine reads it."""
    return SessionFacts(
        dos=session.dos,
        service=(session.service,),
        setting=session.setting,
        credential=session.credential,
        payer_kind=session.payer_kind,
        start_time=session.start_time,
        stop_time=session.stop_time,
        minutes=() if session.minutes is None else (session.minutes,),
        with_em=session.with_em,
        em_minutes=session.em_minutes,
        em_basis=session.em_basis,
        patient_type=session.patient_type,
        participants=(session.participants,),
        crisis=session.crisis,
        ic_factors=tuple(filter(None, session.ic_factors.split(";"))),
        modality=session.modality,
        patient_at_home=session.patient_at_home,
        payer_profile=session.payer_profile,
        other_inputs=session.other_inputs,
        units=session.units,
        case_id=session.id,
    )


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _pairs(values: dict[str, str]) -> str:
    return ";".join(f"{key}={value}" for key, value in values.items())
