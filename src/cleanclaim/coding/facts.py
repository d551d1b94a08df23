"""What was done in a session, as the coding engine reads it.

The field names and values are those of the session file (docs/errors/coding.md lists them): one
`SessionFacts` is one patient, one clinician or facility, and one claim date or month.
"""

from __future__ import annotations

from datetime import date, time

import msgspec


class SessionFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """The facts of one session, month or programme day.

    Attributes:
        dos: Date of service; the start date when midnight is crossed; any day of the month for
            monthly services.
        service: What was done, in the order held: ``individual psychotherapy``, ``E/M only``, …
        setting: office, home, community, cmhc, otp, outpatient_hospital, telehealth, facility_ub04
            or care_management.
        credential: Licence level of the rendering clinician: MD, PMHNP, PhD, LCSW, LPC-associate, …
        payer_kind: medicare, medicaid, commercial; others are treated as commercial contracts.
        start_time, stop_time: Clock times of the first service, local to the location.
        minutes: Whole minutes aligned with `service`, None for an untimed one. Psychotherapy minutes
            alone for ``E/M + psychotherapy``; the month's total for care management. Empty: stop
            minus start.
        with_em: An E/M is claimed that day.
        em_minutes: The practitioner's total E/M time, psychotherapy excluded.
        em_basis: How the level was chosen: time or mdm_straightforward, _low, _moderate, _high.
        patient_type: new or established, for the E/M.
        participants: Aligned with `service`: patient, family+patient, family without patient,
            group:N, families:N, caregiver, collateral. Empty: patient.
        crisis: True exactly when the service is crisis psychotherapy.
        ic_factors: Reasons to report interactive complexity; empty: not asked for.
        modality: in_person, video or audio.
        patient_at_home: Where the patient was during video or audio.
        payer_profile: Facts of the contract: av_mod, ao_mod, home_pos, away_pos, ncci, distinct_mod,
            rounding, degree_mods, supervised, php_code, php_rev, crisis_blocks, em_modifier_25.
        other_inputs: Facts of the record: requested, same_day, separate_sessions, dx, tests, …
        units: Units the user asks for; None: compute.
        case_id: The caller's key, given back and never read.
    """

    dos: date
    service: tuple[str, ...]
    setting: str
    credential: str
    payer_kind: str
    start_time: time | None = None
    stop_time: time | None = None
    minutes: tuple[int | None, ...] = ()
    with_em: bool = False
    em_minutes: int | None = None
    em_basis: str = ""
    patient_type: str = ""
    participants: tuple[str, ...] = ()
    crisis: bool = False
    ic_factors: tuple[str, ...] = ()
    modality: str = "in_person"
    patient_at_home: bool = False
    payer_profile: dict[str, str] = {}
    other_inputs: dict[str, str] = {}
    units: int | None = None
    case_id: str = ""


class Requested(msgspec.Struct, frozen=True):
    """One code that the user wants billed, with the modifiers typed beside it."""

    code: str
    modifiers: tuple[str, ...] = ()


def read_requested(text: str) -> tuple[Requested, ...]:
    """Read codes joined by ``+``, modifiers after ``-``.

    Examples:
        >>> [item.code for item in read_requested("99214-25+G2211")]
        ['99214', 'G2211']
    """
    found = []
    for item in text.upper().split("+"):
        code, *modifiers = item.strip().split("-")
        if code:
            found.append(Requested(code, tuple(modifier for modifier in modifiers if modifier)))
    return tuple(found)


def group_size(participant: str) -> int | None:
    """The N of ``group:N`` or ``families:N``; None when the text is something else.

    Examples:
        >>> group_size("group:7"), group_size("patient")
        (7, None)
    """
    kind, colon, count = participant.partition(":")
    if colon and kind in ("group", "families") and count.isascii() and count.isdecimal() and len(count) < 5:
        return int(count)
    return None
