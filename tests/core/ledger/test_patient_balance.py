"""What may be asked of a patient, and where a payment goes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanclaim.ledger import Allocation, LedgerError, OverAllocated
from cleanclaim.ledger.patient_balance import (
    HeldBecause,
    OpenShare,
    Share,
    StatementPolicy,
    TakenPayment,
    allocate,
    payment_keys,
    plan_statement,
    possible_doubles,
)

DAY, TODAY = date(2026, 3, 2), date(2026, 4, 1)
H = HeldBecause


def share(cents=2000, key="a", **more):
    return Share(key, cents, DAY, **more)


SHARES = [  # share, policy, held because, why
    (share(), None, None, "due, and nothing else is open"),
    (share(insurance_cents=100), None, H.INSURANCE_PENDING, "another line is with the payer"),
    (share(insurance_cents=100), StatementPolicy(hold_while_insurance_pending=False), None, "the practice sends all the same"),
    (share(insurance_cents=100, denied_open_cents=100), None, H.DENIAL_OPEN, "a denial is open"),
    (share(insurance_cents=100, denied_open_cents=100), StatementPolicy(hold_while_denial_open=False), None, "the practice sends beside a denial"),
    (share(insurance_cents=200, denied_open_cents=100), StatementPolicy(hold_while_denial_open=False), H.INSURANCE_PENDING, "more is open than the denial"),
    (share(awaits_next_payer=True), None, H.NEXT_PAYER, "the secondary has not answered"),
    (share(never_bill_patient=True), StatementPolicy(False, False), H.NEVER_BILL, "no setting can bill a QMB patient"),
    (share(law_unchecked_cents=2000), None, H.LAW_UNCHECKED, "a balance bill nobody has checked"),
    (share(due_since=date(2026, 3, 25)), StatementPolicy(days_after_due=10), H.TOO_FRESH, "due for a week"),
    (share(due_since=date(2026, 3, 20)), StatementPolicy(days_after_due=10), None, "due for longer"),
    (share(99), None, H.TOO_SMALL, "below a dollar"),
    (share(insurance_cents=-100), None, None, "a payer's credit is not the patient's matter"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "policy", "because", "why"), SHARES)
def test_when_a_share_may_be_asked_for(one, policy, because, why):
    found = plan_statement([one], today=TODAY, policy=policy)
    assert [held.because for held in found.held] == ([because] if because else []), why
    assert found.total_cents == (0 if because else one.patient_cents)
    assert bool(found.lines) is (because is None)


def test_credits_lower_what_is_asked_for():
    found = plan_statement([share(2000), share(-500, "b")], today=TODAY, unapplied_credit_cents=300)
    assert (found.credit_cents, found.total_cents) == (800, 1200)
    covered = plan_statement([share(700), share(-500, "b")], today=TODAY, unapplied_credit_cents=300)
    assert (covered.lines, covered.total_cents) == ((), 0)


OPEN = [
    OpenShare("new", 3000, date(2026, 2, 1)),
    OpenShare("old", 2000, date(2026, 1, 1)),
    OpenShare("credit", -50, date(2025, 1, 1)),
]
ALLOCATED = [  # amount, chosen, allocations, left, why
    (1500, None, [("old", 1500)], 0, "the oldest first"),
    (4500, None, [("old", 2000), ("new", 2500)], 0, "then the next"),
    (9000, None, [("old", 2000), ("new", 3000)], 4000, "the rest is a credit"),
    (1500, [Allocation(1000, "new")], [("new", 1000)], 500, "as chosen, the rest a credit"),
    (1500, [], [], 1500, "nothing chosen: a prepayment"),
]  # fmt: skip


@pytest.mark.parametrize(("amount", "chosen", "allocations", "left", "why"), ALLOCATED)
def test_where_a_payment_goes(amount, chosen, allocations, left, why):
    found = allocate(amount, OPEN, chosen=chosen)
    assert ([(one.claim_id, one.amount_cents) for one in found.allocations], found.unallocated_cents) == (
        allocations,
        left,
    ), why


REFUSED = [
    (1500, [Allocation(1600, "new")], OverAllocated, "more than the payment"),
    (5000, [Allocation(3001, "new")], OverAllocated, "more than the share"),
    (
        5000,
        [Allocation(2000, "new"), Allocation(1500, "new")],
        OverAllocated,
        "more than the share in two parts",
    ),
    (5000, [Allocation(100, "gone")], LedgerError, "no such share"),
    (5000, [Allocation(100, "credit")], LedgerError, "a credit takes no money"),
    (5000, [Allocation(0, "new")], LedgerError, "nothing"),
    (0, None, LedgerError, "no payment"),
]


@pytest.mark.parametrize(("amount", "chosen", "error", "why"), REFUSED)
def test_over_allocation_is_refused(amount, chosen, error, why):
    with pytest.raises(error):
        allocate(amount, OPEN, chosen=chosen)


@given(st.integers(1, 100_000), st.lists(st.integers(-5000, 40_000), max_size=8))
def test_allocation_is_exact_and_never_too_much(amount, balances):
    shares = [OpenShare(str(number), cents, DAY) for number, cents in enumerate(balances)]
    found = allocate(amount, shares)
    assert sum(one.amount_cents for one in found.allocations) + found.unallocated_cents == amount
    assert all(0 < one.amount_cents <= balances[int(one.claim_id)] for one in found.allocations)
    if found.unallocated_cents:
        assert sum(one.amount_cents for one in found.allocations) == sum(
            cents for cents in balances if cents > 0
        )


def test_equal_payments_of_a_day_are_kept_apart_and_a_doubled_press_is_one():
    cash = TakenPayment("p", DAY, 2000, "cash")
    assert len(set(payment_keys([cash, cash]))) == 2
    assert payment_keys([cash]) == payment_keys([cash, cash])[:1], "reading again gives the same keys"
    press = TakenPayment("p", DAY, 2000, "cash", entered_key="k1")
    assert len(set(payment_keys([press, press]))) == 1
    assert len(set(payment_keys([cash, TakenPayment("q", DAY, 2000, "cash")]))) == 2


def test_what_might_be_a_double_is_shown_and_never_merged():
    cash = TakenPayment("p", DAY, 2000, "cash")
    checks = [TakenPayment("p", DAY, 2000, "check", number) for number in ("1001", "1002")]
    assert possible_doubles([cash, cash, *checks]) == [(0, 1)]
