"""Programme days as rows of a session file: `service` names the programme, `episode` the stay.

Further columns: `attended` (what was attended, `;` between), and for a stay that is not on file yet
`admitted_on`, `admitted_at`, `admission_type`, `admission_source`; the row's clinician is then the attending.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from cleanclaim.codesets.programmes import programmes
from cleanclaim.findings import Finding, Severity, Where
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.cycle.programmes.recording import (
    DayInput,
    EpisodeInput,
    EpisodeRefused,
    open_episode,
    record_days,
)
from cleanclaim_server.programmes.models import Episode, ProgrammeDay

if TYPE_CHECKING:
    from cleanclaim_server.cycle.intake.sessions import SessionInput


@dataclass
class DaysTaken:
    """Days put on file, one finding per row that was not, and how many were there already."""

    days: list[ProgrammeDay] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    repeated: int = 0


def is_programme_day(item: SessionInput) -> bool:
    """Whether a row is a day of a programme and not a session."""
    return len(item.facts.service) == 1 and item.facts.service[0] in programmes()


def take_days(
    masters: Masters,
    items: Sequence[SessionInput],
    *,
    now: datetime,
    today: date,
    actor_id: UUID | None = None,
) -> DaysTaken:
    """Put programme days of one practice on file. A faulty row stops no other."""
    taken = DaysTaken()
    patients = masters.patients_by_chart({item.chart_number for item in items})
    for item in items:
        try:
            with transaction.atomic():
                episode = _episode(masters, item, patients, now, actor_id)
                done = record_days(episode, [_day(item)], now=now, today=today, actor_id=actor_id)
        except EpisodeRefused as refused:
            taken.findings.append(_finding(item, refused))
            continue
        taken.days += done.days
        taken.repeated += done.repeated
    return taken


def _day(item: SessionInput) -> DayInput:
    facts = item.facts
    minutes = facts.minutes[0] if facts.minutes else None
    if minutes is None and facts.start_time and facts.stop_time:
        start, stop = (at.hour * 60 + at.minute for at in (facts.start_time, facts.stop_time))
        minutes = (stop - start) % 1440
    attended = tuple(one.strip() for one in item.extras.get("attended", "").split(";") if one.strip())
    return DayInput(
        facts.dos, item.external_id, minutes, attended, item.note_reference, item.note_signed_at, item.source
    )


def _episode(
    masters: Masters, item: SessionInput, patients: dict, now: datetime, actor_id: UUID | None
) -> Episode:
    patient = patients.get(item.chart_number)
    if patient is None:
        raise EpisodeRefused(
            "patient", "programme.patient_unknown", "No patient of this practice has this chart number."
        )
    program, day, key = item.facts.service[0], item.facts.dos, item.extras.get("episode", "")
    rows = Episode.objects.filter(practice=masters.practice, patient_id=patient.id, program=program)
    if key:
        found = list(rows.filter(external_id=key))
    else:
        found = [
            one for one in rows if one.admitted_on <= day and (one.ended_on is None or day <= one.ended_on)
        ]
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        raise EpisodeRefused(
            "episode", "programme.episode_unclear", "Several episodes hold this day: name one in `episode`."
        )
    told = item.extras.get("admitted_on", "")
    if not key or not told:
        raise EpisodeRefused(
            "episode",
            "programme.episode_unknown",
            "No episode of this patient holds this day. Name it, with the day of admission, to open one.",
        )
    return _opened(masters, item, patient, program, key, told, now, actor_id)


def _opened(masters, item, patient, program, key, told, now, actor_id) -> Episode:
    attending = masters.providers_by_npi.get(item.provider_npi)
    if attending is None:
        raise EpisodeRefused(
            "provider", "programme.provider_unknown", "No clinician of this practice has this NPI."
        )
    place = masters.main_location
    if item.location_name:
        named = [
            one for one in masters.locations.values() if one.name.casefold() == item.location_name.casefold()
        ]
        place = named[0] if named else None
    if place is None:
        raise EpisodeRefused(
            "location", "programme.location_unknown", "The practice has no place of this name."
        )
    clock = item.extras.get("admitted_at", "")
    try:
        admitted = date.fromisoformat(told)
        at = time.fromisoformat(clock) if clock else None
    except ValueError:
        raise EpisodeRefused(
            "admitted_on", "programme.admission_unreadable", "Write the admission as 2026-10-12 and 09:00."
        ) from None
    given = [one for one in masters.authorizations(patient.id) if one.number == item.authorization_number]
    return open_episode(
        masters.practice,
        EpisodeInput(
            patient=patient,
            attending=attending,
            location=place,
            program=program,
            admitted_on=admitted,
            admission_type=item.extras.get("admission_type", ""),
            admission_source=item.extras.get("admission_source", ""),
            external_id=key,
            diagnoses=item.diagnoses,
            admitted_clock=f"{at:%H%M}" if at else "",
            authorization=given[0] if given else None,
        ),
        now=now,
        actor_id=actor_id,
    )


def _finding(item: SessionInput, refused: EpisodeRefused) -> Finding:
    return Finding(
        f"sessions.{refused.code}",
        Severity.STOP,
        str(refused),
        Where(line=item.line, column=refused.field),
        item.external_id,
        remedy="Correct the row and import it again; the others are on file.",
    )
