"""From a row of a CSV or a form to an encounter on file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec

from cleanclaim.coding import SessionFacts, read_session_rows
from cleanclaim.findings import Finding, Severity, Where
from cleanclaim_server.audit.recording import record
from cleanclaim_server.clearinghouse.files import store_file
from cleanclaim_server.clearinghouse.models import StoredFile
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.cycle.intake.process import process_many
from cleanclaim_server.cycle.programmes.taking import is_programme_day, take_days
from cleanclaim_server.encounters.models import Encounter, SessionImport
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.bulk import chunks

# What a session file must hold for import; credential and payer come from our own records.
IMPORT_COLUMNS = frozenset({"dos", "service", "setting"})


@dataclass(frozen=True)
class SessionInput:
    """One session as told to us, before we looked anything up.

    `facts.credential`, `payer_kind` and `payer_profile` are filled from our records and ignored here.
    """

    external_id: str
    chart_number: str
    provider_npi: str
    facts: SessionFacts
    diagnoses: tuple[str, ...]
    supervisor_npi: str = ""
    location_name: str = ""
    payer_id: str = ""
    """Optional check: when given, the policy in force must be with this payer."""
    authorization_number: str = ""
    note_reference: str = ""
    note_signed_at: datetime | None = None
    source: str = "form"
    line: int = 0
    extras: dict[str, str] = field(default_factory=dict)


def _fault(code: str, item: SessionInput, column: str, message: str, remedy: str) -> Finding:
    return Finding(
        code=f"sessions.{code}",
        severity=Severity.STOP,
        message=message,
        where=Where(line=item.line, column=column),
        subject_id=item.external_id,
        remedy=remedy,
    )


def resolve_session(
    item: SessionInput, masters: Masters, patients: dict[str, Patient], session_import: SessionImport | None
) -> Encounter | Finding:
    """Find our records for one session; the first that is missing is the finding. Nothing is saved."""
    patient = patients.get(item.chart_number)
    if patient is None:
        return _fault(
            "patient_unknown",
            item,
            "patient",
            "No patient of this practice has this chart number.",
            "Register the patient first, or correct the number; then import the row again.",
        )
    provider = masters.providers_by_npi.get(item.provider_npi)
    if provider is None:
        return _fault(
            "provider_unknown",
            item,
            "provider",
            "No clinician of this practice has this NPI.",
            "Add the clinician to the practice, or correct the NPI; then import the row again.",
        )
    supervisor = provider.supervisor_id and masters.providers.get(provider.supervisor_id)
    if item.supervisor_npi:
        supervisor = masters.providers_by_npi.get(item.supervisor_npi)
        if supervisor is None:
            return _fault(
                "supervisor_unknown",
                item,
                "supervisor",
                "No clinician of this practice has the supervisor's NPI.",
                "Add the supervisor to the practice, or leave the cell empty to use the one on file.",
            )
    location = masters.main_location
    if item.location_name:
        named = [
            row for row in masters.locations.values() if row.name.casefold() == item.location_name.casefold()
        ]
        location = named[0] if named else None
    if location is None:
        return _fault(
            "location_unknown",
            item,
            "location",
            "The practice has no place of this name.",
            "Use a name from the practice's places, or leave the cell empty for the main one.",
        )
    in_force = masters.coverages_on(patient.id, item.facts.dos)
    coverage = in_force[0] if in_force else None
    if item.payer_id and (coverage is None or masters.payer_of(coverage).payer_id != item.payer_id):
        return _fault(
            "payer_differs",
            item,
            "payer",
            "The payer of this row is not the first policy in force on the date of service.",
            "Check the patient's coverage for that date, or leave the cell empty to use it.",
        )
    facts = item.facts
    authorization = None
    if item.authorization_number:
        found = [row for row in masters.authorizations(patient.id) if row.number == item.authorization_number]
        if not found:
            return _fault(
                "authorization_unknown",
                item,
                "authorization",
                "This patient has no authorization of that number.",
                "Record the authorization first, or leave the cell empty to use the one in force.",
            )
        authorization = found[0]
    minutes = facts.minutes[0] if facts.minutes else None
    return Encounter(
        practice=masters.practice,
        patient=patient,
        coverage=coverage,
        rendering_provider=provider,
        supervising_provider=supervisor or None,
        location=location,
        authorization=authorization,
        external_id=item.external_id,
        date_of_service=facts.dos,
        starts_at=facts.start_time,
        stops_at=facts.stop_time,
        minutes=minutes,
        service=";".join(facts.service),
        modality=facts.modality,
        setting=facts.setting,
        patient_at_home=facts.patient_at_home,
        participants=";".join(facts.participants)[:80],
        facts=msgspec.to_builtins(facts),
        diagnoses=list(item.diagnoses),
        note_reference=item.note_reference,
        note_signed_at=item.note_signed_at,
        source=item.source,
        session_import=session_import,
    )


@dataclass(frozen=True)
class Intake:
    """Sessions of one practice that come in together."""

    masters: Masters
    items: Sequence[SessionInput]
    session_import: SessionImport | None = None


@dataclass
class Taken:
    """What became of them: new encounters, one finding per session that was not taken, and how many were
    already on file under the same key (nothing is done for those)."""

    encounters: list[Encounter] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    repeated: int = 0


def take_in(
    intakes: Sequence[Intake], *, now: datetime, today: date, actor_id: UUID | None = None
) -> list[Taken]:
    """Put sessions of several practices on file and take them as far as they go.

    They are coded, charged, built into claims and edited: each step once for all practices.

    Returns:
        One `Taken` for each intake, in order.
    """
    taken = [_resolve(intake) for intake in intakes]
    process_many(
        [(intake.masters, one.encounters) for intake, one in zip(intakes, taken, strict=True)],
        now=now,
        today=today,
        actor_id=actor_id,
        new=True,
    )
    return taken


def record_sessions(
    masters: Masters,
    items: Sequence[SessionInput],
    *,
    now: datetime,
    today: date,
    actor_id: UUID | None = None,
    session_import: SessionImport | None = None,
) -> tuple[list[Encounter], list[Finding], int]:
    """Put sessions of one practice on file; see `take_in`.

    Returns:
        The new encounters, one finding per session that was not taken, and how many were already on
        file under the same key (nothing is done for those).
    """
    intake = Intake(masters, items, session_import)
    (taken,) = take_in([intake], now=now, today=today, actor_id=actor_id)
    return taken.encounters, taken.findings, taken.repeated


def _resolve(intake: Intake) -> Taken:
    """Find our records for every session of one practice. Nothing is saved."""
    masters, items, practice = intake.masters, intake.items, intake.masters.practice
    patients = masters.patients_by_chart({item.chart_number for item in items})
    known: set[str] = set()
    for part in chunks([item.external_id for item in items]):
        rows = Encounter.objects.filter(practice=practice, external_id__in=part)
        known.update(rows.values_list("external_id", flat=True))
    taken = Taken()
    for item in items:
        if item.external_id in known:
            taken.repeated += 1
            continue
        known.add(item.external_id)
        outcome = resolve_session(item, masters, patients, intake.session_import)
        if isinstance(outcome, Finding):
            taken.findings.append(outcome)
        else:
            taken.encounters.append(outcome)
    return taken


def keep_session_file(
    practice: Practice, data: bytes, *, name: str, now: datetime, actor_id: UUID | None = None
) -> StoredFile:
    """Keep a CSV of sessions byte for byte; `take_sessions` reads it."""
    return store_file(
        practice.agency_id,
        name=name,
        data=data,
        direction="in",
        partner=None,
        now=now,
        stored_by=actor_id,
        practice_ids=[practice.id],
    )


def take_sessions(
    practice: Practice,
    data: bytes,
    *,
    name: str,
    now: datetime,
    today: date,
    actor_id: UUID | None = None,
    stored: StoredFile | None = None,
) -> SessionImport:
    """Import a CSV of sessions. The bytes are kept first; each faulty row gets its finding, the rest go on.

    Columns: those of the coding engine's session file (`dos`, `service`, `setting`, times, minutes, …)
    plus `session_id`, `patient` (chart number), `provider` (NPI), `diagnoses` (ICD-10-CM, `,` between),
    and optionally `supervisor`, `location`, `payer`, `authorization`, `note_reference`, `note_signed_at`.
    A row whose service is a programme's day goes to its episode: see `cycle.programmes.taking`.

    Args:
        stored: The file, where the caller has kept it already.
    """
    stored = stored or keep_session_file(practice, data, name=name, now=now, actor_id=actor_id)
    rows, findings = read_session_rows(data, required=IMPORT_COLUMNS)
    items = []
    for row in rows:
        item = _from_row(row)
        if isinstance(item, Finding):
            findings.append(item)
        else:
            items.append(item)
    batch = SessionImport.objects.create(practice=practice, file=stored, imported_by=actor_id)
    masters = Masters(practice)
    days = take_days(
        masters,
        [item for item in items if is_programme_day(item)],
        now=now,
        today=today,
        actor_id=actor_id,
    )
    taken, faults, repeated = record_sessions(
        masters,
        [item for item in items if not is_programme_day(item)],
        now=now,
        today=today,
        actor_id=actor_id,
        session_import=batch,
    )
    repeated += days.repeated
    findings = sorted(
        [*findings, *faults, *days.findings], key=lambda finding: (finding.where.line, finding.code)
    )
    stopped = {finding.where.line for finding in findings if finding.severity.stops and finding.where.line}
    batch.rows_total = len(taken) + len(days.days) + repeated + len(stopped)
    batch.rows_taken = len(taken) + len(days.days)
    batch.rows_repeated = repeated
    batch.findings = msgspec.to_builtins(findings)
    batch.save()
    record(
        "sessions.imported",
        "session_import",
        batch.id,
        practice_id=practice.id,
        agency_id=practice.agency_id,
        actor=actor_id,
        rows=batch.rows_total,
        taken=batch.rows_taken,
        repeated=repeated,
        faults=len(stopped),
    )
    return batch


def _from_row(row) -> SessionInput | Finding:
    extras = {name.strip().lower(): value.strip() for name, value in row.extras.items()}
    missing = [name for name in ("patient", "provider") if not extras.get(name)]
    item = SessionInput(
        external_id=extras.get("session_id") or row.facts.case_id,
        chart_number=extras.get("patient", ""),
        provider_npi=extras.get("provider", ""),
        facts=row.facts,
        diagnoses=tuple(
            part.strip().upper()
            for part in extras.get("diagnoses", "").replace(";", ",").split(",")
            if part.strip()
        ),
        supervisor_npi=extras.get("supervisor", ""),
        location_name=extras.get("location", ""),
        payer_id=extras.get("payer", ""),
        authorization_number=extras.get("authorization", ""),
        note_reference=extras.get("note_reference", ""),
        source="csv",
        line=row.line,
        extras=extras,
    )
    if missing or not item.external_id:
        column = missing[0] if missing else "session_id"
        return _fault(
            "column_missing",
            item,
            column,
            f"The cell {column} is empty or the column is missing.",
            "Fill it in: a session needs its own key, a patient and a clinician.",
        )
    signed = extras.get("note_signed_at", "")
    if signed:
        try:
            when = datetime.fromisoformat(signed)
        except ValueError:
            return _fault(
                "signed_at_unreadable",
                item,
                "note_signed_at",
                "The time of signature is not an ISO date and time.",
                "Write it like 2026-11-02T17:30-05:00, or leave it empty while the note is unsigned.",
            )
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        item = SessionInput(**{**item.__dict__, "note_signed_at": when})
    return item
