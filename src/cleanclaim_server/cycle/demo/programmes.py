"""An intensive outpatient programme in one practice of the demo: episodes paid, denied, with a second payer.

Admitted before the newest weeks begin, so that their bills leave with the first evening's files and are
answered while those weeks run; lately attended days wait to be billed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from cleanclaim.simulator.scenarios import Family, scenario_of
from cleanclaim_server.charges.models import ChargeRate
from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.cycle.demo.contracts import MISTAKES
from cleanclaim_server.cycle.handling import mend_claim
from cleanclaim_server.cycle.intake.bills import FACILITY_SETTING
from cleanclaim_server.cycle.programmes import (
    BillRefused,
    DayInput,
    EpisodeInput,
    Period,
    bill_input,
    bill_period,
    change_bill,
    open_episode,
    record_days,
)
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.identity.models import User
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Agency, Location, Practice, Provider
from cleanclaim_server.programmes.models import Episode

FACILITY = "76"
PROGRAM, CODE, PRICE_CENTS = "psychiatric IOP day", "S9480", 42_000
DIAGNOSES = ("F33.2", "F41.1")
MINUTES = 185
ONSET_DAYS = 24
ATTENDED = ("Process group", "Skills group", "Individual session")
PRESCRIBERS = ("MD", "PMHNP", "PhD", "PsyD")
WEEKS, DAYS_A_WEEK = 2, (0, 2, 4)


def start_programme(agency: Agency, biller: User, *, first: date) -> int:
    """Admit patients and bill two weeks of days before `first`. Returns how many bills were made.

    Which patients decides the demo's seed: two that are paid, one denied, one with a second payer, each
    by the scenario of its member number. Works in the open transaction.
    """
    practice = _practice(agency)
    if practice is None:
        return 0
    people = _people(practice, first)
    attending = _attending(practice)
    location = Location.objects.filter(practice=practice).order_by("-is_billing_address", "id").first()
    if not people or attending is None or location is None:
        return 0
    practice.settings = {**practice.settings, FACILITY_SETTING: FACILITY}
    practice.save(update_fields=["settings"])
    ChargeRate.objects.get_or_create(
        practice=practice,
        code=CODE,
        modifier="",
        starts_on=first.replace(month=1, day=1) - timedelta(days=366),
        defaults={"amount_cents": PRICE_CENTS},
    )
    begin = first - timedelta(days=first.weekday() + 7 * WEEKS)
    last, now = first - timedelta(days=1), _evening(first - timedelta(days=1))
    built = 0
    for number, patient in enumerate(people, start=1):
        episode = open_episode(
            practice,
            EpisodeInput(
                patient, attending, location, PROGRAM, begin, "3", "2", f"DEMO-IOP-{number}", DIAGNOSES,
                "0900", plan_hours_week=9,
            ),
            now=_evening(begin),
            actor_id=biller.pk,
        )  # fmt: skip
        attended = [begin + timedelta(days=7 * week + day) for week in range(WEEKS) for day in DAYS_A_WEEK]
        _attend(episode, attended, biller)
        try:
            bill, _ = bill_period(
                episode, Period(begin, attended[-1]), now=now, today=last, actor_id=biller.pk
            )
        except BillRefused:
            continue  # no policy in force on these days: the episode shows days that wait
        if not built:
            _say_more(bill, begin, biller, now, last)
        built += 1
    return built


def _say_more(bill: Encounter, begin: date, biller: User, now: datetime, today: date) -> None:
    """One bill says when the symptoms began (occurrence code 11): somebody asked before it left."""
    said = replace(bill_input(bill), occurrences=(("11", begin - timedelta(days=ONSET_DAYS)),))
    for claim in change_bill(bill, said, today=today, actor_id=biller.pk):
        mend_claim(claim.pk, claim.practice_id, actor_id=biller.pk, now=now, today=today)


def attend_lately(agency: Agency, biller: User, *, on: date) -> int:
    """Record the last week's days of everybody who is still in the programme; they wait to be billed."""
    count = 0
    days = [on - timedelta(days=back) for back in range(6, -1, -1)]
    for episode in Episode.objects.filter(practice__agency=agency, ended_on__isnull=True).order_by(
        "external_id"
    ):
        mine = [day for day in days if day.weekday() in DAYS_A_WEEK]
        _attend(episode, mine, biller, unsigned=mine[-1:] if count == 0 else [])
        count += len(mine)
    return count


def _attend(episode: Episode, days: list[date], biller: User, *, unsigned: list[date] | None = None) -> None:
    items = [
        DayInput(
            day, f"{episode.external_id}-{day:%Y%m%d}", MINUTES, ATTENDED,
            note_reference=f"note {episode.external_id} {day:%m%d}",
            note_signed_at=None if day in (unsigned or ()) else _evening(day), source="demo",
        )
        for day in days
    ]  # fmt: skip
    if items:
        record_days(episode, items, now=_evening(days[-1]), today=days[-1], actor_id=biller.pk)


def _practice(agency: Agency) -> Practice | None:
    """The first practice that bills as an organization."""
    return (
        Practice.objects.filter(agency=agency, is_person=False)
        .select_related("agency")
        .order_by("code")
        .first()
    )


def _attending(practice: Practice) -> Provider | None:
    people = Provider.objects.filter(practice=practice, is_active=True).order_by("npi")
    rank = {credential: place for place, credential in enumerate(PRESCRIBERS)}
    return min(people, key=lambda one: (rank.get(one.credential, len(rank)), one.npi), default=None)


def _people(practice: Practice, on: date) -> list[Patient]:
    """Patients of commercial payers, one for each thing that the demo shows, in the order of their charts."""
    policies: dict = {}
    rows = Coverage.objects.filter(practice=practice).select_related("plan__payer", "patient")
    for row in rows.order_by("patient__chart_number", "order"):
        if row.in_force_on(on - timedelta(days=21)) and row.in_force_on(on):
            policies.setdefault(row.patient_id, []).append(row)
    wanted = [
        lambda mine: len(mine) == 1 and _family(mine) is Family.PAID,
        lambda mine: len(mine) == 1 and _family(mine) is Family.PATIENT_SHARE,
        lambda mine: len(mine) == 1 and _family(mine) is Family.DENIED,
        lambda mine: len(mine) > 1 and _family(mine) in (Family.PAID, Family.PATIENT_SHARE),
    ]
    found: list[Patient] = []
    for fits in wanted:
        for mine in policies.values():
            # Payers with a contract: they agreed a price for the day.
            agreed = mine[0].plan.payer.payer_id in MISTAKES
            if agreed and mine[0].patient not in found and fits(mine):
                found.append(mine[0].patient)
                break
    return found


def _family(mine: list[Coverage]) -> Family:
    return scenario_of(mine[0].member_id).family


def _evening(day: date) -> datetime:
    return datetime.combine(day, time(21, 30), tzinfo=UTC)
