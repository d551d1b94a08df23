"""Double entry: accounts, balanced entries, balances computed from them. See README.md here."""

from cleanclaim.ledger.accounts import CASH_ACCOUNTS, CHART, Account, AccountClass, AccountInfo
from cleanclaim.ledger.balances import balances, balances_by_claim, balances_hash, cash_cents, legs_of
from cleanclaim.ledger.claims import (
    ChargeLine,
    WriteOffKind,
    charge_entry,
    transfer_entry,
    write_off_entry,
)
from cleanclaim.ledger.corrections import reverse_entry
from cleanclaim.ledger.entries import (
    Entry,
    EntryKind,
    LedgerError,
    Leg,
    MisplacedLeg,
    Source,
    UnattributedEntry,
    UnbalancedEntry,
    entry_id,
    input_hash,
    make_entry,
)
from cleanclaim.ledger.invariants import PostedRemittance, check_invariants
from cleanclaim.ledger.money_in_out import (
    Allocation,
    OverAllocated,
    apply_credit_entry,
    bank_deposit_entry,
    patient_payment_entry,
    patient_refund_entry,
    payer_refund_entry,
)
from cleanclaim.ledger.remittances import ClaimIds, apply_unapplied_entry, entries_for_plan

__all__ = [
    "CASH_ACCOUNTS",
    "CHART",
    "Account",
    "AccountClass",
    "AccountInfo",
    "Allocation",
    "ChargeLine",
    "ClaimIds",
    "Entry",
    "EntryKind",
    "LedgerError",
    "Leg",
    "MisplacedLeg",
    "OverAllocated",
    "PostedRemittance",
    "Source",
    "UnattributedEntry",
    "UnbalancedEntry",
    "WriteOffKind",
    "apply_credit_entry",
    "apply_unapplied_entry",
    "balances",
    "balances_by_claim",
    "balances_hash",
    "bank_deposit_entry",
    "cash_cents",
    "charge_entry",
    "check_invariants",
    "entries_for_plan",
    "entry_id",
    "input_hash",
    "legs_of",
    "make_entry",
    "patient_payment_entry",
    "patient_refund_entry",
    "payer_refund_entry",
    "reverse_entry",
    "transfer_entry",
    "write_off_entry",
]
