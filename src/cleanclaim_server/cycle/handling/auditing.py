"""A note read against its session. Its text is not kept: only what was found, and a keyed mark of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from cleanclaim.coding.notes import DaySession, NoteAudit, OtherNote, audit_note
from cleanclaim.coding.notes.model import REFUSED
from cleanclaim.coding.notes.sketch import OtherSketch, Sketch
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.codes import EventKind
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.claims.queries import held_by_notes
from cleanclaim_server.cycle.handling.holding import UNSENT, tell
from cleanclaim_server.cycle.intake import Masters, recheck_claims
from cleanclaim_server.cycle.intake.coding import session_facts
from cleanclaim_server.encounters.models import Encounter, NoteReading
from cleanclaim_server.encounters.queries import note_sketches
from cleanclaim_server.identity.models import User
from cleanclaim_server.tenancy.sealing import blind_index, derived_key


@dataclass(frozen=True)
class Audited:
    """The answer and, unless the note was refused, the row that keeps it."""

    audit: NoteAudit
    row: NoteReading | None = None
    held: tuple[str, ...] = ()
    """Numbers of the claims that wait for what was found."""


def codes_of(encounter: Encounter) -> list[str]:
    """Codes that the session was coded as."""
    return [line["code"] for line in (encounter.coding or {}).get("lines", ())]


def audit_session_note(
    encounter: Encounter,
    text: str,
    *,
    acting_user: User,
    now: datetime,
    today: date,
    other: str = "",
    released: bool = False,
) -> Audited:
    """Audit a note against its session and codes, and keep what was found.

    What it repeats of the clinician's other notes of a year is found by their sketches. By the practice's
    policy a stop holds the claims of the session that have not left; they are checked at once.

    A psychotherapy or SUD counseling note is refused before anything reads it: nothing is kept but a count.

    Args:
        other: An earlier note to compare with; read and not kept either.
        released: The person says that this is the progress note, which lifts a suspicion.
    """
    masters = Masters(encounter.practice)
    masters.load_patients({encounter.patient_id})
    place = masters.locations[encounter.location_id]
    away = encounter.modality in ("video", "audio")
    found = audit_note(
        text,
        session_facts(encounter, masters),
        codes_of(encounter),
        state=(masters.patient(encounter.patient_id).state or place.state) if away else place.state,
        other_notes=[OtherNote("the note given beside it", other)] if other.strip() else (),
        day_sessions=_same_day(encounter),
        sketches=[
            OtherSketch(on, sketch)
            for on, kept in note_sketches(encounter)
            if (sketch := Sketch.from_bytes(kept)) is not None
        ],
        sketch_key=derived_key("note sketch", practice_id=encounter.practice_id),
        released_by_clinician=released,
    )
    if found.result == REFUSED:
        return Audited(found)
    row = NoteReading.objects.create(
        practice_id=encounter.practice_id,
        encounter=encounter,
        text_mark=blind_index(text, purpose="note", practice_id=encounter.practice_id),
        result=found.result,
        codes=codes_of(encounter),
        findings=[
            {
                "code": one.code,
                "severity": one.severity.value,
                "message": one.message,
                "remedy": one.remedy,
                "spans": one.facts.get("spans", []),
            }
            for one in found.findings
        ],
        not_checked=list(found.not_checked),
        sketch=found.sketch,
        made_at=now,
        made_by=acting_user.pk,
        made_by_name=acting_user.display_name,
    )
    stops = sum(one.severity.stops for one in found.findings)
    words = f"{stops} to mend, {len(found.findings) - stops} to tell"
    claims = Claim.objects.filter(family__encounter=encounter, practice_id=encounter.practice_id)
    for claim in claims.defer("frozen"):
        tell(claim, EventKind.NOTE, "Note audited", words, now=now, actor_id=acting_user.pk)
    waiting = list(claims.filter(lifecycle__in=UNSENT).values_list("pk", flat=True))
    if waiting:
        recheck_claims(encounter.practice, waiting, now=now, today=today)
    record(
        "note.audited",
        "encounter",
        encounter.pk,
        practice_id=encounter.practice_id,
        actor=acting_user.pk,
        findings=len(found.findings),
        stops=stops,
    )
    return Audited(found, row, tuple(row.claim_number for row in held_by_notes(waiting)))


def _same_day(encounter: Encounter) -> list[DaySession]:
    """The clinician's other sessions of the date; a group has one id however many were in it."""
    rows = Encounter.objects.filter(
        practice_id=encounter.practice_id,
        rendering_provider_id=encounter.rendering_provider_id,
        date_of_service=encounter.date_of_service,
        starts_at__isnull=False,
        stops_at__isnull=False,
    ).exclude(pk=encounter.pk)
    times = {(start, stop) for start, stop in rows.values_list("starts_at", "stops_at")}
    own = (encounter.starts_at, encounter.stops_at)
    return [
        DaySession(f"{start:%H:%M}", start, stop) for start, stop in sorted(times) if (start, stop) != own
    ]


def read_values(audit: NoteAudit) -> dict[str, str]:
    """What was read, in words: times, minutes, modality."""
    plain = msgspec.to_builtins(audit.read)
    return {key: str(value) for key, value in plain.items() if value not in (None, "", [])}
