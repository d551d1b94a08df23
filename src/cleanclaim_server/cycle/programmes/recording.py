"""Episodes of a programme opened and corrected, and their days put on file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from cleanclaim.codesets.programmes import admission_codes, programmes
from cleanclaim_server.audit.recording import record
from cleanclaim_server.authorizations.models import Authorization
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Location, Practice, Provider
from cleanclaim_server.programmes.models import Episode, ProgrammeDay

_CLOCK = re.compile(r"([01]\d|2[0-3])[0-5]\d\Z", re.ASCII)
_CONDITION = re.compile(r"[A-Z0-9]{2}\Z")
MOST_MINUTES = 24 * 60


class EpisodeRefused(ValueError):
    """The data of an episode or a day do not fit; `field` names which, `code` is stable."""

    def __init__(self, field_: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field, self.code = field_, code


@dataclass(frozen=True)
class EpisodeInput:
    """An episode as a form or a file tells it."""

    patient: Patient
    attending: Provider
    location: Location
    program: str
    admitted_on: date
    admission_type: str
    admission_source: str
    external_id: str
    diagnoses: tuple[str, ...]
    admitted_clock: str = ""
    authorization: Authorization | None = None
    conditions: tuple[str, ...] = ()
    plan_hours_week: int | None = None
    ended_on: date | None = None
    end_status: str = ""


@dataclass(frozen=True)
class DayInput:
    """One day attended."""

    on: date
    external_id: str
    minutes: int | None = None
    services: tuple[str, ...] = ()
    note_reference: str = ""
    note_signed_at: datetime | None = None
    source: str = "form"


@dataclass
class Recorded:
    """Days put on file, and how many were there already."""

    days: list[ProgrammeDay] = field(default_factory=list)
    repeated: int = 0


def open_episode(practice: Practice, data: EpisodeInput, *, now: datetime, actor_id: UUID | None) -> Episode:
    """Put an episode on file.

    Raises:
        EpisodeRefused: A code is not one, the dates do not fit, or its key is taken.
    """
    _check(data)
    if Episode.objects.filter(practice=practice, external_id=data.external_id).exists():
        raise EpisodeRefused("external_id", "episode.key_taken", "An episode with this key is on file.")
    episode = Episode(practice=practice, patient=data.patient, external_id=data.external_id, created_at=now)
    _fill(episode, data)
    episode.save(force_insert=True)
    record("episode.opened", "episode", episode.pk, practice_id=practice.pk, actor=actor_id)
    return episode


def change_episode(episode: Episode, data: EpisodeInput, *, actor_id: UUID | None) -> list[Claim]:
    """Correct an episode; its bills follow the next time they are built.

    Bills already sent stay as they were sent: a corrected claim takes the change up.

    Returns:
        The claims of its bills, for the caller to build anew or correct.

    Raises:
        EpisodeRefused: A code is not one, the dates do not fit its days, or another programme is asked for
            though days are billed.
    """
    _check(data)
    days = list(ProgrammeDay.objects.filter(episode=episode).order_by("on"))
    if any(day.encounter_id for day in days) and data.program != episode.program:
        raise EpisodeRefused("program", "episode.program_billed", "Days are billed under its programme.")
    if days and days[0].on < data.admitted_on:
        raise EpisodeRefused(
            "admitted_on", "episode.day_before_admission", f"A day of {days[0].on:%-d %b %Y} lies before it."
        )
    if days and data.ended_on and days[-1].on > data.ended_on:
        raise EpisodeRefused(
            "ended_on", "episode.day_after_end", f"A day of {days[-1].on:%-d %b %Y} lies after it."
        )
    _fill(episode, data)
    episode.save()
    billed = {day.encounter_id for day in days if day.encounter_id}
    bills = list(Encounter.objects.filter(practice_id=episode.practice_id, pk__in=billed))
    for bill in bills:
        bill.diagnoses = list(data.diagnoses)
        bill.rendering_provider = data.attending
        bill.location = data.location
        bill.authorization = data.authorization
        bill.save(update_fields=["diagnoses", "rendering_provider", "location", "authorization"])
    record("episode.changed", "episode", episode.pk, practice_id=episode.practice_id, actor=actor_id)
    return list(
        Claim.objects.filter(practice_id=episode.practice_id, family__encounter__in=bills).defer("frozen")
    )


def record_days(
    episode: Episode, items: Sequence[DayInput], *, now: datetime, today: date, actor_id: UUID | None
) -> Recorded:
    """Put days of an episode on file. A day that is there under the same key is passed over.

    Raises:
        EpisodeRefused: A day lies outside the episode or after today, has impossible minutes, or another
            record of that day is on file.
    """
    keys = [item.external_id for item in items]
    known = dict(
        ProgrammeDay.objects.filter(practice_id=episode.practice_id, external_id__in=keys).values_list(
            "external_id", "on"
        )
    )
    taken = set(ProgrammeDay.objects.filter(episode=episode).values_list("on", flat=True))
    done = Recorded()
    for item in items:
        if item.external_id in known:
            done.repeated += 1
            continue
        _check_day(episode, item, today, taken)
        taken.add(item.on)
        known[item.external_id] = item.on
        done.days.append(
            ProgrammeDay(
                practice_id=episode.practice_id,
                episode=episode,
                external_id=item.external_id,
                on=item.on,
                minutes=item.minutes,
                services=list(item.services),
                note_reference=item.note_reference,
                note_signed_at=item.note_signed_at,
                source=item.source,
                created_at=now,
            )
        )
    ProgrammeDay.objects.bulk_create(done.days)
    record(
        "programme.days_recorded",
        "episode",
        episode.pk,
        practice_id=episode.practice_id,
        actor=actor_id,
        days=len(done.days),
    )
    return done


def remove_day(episode: Episode, day_id: UUID, *, actor_id: UUID | None) -> None:
    """Take a day off that was recorded by mistake.

    Raises:
        EpisodeRefused: It is billed, or not of this episode.
    """
    day = _unbilled(episode, day_id)
    day.delete()
    record(
        "programme.day_removed", "episode", episode.pk, practice_id=episode.practice_id, actor=actor_id,
        on=day.on.isoformat(),
    )  # fmt: skip


def sign_day(episode: Episode, day_id: UUID, *, now: datetime, actor_id: UUID) -> None:
    """Say that the note of a day is signed.

    Raises:
        EpisodeRefused: It is billed, or not of this episode.
    """
    day = _unbilled(episode, day_id)
    day.note_signed_at = day.note_signed_at or now
    day.save(update_fields=["note_signed_at"])
    record(
        "programme.day_signed", "episode", episode.pk, practice_id=episode.practice_id, actor=actor_id,
        on=day.on.isoformat(),
    )  # fmt: skip


def _unbilled(episode: Episode, day_id: UUID) -> ProgrammeDay:
    day = (
        ProgrammeDay.objects.select_for_update()
        .filter(pk=day_id, episode=episode, practice_id=episode.practice_id)
        .first()
    )
    if day is None:
        raise EpisodeRefused("day", "programme.day_unknown", "This day is not on file.")
    if day.encounter_id:
        raise EpisodeRefused("day", "programme.day_billed", "This day is on a bill; it no longer changes.")
    return day


def _check(data: EpisodeInput) -> None:
    if data.program not in programmes():
        raise EpisodeRefused("program", "episode.program_unknown", "Choose one of the programmes.")
    for name, kind in (("admission_type", "type"), ("admission_source", "source")):
        if getattr(data, name) not in admission_codes(kind):
            raise EpisodeRefused(name, "episode.code_unknown", "Choose one of the codes.")
    if data.admitted_clock and not _CLOCK.match(data.admitted_clock):
        raise EpisodeRefused("admitted_clock", "episode.clock", "Write the hour of admission as 0900.")
    if not data.diagnoses:
        raise EpisodeRefused("diagnoses", "episode.no_diagnosis", "Name the principal diagnosis.")
    for code in data.conditions:
        if not _CONDITION.match(code):
            raise EpisodeRefused(
                "conditions", "episode.condition", "A condition code is two letters or digits, such as 92."
            )
    if data.ended_on:
        if data.ended_on < data.admitted_on:
            raise EpisodeRefused("ended_on", "episode.ends_before", "It ends before it begins.")
        status = admission_codes("status").get(data.end_status)
        if status is None or status.is_still_a_patient:
            raise EpisodeRefused("end_status", "episode.end_status", "Say how the episode ended.")


def _check_day(episode: Episode, item: DayInput, today: date, taken: set[date]) -> None:
    said = f"{item.on:%-d %b %Y}"
    if item.on > today:
        raise EpisodeRefused("on", "programme.day_in_future", f"{said} has not come yet.")
    if item.on < episode.admitted_on or (episode.ended_on and item.on > episode.ended_on):
        raise EpisodeRefused("on", "programme.day_outside", f"{said} lies outside the episode.")
    if item.on in taken:
        raise EpisodeRefused(
            "on", "programme.day_twice", f"{said} is on file; a day of a programme counts once."
        )
    if item.minutes is not None and not 0 < item.minutes <= MOST_MINUTES:
        raise EpisodeRefused("minutes", "programme.minutes", f"{item.minutes} minutes are no part of a day.")


def _fill(episode: Episode, data: EpisodeInput) -> None:
    for name in (
        "attending", "location", "authorization", "program", "admitted_on", "admitted_clock",
        "admission_type", "admission_source", "plan_hours_week", "ended_on",
    ):  # fmt: skip
        setattr(episode, name, getattr(data, name))
    episode.end_status = data.end_status if data.ended_on else ""
    episode.diagnoses, episode.conditions = list(data.diagnoses), list(data.conditions)
