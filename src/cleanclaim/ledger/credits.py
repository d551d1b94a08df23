"""Credit balances: why money stands on the wrong side, and moving a patient's credit to another visit."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from cleanclaim.ledger.accounts import Account
from cleanclaim.ledger.entries import Entry, EntryKind, LedgerError, Leg, Source, make_entry
from cleanclaim.ledger.money_in_out import Allocation, OverAllocated


class CreditCause(StrEnum):
    """Why there is a credit, as far as the entries tell. A person may know better."""

    DUPLICATE_PAYMENT = "duplicate_payment"
    """The same party paid the same amount twice."""
    TWO_PAYERS = "two_payers"
    """Two payers paid for one service: coverage moved, or both paid first."""
    PAYER_OVERPAID = "payer_overpaid"
    PATIENT_OVERPAID = "patient_overpaid"
    SHARE_LOWERED = "share_lowered"
    """The patient paid a share that a payer lowered afterwards."""
    PREPAID = "prepaid"
    """Paid ahead, for visits that have no share yet."""
    UNKNOWN = "unknown"


CAUSE_WORDS: dict[CreditCause, str] = {
    CreditCause.DUPLICATE_PAYMENT: "Paid twice",
    CreditCause.TWO_PAYERS: "Two payers paid: coverage moved, or both paid first",
    CreditCause.PAYER_OVERPAID: "The payer paid more than was open",
    CreditCause.PATIENT_OVERPAID: "The patient paid more than the share",
    CreditCause.SHARE_LOWERED: "The share was lowered after the patient paid",
    CreditCause.PREPAID: "Paid ahead",
    CreditCause.UNKNOWN: "Not clear from the entries",
}


class PaymentSeen(msgspec.Struct, frozen=True):
    """One payment that stands. `by` is a payer's id, or "patient"; money taken back is negative."""

    by: str
    cents: int
    order: int = 0
    """Its place among all movements of the claim, in the order in which they were learned."""


PATIENT = "patient"


def payer_credit_cause(payments: Sequence[PaymentSeen]) -> CreditCause:
    """Why a claim's insurance receivable is below zero.

    Examples:
        >>> payer_credit_cause([PaymentSeen("p1", 9000), PaymentSeen("p1", 9000)])
        <CreditCause.DUPLICATE_PAYMENT: 'duplicate_payment'>
    """
    paid = [one for one in payments if one.by != PATIENT]
    net: dict[str, int] = {}
    for one in paid:
        net[one.by] = net.get(one.by, 0) + one.cents
    standing = {payer for payer, cents in net.items() if cents > 0}
    if not standing:
        return CreditCause.UNKNOWN
    if any(_twice([one.cents for one in paid if one.by == payer]) for payer in standing):
        return CreditCause.DUPLICATE_PAYMENT
    return CreditCause.TWO_PAYERS if len(standing) > 1 else CreditCause.PAYER_OVERPAID


def _twice(amounts: Sequence[int]) -> bool:
    """Whether an amount stands twice, what was taken back subtracted."""
    return any(amounts.count(cents) - amounts.count(-cents) > 1 for cents in amounts if cents > 0)


def patient_credit_cause(payments: Sequence[PaymentSeen], lowered_at: Sequence[int] = ()) -> CreditCause:
    """Why a claim's patient receivable is below zero.

    Args:
        lowered_at: Places at which a payer (or a person) lowered the share.
    """
    own = [one for one in payments if one.by == PATIENT]
    if not own:
        return CreditCause.UNKNOWN
    first = min(one.order for one in own)
    if any(place > first for place in lowered_at):
        return CreditCause.SHARE_LOWERED
    if _twice([one.cents for one in own]):
        return CreditCause.DUPLICATE_PAYMENT
    return CreditCause.PATIENT_OVERPAID


def move_credit_entry(
    source: Source,
    *,
    idempotency_key: str,
    patient_id: str,
    from_claim_id: str,
    available_cents: int,
    allocations: Sequence[Allocation],
    id: str = "",
) -> Entry:
    """Move a patient's credit on one visit to visits of the same patient that have a share open.

    Args:
        available_cents: The credit on the visit, read under the lock that guards it.

    Raises:
        OverAllocated: More than the credit.
        LedgerError: An amount is not positive, or the visit would pay itself.
    """
    if any(one.amount_cents <= 0 for one in allocations):
        raise LedgerError("an allocation has a positive amount")
    if any(one.claim_id == from_claim_id for one in allocations):
        raise LedgerError("a credit is moved to another visit")
    total = sum(one.amount_cents for one in allocations)
    if total > available_cents:
        raise OverAllocated(f"{total} cents moved of {available_cents} available")
    legs = [Leg(Account.PATIENT_RECEIVABLE, total, from_claim_id, patient_id=patient_id)]
    legs += [
        Leg(Account.PATIENT_RECEIVABLE, -one.amount_cents, one.claim_id, patient_id=patient_id)
        for one in allocations
    ]
    return make_entry(EntryKind.APPLY_CREDIT, legs, source, idempotency_key, id=id)
