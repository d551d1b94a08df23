"""Entries of a claim's life outside remittances: charge, write-off, transfer, suspense applied."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from cleanclaim.ledger.accounts import Account
from cleanclaim.ledger.entries import Entry, EntryKind, LedgerError, Leg, Source, make_entry


class ChargeLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One service line to be charged, in cents, with our ids."""

    amount_cents: int
    claim_line_id: str | None = None
    encounter_id: str | None = None


class WriteOffKind(StrEnum):
    """Why money is given up; each has its account."""

    TIMELY_FILING = "timely_filing"
    SMALL_BALANCE = "small_balance"
    BAD_DEBT = "bad_debt"
    COURTESY = "courtesy"
    DENIED = "denied"
    CONTRACTUAL = "contractual"
    OTHER = "other"


WRITE_OFF_ACCOUNTS = {
    WriteOffKind.TIMELY_FILING: Account.WRITE_OFF_TIMELY_FILING,
    WriteOffKind.SMALL_BALANCE: Account.WRITE_OFF_SMALL_BALANCE,
    WriteOffKind.BAD_DEBT: Account.WRITE_OFF_BAD_DEBT,
    WriteOffKind.COURTESY: Account.WRITE_OFF_COURTESY,
    WriteOffKind.DENIED: Account.WRITE_OFF_DENIED,
    WriteOffKind.CONTRACTUAL: Account.CONTRACTUAL_ADJUSTMENTS,
    WriteOffKind.OTHER: Account.WRITE_OFF_OTHER,
}

RECEIVABLES = frozenset({Account.INSURANCE_RECEIVABLE, Account.PATIENT_RECEIVABLE})


def charge_entry(
    source: Source,
    *,
    idempotency_key: str,
    claim_id: str | None,
    patient_id: str | None,
    lines: Sequence[ChargeLine],
    payer_id: str | None = None,
    to_patient: bool = False,
    id: str = "",
) -> Entry:
    """Book the charges of a claim, or of a self-pay session.

    Args:
        to_patient: The patient owes at once (no payer): patient receivable instead of insurance.

    Raises:
        LedgerError: See `make_entry`.
    """
    receivable = Account.PATIENT_RECEIVABLE if to_patient else Account.INSURANCE_RECEIVABLE
    legs = []
    for line in lines:
        for account, amount in (
            (receivable, line.amount_cents),
            (Account.PATIENT_SERVICE_REVENUE, -line.amount_cents),
        ):
            legs.append(
                Leg(account, amount, claim_id, line.claim_line_id, line.encounter_id, patient_id, payer_id)
            )
    return make_entry(EntryKind.CHARGE, legs, source, idempotency_key, id=id)


def write_off_entry(
    source: Source,
    *,
    idempotency_key: str,
    kind: WriteOffKind,
    amount_cents: int,
    claim_id: str,
    patient_id: str | None,
    receivable: Account = Account.INSURANCE_RECEIVABLE,
    claim_line_id: str | None = None,
    payer_id: str | None = None,
    id: str = "",
) -> Entry:
    """Give up part of a receivable for a reason. The amount is positive.

    Raises:
        LedgerError: The amount is not positive, the account is no receivable, or see `make_entry`.
    """
    if amount_cents <= 0:
        raise LedgerError("a write-off has a positive amount; undo one by reversing its entry")
    if receivable not in RECEIVABLES:
        raise LedgerError(f"{receivable} is not a receivable")
    account = WRITE_OFF_ACCOUNTS[kind]
    legs = [
        Leg(account, amount_cents, claim_id, claim_line_id, None, patient_id, payer_id),
        Leg(receivable, -amount_cents, claim_id, claim_line_id, None, patient_id, payer_id),
    ]
    return make_entry(EntryKind.WRITE_OFF, legs, source, idempotency_key, id=id)


def transfer_entry(
    source: Source,
    *,
    idempotency_key: str,
    amount_cents: int,
    claim_id: str,
    patient_id: str | None,
    claim_line_id: str | None = None,
    payer_id: str | None = None,
    id: str = "",
) -> Entry:
    """Move part of a claim from insurance to the patient; a negative amount moves it back."""
    owed, insured = Account.PATIENT_RECEIVABLE, Account.INSURANCE_RECEIVABLE
    legs = [
        Leg(owed, amount_cents, claim_id, claim_line_id, None, patient_id),
        Leg(insured, -amount_cents, claim_id, claim_line_id, None, patient_id, payer_id),
    ]
    return make_entry(EntryKind.TRANSFER, legs, source, idempotency_key, id=id)
