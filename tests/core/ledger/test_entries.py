"""What constructors book, and what they refuse."""

from __future__ import annotations

import msgspec
import pytest

from cleanclaim.ledger import (
    CHART,
    Account,
    Allocation,
    ChargeLine,
    EntryKind,
    LedgerError,
    Leg,
    MisplacedLeg,
    OverAllocated,
    UnattributedEntry,
    UnbalancedEntry,
    WriteOffKind,
    apply_credit_entry,
    balances,
    bank_deposit_entry,
    charge_entry,
    make_entry,
    patient_payment_entry,
    patient_refund_entry,
    payer_refund_entry,
    reverse_entry,
    transfer_entry,
    write_off_entry,
)
from cleanclaim.ledger.claims import WRITE_OFF_ACCOUNTS


def test_every_account_is_on_the_chart():
    assert set(CHART) == set(Account)
    assert all(info.meaning and info.normal in (1, -1) for info in CHART.values())


def booked(entry):
    return {str(account): cents for account, cents in balances(entry.legs).items()}


def test_charge(by_person):
    lines = [ChargeLine(15000, "l1", "e1"), ChargeLine(2000, "l2", "e1")]
    entry = charge_entry(
        by_person, idempotency_key="c", claim_id="a", patient_id="p", lines=lines, payer_id="y"
    )
    assert booked(entry) == {"insurance_receivable": 17000, "patient_service_revenue": -17000}
    assert [leg.claim_line_id for leg in entry.legs] == ["l1", "l1", "l2", "l2"]
    own = charge_entry(
        by_person, idempotency_key="c", claim_id=None, patient_id="p", lines=lines, to_patient=True
    )
    assert booked(own) == {"patient_receivable": 17000, "patient_service_revenue": -17000}


@pytest.mark.parametrize("kind", list(WriteOffKind))
def test_write_off(kind, by_person):
    entry = write_off_entry(
        by_person, idempotency_key="w", kind=kind, amount_cents=500, claim_id="a", patient_id="p"
    )
    assert booked(entry) == {"insurance_receivable": -500, str(WRITE_OFF_ACCOUNTS[kind]): 500}


def test_transfer_both_ways(by_person):
    for cents in (500, -500):
        entry = transfer_entry(
            by_person, idempotency_key="t", amount_cents=cents, claim_id="a", patient_id="p"
        )
        assert booked(entry) == {"insurance_receivable": -cents, "patient_receivable": cents}


def test_patient_payment_leaves_the_rest_as_credit(by_person):
    entry = patient_payment_entry(
        by_person,
        idempotency_key="p",
        patient_id="p",
        amount_cents=5000,
        allocations=[Allocation(2000, "a"), Allocation(500, "b")],
    )
    assert booked(entry) == {"deposit_clearing": 5000, "patient_credits": -2500, "patient_receivable": -2500}
    more = apply_credit_entry(
        by_person,
        idempotency_key="q",
        patient_id="p",
        available_cents=2500,
        allocations=[Allocation(2500, "c")],
    )
    assert booked(more) == {"patient_credits": 2500, "patient_receivable": -2500}


def test_refunds_and_deposit(by_person):
    assert booked(
        patient_refund_entry(
            by_person, idempotency_key="r", patient_id="p", amount_cents=10, available_cents=10, claim_id="a"
        )
    ) == {"deposit_clearing": -10, "patient_receivable": 10}
    assert booked(
        patient_refund_entry(
            by_person, idempotency_key="r", patient_id="p", amount_cents=10, available_cents=10
        )
    ) == {"deposit_clearing": -10, "patient_credits": 10}
    assert booked(
        payer_refund_entry(by_person, idempotency_key="r", payer_id="y", amount_cents=10, claim_id="a")
    ) == {"deposit_clearing": -10, "insurance_receivable": 10}
    assert booked(payer_refund_entry(by_person, idempotency_key="r", payer_id="y", amount_cents=10)) == {
        "deposit_clearing": -10,
        "payer_debt": 10,
    }
    assert booked(bank_deposit_entry(by_person, idempotency_key="b", amount_cents=9000)) == {
        "cash": 9000,
        "deposit_clearing": -9000,
    }


REFUSED = [
    (lambda s: make_entry(EntryKind.TRANSFER, [Leg(Account.CASH, 1), Leg(Account.PAYER_DEBT, -2)], s, "k"), UnbalancedEntry, "legs do not sum to zero"),
    (lambda s: make_entry(EntryKind.TRANSFER, [Leg(Account.CASH, 0)], s, "k"), MisplacedLeg, "nothing moves"),
    (lambda s: make_entry(EntryKind.PROVIDER_ADJUSTMENT, [Leg(Account.CASH, 1), Leg(Account.INTEREST_INCOME, -1, "a")], s, "k"), MisplacedLeg, "interest belongs to no claim"),
    (lambda s: make_entry(EntryKind.PROVIDER_ADJUSTMENT, [Leg(Account.CASH, 1), Leg(Account.PAYER_DEBT, -1, patient_id="p")], s, "k"), MisplacedLeg, "a payer's debt is no patient's"),
    (lambda s: make_entry(EntryKind.TRANSFER, [Leg(Account.CASH, 1), Leg(Account.PAYER_DEBT, -1)], msgspec.structs.replace(s, reason=""), "k"), UnattributedEntry, "a person without a reason"),
    (lambda s: make_entry(EntryKind.TRANSFER, [Leg(Account.CASH, 1), Leg(Account.PAYER_DEBT, -1)], s, ""), LedgerError, "no idempotency key"),
    (lambda s: make_entry(EntryKind.TRANSFER, [Leg(Account.CASH, 1), Leg(Account.PAYER_DEBT, -1)], msgspec.structs.replace(s, practice_id=""), "k"), LedgerError, "no practice"),
    (lambda s: patient_payment_entry(s, idempotency_key="k", patient_id="p", amount_cents=100, allocations=[Allocation(101, "a")]), OverAllocated, "a cent too much"),
    (lambda s: patient_payment_entry(s, idempotency_key="k", patient_id="p", amount_cents=0), LedgerError, "nothing paid"),
    (lambda s: patient_payment_entry(s, idempotency_key="k", patient_id="p", amount_cents=100, allocations=[Allocation(-1, "a")]), LedgerError, "negative allocation"),
    (lambda s: apply_credit_entry(s, idempotency_key="k", patient_id="p", available_cents=99, allocations=[Allocation(100, "a")]), OverAllocated, "more than the credit"),
    (lambda s: patient_refund_entry(s, idempotency_key="k", patient_id="p", amount_cents=11, available_cents=10), OverAllocated, "more than the credit"),
    (lambda s: write_off_entry(s, idempotency_key="k", kind=WriteOffKind.OTHER, amount_cents=-1, claim_id="a", patient_id="p"), LedgerError, "negative write-off"),
    (lambda s: write_off_entry(s, idempotency_key="k", kind=WriteOffKind.OTHER, amount_cents=1, claim_id="a", patient_id="p", receivable=Account.CASH), LedgerError, "cash is no receivable"),
]  # fmt: skip


@pytest.mark.parametrize(("build", "error", "why"), REFUSED)
def test_refused(build, error, why, by_person):
    with pytest.raises(error):
        build(by_person)


def test_unbalanced_says_by_how_much(by_person):
    with pytest.raises(UnbalancedEntry) as refused:
        make_entry(EntryKind.TRANSFER, [Leg(Account.CASH, 5), Leg(Account.PAYER_DEBT, -2)], by_person, "k")
    assert refused.value.difference_cents == 3


def test_reversal_is_linked_opposite_and_made_once(by_person):
    entry = patient_payment_entry(
        by_person, idempotency_key="p", patient_id="p", amount_cents=5000, allocations=[Allocation(2000, "a")]
    )
    undo = reverse_entry(
        entry,
        happened_on=by_person.happened_on,
        learned_at=by_person.learned_at,
        actor="user-2",
        reason="wrong patient",
    )
    assert (undo.kind, undo.reverses, undo.idempotency_key) == (EntryKind.REVERSAL, entry.id, "p:reversal")
    assert balances([*entry.legs, *undo.legs]) == {}
    with pytest.raises(LedgerError):
        reverse_entry(
            undo, happened_on=by_person.happened_on, learned_at=by_person.learned_at, actor="u", reason="r"
        )


def test_equal_input_gives_equal_id_and_hash_other_input_another_hash(by_person):
    one = bank_deposit_entry(by_person, idempotency_key="b", amount_cents=1)
    same = bank_deposit_entry(by_person, idempotency_key="b", amount_cents=1)
    other = bank_deposit_entry(by_person, idempotency_key="b", amount_cents=2)
    assert (one.id, one.input_hash) == (same.id, same.input_hash)
    assert one.id == other.id and one.input_hash != other.input_hash
    assert bank_deposit_entry(by_person, idempotency_key="b", amount_cents=1, id="mine").id == "mine"
