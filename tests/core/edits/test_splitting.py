"""Claims cut where a claim is full: nothing lost, nothing twice, pointers still right."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cleanclaim.claim import Frequency, ServiceLine
from cleanclaim.edits.splitting import CannotSplit, fits, split_claim

DAY = date(2026, 11, 2)


def line(number, pointers=(1,), day=DAY, charge=100):
    return ServiceLine(
        number=number,
        control_number=f"L{number}",
        code="90837",
        date_of_service=day,
        charge_cents=charge,
        diagnosis_pointers=pointers,
    )


def claim_of(good, lines, diagnoses=("F41.1",), **changes):
    return replace(
        good,
        lines=tuple(lines),
        diagnoses=tuple(diagnoses),
        total_charge_cents=sum(one.charge_cents for one in lines),
        **changes,
    )


def weekly(count):
    return [line(number, day=DAY + timedelta(days=number)) for number in range(1, count + 1)]


SIZES = [  # lines, paper, lines of the parts, why
    (50, False, [50], "fits"),
    (51, False, [50, 1], "one too many"),
    (120, False, [50, 50, 20], "three parts"),
    (6, True, [6], "fits on paper"),
    (7, True, [6, 1], "one too many on paper"),
]


@pytest.mark.parametrize(("count", "paper", "sizes", "why"), SIZES)
def test_sizes(count, paper, sizes, why, good_claim):
    claim = claim_of(good_claim, weekly(count))
    parts = split_claim(claim, (f"N{n}" for n in range(9)), paper=paper)
    assert [len(part.lines) for part in parts] == sizes, why
    assert all(fits(part, paper=paper) for part in parts)
    assert parts[0].claim_number == claim.claim_number


def test_a_day_stays_together(good_claim):
    lines = [*weekly(49), *(line(50 + n, day=DAY + timedelta(days=90)) for n in range(3))]
    first, second = split_claim(claim_of(good_claim, lines), ["N1"])
    assert (len(first.lines), len(second.lines)) == (49, 3)


def test_diagnoses_follow_their_lines(good_claim):
    diagnoses = [f"F{number}.9" for number in range(20, 34)]
    lines = [line(n, pointers=(n,), day=DAY + timedelta(days=n)) for n in range(1, 15)]
    first, second = split_claim(claim_of(good_claim, lines, diagnoses), ["N1"])
    assert first.diagnoses == tuple(diagnoses[:12])
    assert second.diagnoses == tuple(diagnoses[12:])
    assert [one.diagnosis_pointers for one in second.lines] == [(1,), (2,)]
    assert [one.number for one in second.lines] == [1, 2]


def test_what_the_patient_paid_is_shared_out(good_claim):
    claim = claim_of(good_claim, weekly(60), patient_paid_cents=5500)
    first, second = split_claim(claim, ["N1"])
    assert (first.patient_paid_cents, second.patient_paid_cents) == (5000, 500)


REFUSALS = [
    ({"frequency": Frequency.REPLACEMENT, "payer_control_number": "P"}, ["N1"], "only an original"),
    ({}, [], "need 1 further"),
]


@pytest.mark.parametrize(("changes", "numbers", "why"), REFUSALS)
def test_refusals(changes, numbers, why, good_claim):
    with pytest.raises(CannotSplit, match=why):
        split_claim(claim_of(good_claim, weekly(51), **changes), numbers)


@settings(max_examples=60, deadline=None)
@given(
    days=st.lists(st.integers(0, 30), min_size=1, max_size=140),
    diagnoses=st.integers(1, 12),
    paper=st.booleans(),
)
def test_nothing_is_lost(days, diagnoses, paper, good_claim):
    lines = [
        line(n, pointers=(1 + n % diagnoses,), day=DAY + timedelta(days=day), charge=n)
        for n, day in enumerate(sorted(days), start=1)
    ]
    claim = claim_of(good_claim, lines, [f"F{20 + n}.9" for n in range(diagnoses)])
    parts = split_claim(claim, (f"N{n}" for n in range(200)), paper=paper)
    assert all(fits(part, paper=paper) for part in parts)
    assert [one.control_number for part in parts for one in part.lines] == [
        one.control_number for one in lines
    ]
    assert sum(part.total_charge_cents for part in parts) == claim.total_charge_cents
    pointed = [
        part.diagnoses[pointer - 1]
        for part in parts
        for one in part.lines
        for pointer in one.diagnosis_pointers
    ]
    assert pointed == [claim.diagnoses[pointer - 1] for one in lines for pointer in one.diagnosis_pointers]
