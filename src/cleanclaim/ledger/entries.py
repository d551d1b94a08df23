"""Entries and their legs: balanced, attributed, append-only values.

Grain: one leg per movement of one account for one claim line (or claim, or payment). One entry per
thing that happened: one claim payment of a remittance, one provider-level adjustment, one session's
charge, one payment of a patient. Sign: debits positive, credits negative; the legs of an entry sum to
zero.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum

import msgspec

from cleanclaim.ledger.accounts import CHART, Account


class EntryKind(StrEnum):
    """Why an entry exists: a closed list. Stored as text."""

    CHARGE = "charge"
    CHARGE_CORRECTION = "charge_correction"
    REMITTANCE_CLAIM = "remittance_claim"
    """One claim payment (CLP)."""
    REMITTANCE_UNMATCHED = "remittance_unmatched"
    """A claim payment without a claim of ours, or held by policy: its cash is in suspense."""
    PROVIDER_ADJUSTMENT = "provider_adjustment"
    """One PLB pair."""
    APPLY_UNAPPLIED = "apply_unapplied"
    """Suspense money finds its claim."""
    BETWEEN_PRACTICES = "between_practices"
    """Suspense money is another practice's: one entry in the books of each."""
    PATIENT_PAYMENT = "patient_payment"
    PATIENT_REFUND = "patient_refund"
    PAYER_REFUND = "payer_refund"
    APPLY_CREDIT = "apply_credit"
    TRANSFER = "transfer"
    """Between insurance and patient, by a person."""
    WRITE_OFF = "write_off"
    BANK_DEPOSIT = "bank_deposit"
    REVERSAL = "reversal"
    """The exact opposite of the entry it names."""


class LedgerError(ValueError):
    """An entry would break an invariant. `code` is stable and dotted."""

    code = "ledger.invalid"


class UnbalancedEntry(LedgerError):
    """The legs do not sum to zero; `difference_cents` is their sum."""

    code = "ledger.unbalanced"

    def __init__(self, kind: str, difference_cents: int) -> None:
        self.difference_cents = difference_cents
        super().__init__(f"the legs of a {kind} entry sum to {difference_cents} cents, not to zero")


class UnattributedEntry(LedgerError):
    """An entry names neither a source document nor a person with a reason."""

    code = "ledger.unattributed"


class MisplacedLeg(LedgerError):
    """A leg is zero, names an unknown account, or puts a payment's money on a patient."""

    code = "ledger.misplaced_leg"


class Leg(msgspec.Struct, frozen=True, omit_defaults=True):
    """One side of an entry. Debits positive; never zero.

    `group` and `reason` repeat the CAS that caused it; `source_position` is its segment, from ST = 1.
    """

    account: Account
    amount_cents: int
    claim_id: str | None = None
    claim_line_id: str | None = None
    encounter_id: str | None = None
    patient_id: str | None = None
    payer_id: str | None = None
    group: str = ""
    reason: str = ""
    source_position: int = 0


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One balanced entry of one practice. Build it with a constructor of this package.

    `happened_on` is the accounting date, `learned_at` the instant at which we knew. The source is a
    document (`source_file_hash`, `source_transaction`, `source_position`) or a person (`actor` and
    `reason`). `belongs_on` is the day that it is about when that day's month was closed already, so that
    it is booked in the open month; None otherwise.
    """

    id: str
    practice_id: str
    kind: EntryKind
    happened_on: date
    learned_at: datetime
    idempotency_key: str
    input_hash: str
    legs: tuple[Leg, ...]
    source_file_hash: str = ""
    source_transaction: str = ""
    source_position: int = 0
    remittance_id: str | None = None
    actor: str | None = None
    reason: str = ""
    reverses: str | None = None
    belongs_on: date | None = None


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where entries come from: dates, document or person. Shared by all entries of one act."""

    practice_id: str
    happened_on: date
    learned_at: datetime
    file_hash: str = ""
    transaction: str = ""
    position: int = 0
    actor: str | None = None
    reason: str = ""
    remittance_id: str | None = None


_ENCODER = msgspec.json.Encoder(order="deterministic")
_NAMESPACE = uuid.UUID("6f1c4f0e-2a57-5d9e-9c7a-3f7f0f1c2b11")


def input_hash(kind: str, legs: Sequence[Leg], happened_on: date, reverses: str | None = None) -> str:
    """Hash of what an entry says, so that one key with other content is an error (64 hex digits)."""
    return hashlib.sha256(_ENCODER.encode((kind, legs, happened_on, reverses))).hexdigest()


def entry_id(practice_id: str, idempotency_key: str) -> str:
    """A stable id for callers that have none of their own: equal keys give equal ids."""
    return str(uuid.uuid5(_NAMESPACE, f"{practice_id}\x00{idempotency_key}"))


def make_entry(
    kind: EntryKind,
    legs: Iterable[Leg],
    source: Source,
    idempotency_key: str,
    *,
    id: str = "",
    position: int = 0,
    reverses: str | None = None,
) -> Entry:
    """Build an entry, or refuse.

    Args:
        legs: Zero legs are dropped, since a movement of nothing is none.
        position: Segment of the source document when it differs from the source's own.

    Raises:
        UnbalancedEntry: The legs do not sum to zero.
        UnattributedEntry: Neither a document nor a person with a reason.
        MisplacedLeg: No legs at all, or a leg that its account does not allow.
        LedgerError: No practice, or no idempotency key.
    """
    kept = tuple(leg for leg in legs if leg.amount_cents)
    if not source.practice_id or not idempotency_key:
        raise LedgerError("an entry needs a practice and an idempotency key")
    if not kept:
        raise MisplacedLeg(f"a {kind} entry without a leg")
    total = 0
    for leg in kept:
        total += leg.amount_cents
        if (leg.claim_id or leg.patient_id) and not CHART[leg.account].by_claim:
            raise MisplacedLeg(f"money of {leg.account} belongs to no claim and no patient")
    if total:
        raise UnbalancedEntry(kind, total)
    if not source.file_hash and not (source.actor and source.reason):
        raise UnattributedEntry(f"a {kind} entry names neither a source document nor a person with a reason")
    return Entry(
        id or entry_id(source.practice_id, idempotency_key),
        source.practice_id,
        kind,
        source.happened_on,
        source.learned_at,
        idempotency_key,
        input_hash(kind, kept, source.happened_on, reverses),
        kept,
        source.file_hash,
        source.transaction,
        position or source.position,
        source.remittance_id,
        source.actor,
        source.reason,
        reverses,
    )
