"""What one bill says for itself: refused in words, kept, said on the claim and in the 837I."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from pyx12_judge import pyx12_errors

from cleanclaim.claim import decode_claim
from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.handling import mend_claim
from cleanclaim_server.cycle.programmes import BillInput, BillRefused, bill_input, change_bill

from .world import DAYS, NOW, TODAY

HERE = ("3", "30")
BEFORE = TODAY + timedelta(days=1)


@pytest.fixture
def claim(world):
    episode = world.episode(conditions=("92",))
    world.days(episode)
    return world.bill(episode)


def change(world, claim, *said, **more) -> list[Claim]:
    with world.inside():
        return change_bill(
            Claim.objects.get(pk=claim.pk).family.encounter, BillInput(*said, **more), today=TODAY,
            actor_id=uuid4(),
        )  # fmt: skip


REFUSED = [  # code, field, place and status, what else, why the row is here
    ("bill.cycle", "cycle", ("9", "30"), {}, "no such place"),
    ("bill.status", "patient_status", ("2", ""), {}, "status missing"),
    ("bill.place", "cycle", ("4", "30"), {}, "the last bill of somebody who stays"),
    ("bill.clock", "discharge_clock", ("1", "01"), {"discharge_clock": "4 pm"}, "no hour"),
    ("bill.clock", "discharge_clock", HERE, {"discharge_clock": "1600"}, "an hour of who stays"),
    ("bill.code", "conditions", HERE, {"conditions": ("4",)}, "one character"),
    ("bill.code_twice", "conditions", HERE, {"conditions": ("41", "41")}, "twice"),
    ("bill.code_of_episode", "conditions", HERE, {"conditions": ("92",)}, "the episode says it"),
    ("bill.too_many", "conditions", HERE, {"conditions": tuple(f"A{n:X}" for n in range(11))}, "12 in all"),
    ("bill.code", "occurrences", HERE, {"occurrences": (("111", DAYS[0]),)}, "three characters"),
    ("bill.code_twice", "occurrences", HERE, {"occurrences": (("11", DAYS[0]),) * 2}, "the same day twice"),
    ("bill.occurrence_day", "occurrences", HERE, {"occurrences": (("11", BEFORE),)}, "tomorrow"),
    (
        "bill.too_many", "occurrences", HERE,
        {"occurrences": tuple((f"A{n}", DAYS[0]) for n in range(9))}, "nine",
    ),
    ("bill.code", "values", HERE, {"values": (("8o", 500),)}, "a small letter"),
    ("bill.code_twice", "values", HERE, {"values": (("80", 500), ("80", 600))}, "two amounts"),
    ("bill.value_amount", "values", HERE, {"values": (("80", 0),)}, "nothing"),
    ("bill.value_amount", "values", HERE, {"values": (("80", 1_000_000_000),)}, "too much to send"),
    ("bill.value_by_itself", "values", HERE, {"values": (("44", 500),)}, "the writer says it"),
    ("bill.too_many", "values", HERE, {"values": tuple((f"B{n:X}", 5) for n in range(13))}, "thirteen"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "field", "place", "more", "why"), REFUSED)
def test_what_does_not_fit_is_refused_and_changes_nothing(world, claim, code, field, place, more, why):
    before = bill_input(claim.family.encounter)
    with pytest.raises(BillRefused) as refused:
        change(world, claim, *place, **more)
    assert (refused.value.code, refused.value.field) == (code, field), why
    with world.inside():
        assert bill_input(Claim.objects.get(pk=claim.pk).family.encounter) == before
        assert not AuditRow.objects.filter(action="programme.bill_changed").exists()


def test_a_change_is_kept_with_its_trace_built_anew_and_sent(world, claim):
    assert claim.bill_type == "0132"
    said = {
        "conditions": ("41",),
        "occurrences": (("11", date(2026, 10, 1)), ("11", date(2026, 10, 2))),
        "values": (("80", 300), ("A1", 12_345)),
    }
    (same,) = change(world, claim, *HERE, **said)
    with world.inside():
        assert bill_input(same.family.encounter) == BillInput(*HERE, **said)
        assert AuditRow.objects.get(action="programme.bill_changed").practice_id == world.practice.pk
        mend_claim(same.pk, same.practice_id, actor_id=uuid4(), now=NOW, today=TODAY)
    claim = Claim.objects.get(pk=claim.pk)
    bill = decode_claim(bytes(claim.frozen)).bill
    assert (claim.bill_type, bill.cycle, bill.conditions) == ("0133", "3", ("92", "41"))
    assert (bill.occurrences, bill.values) == (said["occurrences"], said["values"])
    (data,) = world.send()
    for part in (b"HI*BH:11:D8:20261001*BH:11:D8:20261002", b"BE:80:::3*BE:A1:::123.45", b"BG:92*BG:41"):
        assert part in data, data
    assert b"*13:A:3*" in data and pyx12_errors(data) == []


def test_a_claim_that_has_left_stays_as_it_was_sent(world, claim):
    world.send()
    before = bytes(Claim.objects.get(pk=claim.pk).frozen)
    change(world, claim, *HERE, conditions=("41",))
    assert bytes(Claim.objects.get(pk=claim.pk).frozen) == before
