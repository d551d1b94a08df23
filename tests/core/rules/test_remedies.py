"""What a late payer owes, to the cent."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanclaim.money import usd
from cleanclaim.rules import (
    Remedy,
    RemedyNotComputable,
    Tier,
    deadline,
    late_payment,
    load_rule_book,
    simple_interest,
)

with (Path(__file__).parent / "late_payment_cases.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case['state']}" for n, case in enumerate(CASES, 2)])
def test_case(case):
    due = deadline(
        "prompt_pay",
        payer_kind="insured_plan",
        state=case["state"],
        medium=case["medium"],
        on=date.fromisoformat(case["received"]),
        rules=load_rule_book(),
    )
    owed = late_payment(
        due.remedy,
        amount_cents=usd(case["amount"]),
        due=due.day,
        paid_on=date.fromisoformat(case["paid"]),
        billed_cents=usd(case["billed"]) if case["billed"] else None,
    )
    assert owed.amount_cents == usd(case["owed"]), case["why"]
    assert owed.days_late == int(case["days_late"]), case["why"]
    assert owed.enforceable == (case["enforceable"] == "yes"), case["why"]


MEDICARE = [  # received, paid, amount, owed, days late, why
    ("2025-01-02", "2025-02-01", "138.00", "0.00", 0, "paid on day 30"),
    ("2025-01-02", "2025-03-03", "138.00", "0.52", 30, "4.625 percent: 138 x 0.04625 x 30 / 365 = 0.5246"),
    (
        "2022-05-02",
        "2022-06-30",
        "500.00",
        "0.65",
        29,
        "1.625 percent on the last day of its half year: 0.6455",
    ),
    (
        "2022-05-02",
        "2022-07-01",
        "500.00",
        "1.64",
        30,
        "4 percent for all 30 days: the day of payment decides",
    ),
    (
        "2024-11-01",
        "2025-01-02",
        "1000.00",
        "4.05",
        32,
        "4.625 percent, not the 4.875 of the day it fell due",
    ),
]


@pytest.mark.parametrize(("received", "paid", "amount", "owed", "days", "why"), MEDICARE)
def test_medicare_pays_the_rate_of_the_day_of_payment(received, paid, amount, owed, days, why):
    due = deadline(
        "prompt_pay", payer_kind="medicare", on=date.fromisoformat(received), rules=load_rule_book()
    )
    found = late_payment(due.remedy, amount_cents=usd(amount), due=due.day, paid_on=date.fromisoformat(paid))
    assert (found.amount_cents, found.days_late, found.enforceable) == (usd(owed), days, True), why


SECOND_HAND = [  # day of payment, interest on 10,000.00 paid 100 days late
    (date(2025, 6, 30), "126.71", True),
    (date(2025, 7, 1), "126.71", False),
    (date(2025, 12, 31), "126.71", False),
    (date(2026, 1, 1), "113.01", False),
    (date(2026, 6, 30), "113.01", False),
    (date(2026, 7, 1), "130.14", False),
    (date(2026, 12, 31), "130.14", False),
]


@pytest.mark.parametrize(("paid", "owed", "enforceable"), SECOND_HAND)
def test_a_rate_known_at_second_hand_is_asked_for_and_not_demanded(paid, owed, enforceable):
    remedy = load_rule_book().find("federal.medicare.prompt_pay.clean_claim_any").values[0].remedy
    found = late_payment(remedy, amount_cents=1_000_000, due=paid - timedelta(days=100), paid_on=paid)
    assert (found.amount_cents, found.enforceable) == (usd(owed), enforceable)
    assert ("ask, do not demand" in found.steps[-1]) is not enforceable


def test_a_rate_that_nobody_read_is_refused():
    due = deadline("prompt_pay", payer_kind="medicare", on=date(2026, 12, 1), rules=load_rule_book())
    with pytest.raises(RemedyNotComputable, match=r"no rate was read for a payment on 2027-01-05.*fiscal"):
        late_payment(due.remedy, amount_cents=13800, due=due.day, paid_on=date(2027, 1, 5))
    assert late_payment(due.remedy, amount_cents=13800, due=due.day, paid_on=due.day).amount_cents == 0


def test_interest_itself_is_due():
    remedy = Remedy("interest", "9", minimum_cents=100, payable_within_days=30)
    owed = late_payment(remedy, amount_cents=100000, due=date(2026, 4, 1), paid_on=date(2026, 5, 1))
    assert owed.due_by == date(2026, 5, 31)
    assert owed.steps[-1] == "The interest itself is due by 2026-05-31."


def test_a_remedy_without_a_sum_is_refused():
    due = deadline(
        "prompt_pay", payer_kind="insured_plan", state="DE", on=date(2026, 3, 2), rules=load_rule_book()
    )
    with pytest.raises(RemedyNotComputable, match="regulator order"):
        late_payment(due.remedy, amount_cents=10000, due=due.day, paid_on=date(2026, 6, 1))


def test_penalty_needs_the_charge():
    remedy = Remedy("tiered_penalty", tiers=(Tier(1, "50"),))
    with pytest.raises(ValueError, match="billed_cents"):
        late_payment(remedy, amount_cents=1, due=date(2026, 1, 1), paid_on=date(2026, 1, 2))


def test_negative_amounts_are_refused():
    with pytest.raises(ValueError, match="negative"):
        late_payment(Remedy("interest", "9"), amount_cents=-1, due=date(2026, 1, 1), paid_on=date(2026, 1, 2))


@given(
    amount=st.integers(0, 10**9),
    rate=st.sampled_from(["6", "9", "10", "12", "15", "18"]),
    days=st.integers(0, 4000),
)
def test_interest_is_the_nearest_cent(amount, rate, days):
    exact = Decimal(amount) * Decimal(rate) * days / 36500
    assert abs(simple_interest(amount, rate, days) - exact) <= Decimal("0.5")
