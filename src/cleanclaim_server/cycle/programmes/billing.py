"""The days of a statement period become one encounter, and with it one institutional claim."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec
from django.db import transaction

from cleanclaim.codesets.programmes import Programme, admission_codes, facilities, programmes
from cleanclaim.coding import SessionFacts
from cleanclaim_server.audit.recording import record
from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.cycle.intake.bills import BILL, SETTING, BillFacts, facility_of
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.cycle.intake.process import process_many
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.programmes.models import Episode, ProgrammeDay
from cleanclaim_server.work.models import WorkItem

CYCLES = {
    "1": "Whole episode, admission through discharge",
    "2": "First of several bills",
    "3": "Continuing bill",
    "4": "Last of several bills",
}


class BillRefused(ValueError):
    """A period cannot be billed, or a bill not say this; `code` is stable, `field` may name what."""

    def __init__(self, code: str, message: str, field: str = "") -> None:
        super().__init__(message)
        self.code, self.field = code, field


@dataclass(frozen=True)
class Period:
    """What a person asks to be billed. Without `cycle` and `patient_status` they follow from the episode."""

    first: date
    last: date
    cycle: str = ""
    patient_status: str = ""
    discharge_clock: str = ""


@dataclass(frozen=True)
class Left:
    """A day of the period that stays off the bill, and why."""

    on: date
    why: str


@dataclass(frozen=True)
class Outlook:
    """What billing a period would do."""

    days: tuple[ProgrammeDay, ...]
    left: tuple[Left, ...]
    cycle: str
    patient_status: str


def outlook(episode: Episode, period: Period) -> Outlook:
    """Which days a bill would carry, which stay off it, and its place among the bills of the episode.

    A day below what its code's definition wants is not a day of the programme, and unknown minutes are not
    taken for enough.
    """
    rows = list(ProgrammeDay.objects.filter(episode=episode).order_by("on"))
    inside = [day for day in rows if period.first <= day.on <= period.last and day.encounter_id is None]
    programme = programmes()[episode.program]
    left = [Left(day.on, why) for day in inside if (why := _too_short(day, programme))]
    off = {one.on for one in left}
    billed_before = any(day.encounter_id for day in rows if day.on < period.first)
    ended = episode.ended_on is not None and episode.ended_on <= period.last
    cycle = period.cycle or _cycle(billed_before, ended)
    status = period.patient_status or (episode.end_status if ended else "30")
    return Outlook(tuple(day for day in inside if day.on not in off), tuple(left), cycle, status)


def bill_period(
    episode: Episode, period: Period, *, now: datetime, today: date, actor_id: UUID | None = None
) -> tuple[Encounter, Outlook]:
    """Bill the days of a period: coded, charged, claim built and edited, as a session is.

    Works in the open transaction; two people at once do not bill a day twice.

    Returns:
        The encounter of the bill, and what was billed and left off.

    Raises:
        BillRefused: There is no day to bill, the type of bill is not known, no policy is in force or it
            changes within the period, the bill's place does not fit the patient's status, or coding or
            prices refuse. Nothing is kept then.
    """
    Episode.objects.select_for_update().get(pk=episode.pk, practice_id=episode.practice_id)
    plan = outlook(episode, period)
    if period.last < period.first:
        raise BillRefused("bill.dates", "The period ends before it begins.")
    if period.last > today:
        raise BillRefused("bill.future", "The period ends after today.")
    if not plan.days:
        why = f" {plan.left[0].why}" if plan.left else ""
        raise BillRefused("bill.no_days", f"No day of this period can be billed.{why}")
    check_place(plan.cycle, plan.patient_status)
    if period.first < episode.admitted_on:
        raise BillRefused("bill.before_admission", "The period begins before the admission.")
    masters = Masters(episode.practice)
    masters.load_patients({episode.patient_id})
    coverage = _coverage(episode, plan, masters)
    profile = masters.payer_of(coverage).profile if coverage else {}
    facility = facility_of(episode.practice.settings, profile)
    if facility not in facilities():
        raise BillRefused(
            "bill.facility_unknown",
            "The type of bill is not known. Set the kind of facility in the practice's settings, "
            "as its licence and contracts say.",
        )
    encounter = _encounter(episode, period, plan, coverage, facility)
    with transaction.atomic():
        process_many([(masters, [encounter])], now=now, today=today, actor_id=actor_id, new=True)
        if encounter.state != "charged":
            item = WorkItem.objects.get(practice_id=episode.practice_id, subject_id=encounter.pk)
            raise BillRefused("bill.refused", item.title)
    ProgrammeDay.objects.filter(pk__in=[day.pk for day in plan.days]).update(encounter=encounter)
    record(
        "programme.billed", "encounter", encounter.pk, practice_id=episode.practice_id, actor=actor_id,
        days=len(plan.days), left=len(plan.left),
    )  # fmt: skip
    return encounter, plan


def _too_short(day: ProgrammeDay, programme: Programme) -> str:
    wanted = programme.minutes_a_day
    if wanted is None:
        return ""
    if day.minutes is None:
        return f"{day.on:%-d %b}: how long it was is not known; a day of it is {wanted} minutes."
    if day.minutes < wanted:
        return f"{day.on:%-d %b}: {day.minutes} of the {wanted} minutes that a day of it is."
    return ""


def _cycle(billed_before: bool, ended: bool) -> str:
    if ended:
        return "4" if billed_before else "1"
    return "3" if billed_before else "2"


def check_place(cycle: str, patient_status: str) -> None:
    """See that a bill's place among the bills of its episode goes with how the patient stood at its end.

    Raises:
        BillRefused: It does not, or one of them is no code.
    """
    status = admission_codes("status").get(patient_status)
    if cycle not in CYCLES:
        raise BillRefused("bill.cycle", "Say which bill of the episode it is.", "cycle")
    if status is None:
        raise BillRefused(
            "bill.status", "Say how the patient stood at the end of the period.", "patient_status"
        )
    if cycle != "1" and status.is_still_a_patient is (cycle == "4"):
        raise BillRefused("bill.place", f"“{CYCLES[cycle]}” does not go with “{status.label}”.", "cycle")


def _coverage(episode: Episode, plan: Outlook, masters: Masters) -> Coverage | None:
    """The first policy in force on every day of the bill."""
    held = [masters.coverages_on(episode.patient_id, day.on) for day in plan.days]
    first = {rows[0].id if rows else None for rows in held}
    if len(first) > 1:
        changes = next(
            day.on for day, rows in zip(plan.days, held, strict=True)
            if (rows[0].id if rows else None) != (held[0][0].id if held[0] else None)
        )  # fmt: skip
        raise BillRefused(
            "bill.coverage_changes",
            f"The policy changes on {changes:%-d %b %Y}. Bill the days before it by themselves.",
        )
    return held[0][0] if held[0] else None


def _encounter(
    episode: Episode, period: Period, plan: Outlook, coverage: Coverage | None, facility: str
) -> Encounter:
    days = tuple(day.on for day in plan.days)
    facts = SessionFacts(
        dos=days[0], service=(episode.program,), setting=SETTING, credential="facility", payer_kind="",
        other_inputs=_other_inputs(episode),
    )  # fmt: skip
    bill = BillFacts(
        episode=episode.pk,
        facility=facility,
        statement_from=period.first,
        statement_to=period.last,
        days=days,
        cycle=plan.cycle,
        patient_status=plan.patient_status,
        discharge_clock=period.discharge_clock,
    )
    signed = [day.note_signed_at for day in plan.days]
    minutes = [day.minutes for day in plan.days if day.minutes is not None]
    return Encounter(
        practice_id=episode.practice_id,
        patient_id=episode.patient_id,
        coverage=coverage,
        rendering_provider=episode.attending,
        location=episode.location,
        authorization=episode.authorization,
        external_id=f"{episode.external_id[:36]}-{days[0]:%Y%m%d}-{plan.days[0].pk.hex[-8:]}",
        date_of_service=days[0],
        minutes=None if len(minutes) != len(days) or sum(minutes) > 32_000 else sum(minutes),
        service=episode.program,
        setting=SETTING,
        facts=msgspec.to_builtins(facts) | {BILL: msgspec.to_builtins(bill)},
        diagnoses=list(episode.diagnoses),
        note_reference=plan.days[0].note_reference,
        # The bill is signed when every day of it is.
        note_signed_at=None if None in signed else max(at for at in signed if at),
        source=plan.days[0].source,
    )


def _other_inputs(episode: Episode) -> dict[str, str]:
    told = {}
    if episode.conditions:
        told["condition_code"] = str(episode.conditions[0])
    if episode.plan_hours_week is not None:
        told["plan_hours_week"] = str(episode.plan_hours_week)
    return told
