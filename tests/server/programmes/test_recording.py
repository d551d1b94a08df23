"""What is refused when episodes, days and bills are put on file, and what a bill leaves off."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim_server.charges.models import Charge, ChargeRate
from cleanclaim_server.claims.models import Claim, ClaimNumber
from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.cycle.programmes import (
    BillInput,
    BillRefused,
    DayInput,
    EpisodeInput,
    EpisodeRefused,
    Period,
    bill_period,
    change_bill,
    change_episode,
    outlook,
    record_days,
    remove_day,
)
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.programmes.models import Episode, ProgrammeDay
from cleanclaim_server.work.models import WorkItem

from .world import DAYS, NOW, PHP, SUD, TODAY

EPISODES = {
    "episode.program_unknown": {"program": "day spa"},
    "episode.code_unknown": {"admission_type": "7"},
    "episode.clock": {"admitted_clock": "9 am"},
    "episode.no_diagnosis": {"diagnoses": ()},
    "episode.condition": {"conditions": ("092",)},
    "episode.ends_before": {"ended_on": date(2026, 10, 11), "end_status": "01"},
    "episode.end_status": {"ended_on": date(2026, 10, 16), "end_status": "30"},
}


@pytest.mark.parametrize("code", EPISODES)
def test_an_episode_that_does_not_fit_is_refused(world, code):
    with pytest.raises(EpisodeRefused) as refused:
        world.episode(**EPISODES[code])
    assert refused.value.code == code and not Episode.objects.exists()


def test_a_key_is_an_episode_once(world):
    world.episode()
    with pytest.raises(EpisodeRefused) as refused:
        world.episode()
    assert refused.value.code == "episode.key_taken"


#         day, minutes, code
DAYS_REFUSED = [
    (date(2026, 10, 20), 180, "programme.day_in_future"),
    (date(2026, 10, 11), 180, "programme.day_outside"),
    (DAYS[0], 180, "programme.day_twice"),
    (date(2026, 10, 13), 0, "programme.minutes"),
    (date(2026, 10, 13), 1441, "programme.minutes"),
]


@pytest.mark.parametrize(("on", "minutes", "code"), DAYS_REFUSED)
def test_a_day_that_does_not_fit_is_refused_and_nothing_of_its_file_is_kept(world, on, minutes, code):
    episode = world.episode()
    world.days(episode, DAYS[0])
    items = [DayInput(DAYS[1], "K1", 180), DayInput(on, "K2", minutes)]
    with world.inside(), pytest.raises(EpisodeRefused) as refused:
        record_days(episode, items, now=NOW, today=TODAY, actor_id=None)
    assert refused.value.code == code and ProgrammeDay.objects.count() == 1


def test_the_same_key_twice_is_the_same_day(world):
    episode = world.episode()
    world.days(episode)
    with world.inside():
        again = record_days(episode, [DayInput(DAYS[0], "E1-1012", 180)], now=NOW, today=TODAY, actor_id=None)
    assert (again.repeated, again.days, ProgrammeDay.objects.count()) == (1, [], 3)


def test_a_billed_day_no_longer_changes(world):
    episode = world.episode()
    world.days(episode)
    world.bill(episode)
    day = ProgrammeDay.objects.first()
    with world.inside(), pytest.raises(EpisodeRefused) as refused:
        remove_day(episode, day.pk, actor_id=None)
    assert refused.value.code == "programme.day_billed"


def _no_settings(world):
    world.practice.settings = {}
    world.practice.save()


def _no_contract(world):
    world.payer.profile = {}
    world.payer.save()


def _no_coverage(world):
    Coverage.objects.all().delete()


def _changes(world):
    Coverage.objects.update(ends_on=DAYS[1])


def _no_price(world):
    ChargeRate.objects.all().delete()


def _medicare(world):
    world.payer.kind = "medicare"
    world.payer.save()


#      code, what was done before, programme, period
BILLS = [
    ("bill.facility_unknown", _no_settings, "", {}),
    ("bill.refused", _no_contract, PHP, {}),
    ("bill.refused", _no_coverage, "", {}),
    ("bill.refused", _no_price, "", {}),
    ("bill.refused", _medicare, "", {}),
    ("bill.coverage_changes", _changes, "", {}),
    ("bill.no_days", None, "", {"first": date(2026, 10, 13), "last": date(2026, 10, 13)}),
    ("bill.dates", None, "", {"first": DAYS[2], "last": DAYS[0]}),
    ("bill.future", None, "", {"last": date(2026, 10, 20)}),
    ("bill.before_admission", None, "", {"first": date(2026, 10, 11)}),
    ("bill.place", None, "", {"cycle": "4", "patient_status": "30"}),
    ("bill.place", None, "", {"cycle": "2", "patient_status": "01"}),
    ("bill.status", None, "", {"patient_status": "99"}),
]


@pytest.mark.parametrize(("code", "before", "program", "period"), BILLS)
def test_a_bill_that_cannot_be_is_refused_and_nothing_is_kept(world, code, before, program, period):
    with world.inside():
        if before:
            before(world)
    episode = world.episode(program) if program else world.episode()
    world.days(episode)
    asked = Period(**{"first": DAYS[0], "last": DAYS[-1], **period})
    with pytest.raises(BillRefused) as refused, world.inside():
        bill_period(Episode.objects.select_related("practice").get(), asked, now=NOW, today=TODAY)
    assert refused.value.code == code and str(refused.value)
    for model in (Encounter, Claim, Charge, Entry, WorkItem, ClaimNumber):
        assert not model.objects.exists(), model
    assert ProgrammeDay.objects.filter(encounter__isnull=True).count() == 3


def test_the_payers_contract_names_another_kind_of_facility(world):
    with world.inside():
        world.payer.profile = {"bill_facility": "76"}
        world.payer.save()
    episode = world.episode()
    world.days(episode)
    assert world.bill(episode).bill_type == "0762"


#     minutes, billed: a SUD day is three hours by the definition of its code
@pytest.mark.parametrize(("minutes", "billed"), [(180, 3), (179, 0), (None, 0)])
def test_a_day_below_its_definition_stays_off_the_bill(world, minutes, billed):
    episode = world.episode(SUD, diagnoses=("F11.20",))
    world.days(episode, minutes=minutes)
    with world.inside():
        plan = outlook(episode, Period(DAYS[0], DAYS[-1]))
    assert len(plan.days) == billed and len(plan.left) == 3 - billed
    assert all("180" in one.why for one in plan.left)


def test_the_place_of_a_bill_among_the_bills_follows_from_the_episode(world):
    """First, then continuing, then the last with how the episode ended; one bill of all is a whole one."""
    episode = world.episode()
    world.days(episode)
    asked = [
        Period(DAYS[0], DAYS[0]),
        Period(date(2026, 10, 13), DAYS[1]),
        Period(date(2026, 10, 15), DAYS[2]),
    ]
    with world.inside():
        whole = outlook(episode, Period(DAYS[0], DAYS[-1]))
    assert (whole.cycle, whole.patient_status) == ("2", "30")
    first = world.bill(episode, asked[0].first, asked[0].last)
    middle = world.bill(episode, asked[1].first, asked[1].last)
    with world.inside():
        data = EpisodeInput(
            world.patient, world.provider, world.location, episode.program, DAYS[0], "3", "1", "E1",
            ("F33.2",), "0900", ended_on=DAYS[2], end_status="01",
        )  # fmt: skip
        change_episode(episode, data, actor_id=None)
    last = world.bill(episode, asked[2].first, asked[2].last)
    assert [one.bill_type for one in (first, middle, last)] == ["0132", "0133", "0134"]
    assert [one.lifecycle for one in (first, middle, last)] == ["ready"] * 3
    with world.inside(), pytest.raises(BillRefused):
        change_bill(last.family.encounter, BillInput("3", "01"), today=TODAY, actor_id=world.patient.pk)


def test_an_ended_episode_billed_at_once_is_a_whole_bill(world):
    episode = world.episode(ended_on=DAYS[2], end_status="01")
    world.days(episode)
    assert world.bill(episode).bill_type == "0131"


def test_unsigned_days_hold_the_bill_until_it_is_signed(world):
    episode = world.episode()
    world.days(episode, *DAYS[:2])
    world.days(episode, DAYS[2], signed=False)
    claim = world.bill(episode)
    assert claim.lifecycle == "held" and claim.holds.get().cause == "unsigned_note"


def test_days_billed_before_are_not_billed_again(world):
    episode = world.episode()
    world.days(episode)
    world.bill(episode)
    with world.inside(), pytest.raises(BillRefused) as refused:
        bill_period(episode, Period(DAYS[0], DAYS[-1]), now=NOW, today=TODAY)
    assert refused.value.code == "bill.no_days"


def test_an_episode_keeps_its_days(world):
    """Dates and programme of an episode do not leave its days outside."""
    episode = world.episode()
    world.days(episode)
    base = (world.patient, world.provider, world.location)
    tries = {
        "episode.day_before_admission": (episode.program, date(2026, 10, 13), {}),
        "episode.day_after_end": (episode.program, DAYS[0], {"ended_on": DAYS[1], "end_status": "01"}),
    }
    for code, (program, admitted, more) in tries.items():
        data = EpisodeInput(*base, program, admitted, "3", "1", "E1", ("F33.2",), **more)
        with world.inside(), pytest.raises(EpisodeRefused) as refused:
            change_episode(episode, data, actor_id=None)
        assert refused.value.code == code
    world.bill(episode)
    data = EpisodeInput(*base, PHP, DAYS[0], "3", "1", "E1", ("F33.2",))
    with world.inside(), pytest.raises(EpisodeRefused) as refused:
        change_episode(episode, data, actor_id=None)
    assert refused.value.code == "episode.program_billed"
