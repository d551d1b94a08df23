"""Entries of money that moves outside remittances: patients, refunds, the bank."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cleanclaim.ledger.accounts import Account
from cleanclaim.ledger.entries import Entry, EntryKind, LedgerError, Leg, Source, make_entry


class Allocation(msgspec.Struct, frozen=True, omit_defaults=True):
    """Part of a patient's payment, for one claim (and line)."""

    amount_cents: int
    claim_id: str
    claim_line_id: str | None = None
    encounter_id: str | None = None


class OverAllocated(LedgerError):
    """More is allocated than there is (L8)."""

    code = "ledger.over_allocated"


def _allocated(allocations: Sequence[Allocation], available_cents: int) -> int:
    if any(item.amount_cents <= 0 for item in allocations):
        raise LedgerError("an allocation has a positive amount")
    total = sum(item.amount_cents for item in allocations)
    if total > available_cents:
        raise OverAllocated(f"{total} cents allocated of {available_cents} available")
    return total


def _to_claims(allocations: Sequence[Allocation], patient_id: str) -> list[Leg]:
    return [
        Leg(
            Account.PATIENT_RECEIVABLE,
            -item.amount_cents,
            item.claim_id,
            item.claim_line_id,
            item.encounter_id,
            patient_id,
        )
        for item in allocations
    ]


def patient_payment_entry(
    source: Source,
    *,
    idempotency_key: str,
    patient_id: str,
    amount_cents: int,
    allocations: Sequence[Allocation] = (),
    id: str = "",
) -> Entry:
    """A patient pays. What is not allocated to claims stays as the patient's credit.

    Raises:
        OverAllocated: The allocations exceed the payment.
        LedgerError: An amount is not positive, or see `make_entry`.
    """
    if amount_cents <= 0:
        raise LedgerError("a payment has a positive amount; a refund is an entry of its own")
    rest = amount_cents - _allocated(allocations, amount_cents)
    legs = [
        Leg(Account.DEPOSIT_CLEARING, amount_cents, patient_id=patient_id),
        *_to_claims(allocations, patient_id),
        Leg(Account.PATIENT_CREDITS, -rest, patient_id=patient_id),
    ]
    return make_entry(EntryKind.PATIENT_PAYMENT, legs, source, idempotency_key, id=id)


def apply_credit_entry(
    source: Source,
    *,
    idempotency_key: str,
    patient_id: str,
    available_cents: int,
    allocations: Sequence[Allocation],
    id: str = "",
) -> Entry:
    """Apply a patient's credit to claims.

    Args:
        available_cents: The credit, read under the lock that guards it.

    Raises:
        OverAllocated: More than the credit.
    """
    total = _allocated(allocations, available_cents)
    legs = [
        Leg(Account.PATIENT_CREDITS, total, patient_id=patient_id),
        *_to_claims(allocations, patient_id),
    ]
    return make_entry(EntryKind.APPLY_CREDIT, legs, source, idempotency_key, id=id)


def patient_refund_entry(
    source: Source,
    *,
    idempotency_key: str,
    patient_id: str,
    amount_cents: int,
    available_cents: int,
    claim_id: str | None = None,
    id: str = "",
) -> Entry:
    """Send money back to a patient: from a claim's patient credit, else from unapplied credit.

    Raises:
        OverAllocated: More than there is.
        LedgerError: The amount is not positive.
    """
    if amount_cents <= 0:
        raise LedgerError("a refund has a positive amount")
    if amount_cents > available_cents:
        raise OverAllocated(f"{amount_cents} cents refunded of {available_cents} available")
    account = Account.PATIENT_RECEIVABLE if claim_id else Account.PATIENT_CREDITS
    legs = [
        Leg(account, amount_cents, claim_id, patient_id=patient_id),
        Leg(Account.DEPOSIT_CLEARING, -amount_cents, patient_id=patient_id),
    ]
    return make_entry(EntryKind.PATIENT_REFUND, legs, source, idempotency_key, id=id)


def payer_refund_entry(
    source: Source,
    *,
    idempotency_key: str,
    payer_id: str,
    amount_cents: int,
    claim_id: str | None = None,
    patient_id: str | None = None,
    id: str = "",
) -> Entry:
    """Send an overpayment back: for a claim with a payer credit, else against the recorded debt.

    The payer's later WO and 72 of the same amount net to nothing.
    """
    if amount_cents <= 0:
        raise LedgerError("a refund has a positive amount")
    if claim_id:
        first = Leg(
            Account.INSURANCE_RECEIVABLE, amount_cents, claim_id, patient_id=patient_id, payer_id=payer_id
        )
    else:
        first = Leg(Account.PAYER_DEBT, amount_cents, payer_id=payer_id)
    legs = [first, Leg(Account.DEPOSIT_CLEARING, -amount_cents, payer_id=payer_id)]
    return make_entry(EntryKind.PAYER_REFUND, legs, source, idempotency_key, id=id)


def bank_deposit_entry(
    source: Source, *, idempotency_key: str, amount_cents: int, fee_cents: int = 0, id: str = ""
) -> Entry:
    """A bank line is matched: deposit clearing becomes cash. Negative for money that left.

    Args:
        fee_cents: What a card processor kept: it leaves deposit clearing too, and is an expense.
    """
    legs = [
        Leg(Account.CASH, amount_cents),
        Leg(Account.CARD_FEES, fee_cents),
        Leg(Account.DEPOSIT_CLEARING, -amount_cents - fee_cents),
    ]
    return make_entry(EntryKind.BANK_DEPOSIT, legs, source, idempotency_key, id=id)
