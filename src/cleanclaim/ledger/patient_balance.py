"""A patient's balance that can be believed: when a statement may leave, and where payments go.

A share can be due long before a statement may ask for it: another line of the claim may still be with the
payer, a denial may be open, the law may forbid it. `BILL_PATIENT` says the first, this module the second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from cleanclaim.ledger.entries import LedgerError
from cleanclaim.ledger.money_in_out import Allocation, OverAllocated


class HeldBecause(StrEnum):
    """Why a share is not on the statement."""

    INSURANCE_PENDING = "insurance_pending"
    DENIAL_OPEN = "denial_open"
    NEXT_PAYER = "next_payer"
    """Another payer is still to be asked."""
    NEVER_BILL = "never_bill"
    """Medicaid or QMB: nothing may be asked of the patient."""
    LAW_UNCHECKED = "law_unchecked"
    """A balance bill out of network that nobody has checked."""
    TOO_FRESH = "too_fresh"
    TOO_SMALL = "too_small"


class StatementPolicy(msgspec.Struct, frozen=True):
    """A practice's choice. The defaults ask for nothing that may still change."""

    hold_while_insurance_pending: bool = True
    hold_while_denial_open: bool = True
    days_after_due: int = 0
    """Days between a share becoming due and its first statement."""
    least_cents: int = 100
    """A statement below this in total is not sent."""


class Share(msgspec.Struct, frozen=True, omit_defaults=True):
    """What stands open on one claim for the patient, and what may still change it. Whole cents."""

    claim_id: str
    patient_cents: int
    """Patient receivable; negative is the patient's credit on the claim."""
    service_on: date
    insurance_cents: int = 0
    denied_open_cents: int = 0
    awaits_next_payer: bool = False
    never_bill_patient: bool = False
    law_unchecked_cents: int = 0
    due_since: date | None = None


class HeldShare(msgspec.Struct, frozen=True):
    """A share that stays off the statement."""

    claim_id: str
    amount_cents: int
    because: HeldBecause


class Statement(msgspec.Struct, frozen=True):
    """What a statement of today would ask for, net of credits; without lines none is sent."""

    lines: tuple[Share, ...]
    held: tuple[HeldShare, ...]
    credit_cents: int
    total_cents: int


def plan_statement(
    shares: Iterable[Share],
    *,
    today: date,
    unapplied_credit_cents: int = 0,
    policy: StatementPolicy | None = None,
) -> Statement:
    """Decide what may be asked of one patient today.

    Args:
        shares: Every claim of the patient with a balance on either side.
        unapplied_credit_cents: Money of the patient that is on no claim.

    Returns:
        Lines by service date, then what is held and why. Credits on claims lower the total; a total that is
        not above the least asks for nothing.
    """
    rules = policy or StatementPolicy()
    lines, held, credit = [], [], max(0, unapplied_credit_cents)
    for share in sorted(shares, key=lambda one: (one.service_on, one.claim_id)):
        if share.patient_cents < 0:
            credit -= share.patient_cents
        elif share.patient_cents:
            because = _held(share, rules, today)
            if because is None:
                lines.append(share)
            else:
                held.append(HeldShare(share.claim_id, share.patient_cents, because))
    total = sum(share.patient_cents for share in lines) - credit
    if lines and total < max(1, rules.least_cents):
        held += [HeldShare(one.claim_id, one.patient_cents, HeldBecause.TOO_SMALL) for one in lines]
        lines, total = [], 0
    return Statement(tuple(lines), tuple(held), credit, max(0, total) if lines else 0)


def _held(share: Share, rules: StatementPolicy, today: date) -> HeldBecause | None:
    if share.never_bill_patient:
        return HeldBecause.NEVER_BILL
    if share.law_unchecked_cents > 0:
        return HeldBecause.LAW_UNCHECKED
    if share.denied_open_cents > 0 and rules.hold_while_denial_open:
        return HeldBecause.DENIAL_OPEN
    if share.awaits_next_payer:
        return HeldBecause.NEXT_PAYER
    if share.insurance_cents - share.denied_open_cents > 0 and rules.hold_while_insurance_pending:
        return HeldBecause.INSURANCE_PENDING
    if share.due_since and today < share.due_since + timedelta(rules.days_after_due):
        return HeldBecause.TOO_FRESH
    return None


# Where payments go --------------------------------------------------------------------------------


class OpenShare(msgspec.Struct, frozen=True, omit_defaults=True):
    """A share that may take money."""

    claim_id: str
    open_cents: int
    service_on: date
    claim_line_id: str | None = None
    encounter_id: str | None = None


class Allocated(msgspec.Struct, frozen=True):
    """Allocations and what is left as the patient's credit. They add up to the payment."""

    allocations: tuple[Allocation, ...]
    unallocated_cents: int


def allocate(
    amount_cents: int, open_shares: Sequence[OpenShare], *, chosen: Sequence[Allocation] | None = None
) -> Allocated:
    """Divide a payment among open shares: as chosen, else the oldest service first.

    Returns:
        Never more than the payment, and never more than a share's open amount; the rest stays a credit.

    Raises:
        OverAllocated: The choice takes more than the payment, or more than a share has open.
        LedgerError: The payment or a chosen amount is not positive, or a chosen claim is not open.

    Examples:
        >>> shares = [OpenShare("b", 3000, date(2026, 2, 1)), OpenShare("a", 2000, date(2026, 1, 1))]
        >>> found = allocate(4500, shares)
        >>> [(one.claim_id, one.amount_cents) for one in found.allocations], found.unallocated_cents
        ([('a', 2000), ('b', 2500)], 0)
    """
    if amount_cents <= 0:
        raise LedgerError("a payment has a positive amount")
    usable = [share for share in open_shares if share.open_cents > 0]
    if chosen is None:
        ordered = sorted(usable, key=lambda one: (one.service_on, one.claim_id, one.claim_line_id or ""))
        left, found = amount_cents, []
        for share in ordered:
            part = min(left, share.open_cents)
            left -= part
            if part:
                found.append(Allocation(part, share.claim_id, share.claim_line_id, share.encounter_id))
        return Allocated(tuple(found), left)
    return _chosen(amount_cents, usable, chosen)


def _chosen(amount: int, usable: Sequence[OpenShare], chosen: Sequence[Allocation]) -> Allocated:
    left = {(share.claim_id, share.claim_line_id): share.open_cents for share in usable}
    total = 0
    for one in chosen:
        if one.amount_cents <= 0:
            raise LedgerError("an allocation has a positive amount")
        key = (one.claim_id, one.claim_line_id)
        if key not in left:
            raise LedgerError("money was allocated to a claim that has no open share")
        if one.amount_cents > left[key]:
            raise OverAllocated(f"{one.amount_cents} cents allocated to a share with {left[key]} open")
        left[key] -= one.amount_cents
        total += one.amount_cents
    if total > amount:
        raise OverAllocated(f"{total} cents allocated of {amount} available")
    return Allocated(tuple(chosen), amount - total)


class TakenPayment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A payment as it was taken: at the desk, by card, by mail."""

    patient_id: str
    received_on: date
    amount_cents: int
    method: str = ""
    reference: str = ""
    """Check number, card authorization; empty for cash."""
    entered_key: str = ""
    """Made once by the screen or import that took it: a repeated press sends the same."""


def payment_keys(payments: Sequence[TakenPayment]) -> list[str]:
    """Idempotency keys, one per payment in order.

    The same `entered_key` is the same payment (a doubled press). Without one, equal payments are told apart
    by their number among equals: two twenty-dollar copayments of one day are two payments.
    """
    seen: dict[str, int] = {}
    keys = []
    for one in payments:
        if one.entered_key:
            keys.append(f"patient-payment:{one.entered_key}")
            continue
        facts = "\x1f".join(
            (one.patient_id, one.received_on.isoformat(), str(one.amount_cents), one.method, one.reference)
        )
        digest = hashlib.sha256(facts.encode()).hexdigest()[:32]
        seen[digest] = seen.get(digest, 0) + 1
        keys.append(f"patient-payment:{digest}:{seen[digest]}")
    return keys


def possible_doubles(payments: Sequence[TakenPayment]) -> list[tuple[int, int]]:
    """Pairs (places) that a person may want to look at: equal patient, day, amount and method, and not
    plainly two.

    Two different references are two payments. Nothing is ever merged by this.
    """
    pairs = []
    for later in range(len(payments)):
        for earlier in range(later):
            one, other = payments[earlier], payments[later]
            same = (one.patient_id, one.received_on, one.amount_cents, one.method) == (
                other.patient_id,
                other.received_on,
                other.amount_cents,
                other.method,
            )
            if same and (one.reference == other.reference):
                pairs.append((earlier, later))
    return pairs
