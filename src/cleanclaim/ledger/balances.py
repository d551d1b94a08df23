"""Balances are computed from legs, never stored by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from cleanclaim.ledger.accounts import CASH_ACCOUNTS, Account
from cleanclaim.ledger.entries import Entry, Leg

_ENCODER = msgspec.json.Encoder(order="deterministic")


def legs_of(entries: Iterable[Entry]) -> Iterable[Leg]:
    """All legs of all entries, in order."""
    for entry in entries:
        yield from entry.legs


def balances(legs: Iterable[Leg]) -> dict[Account, int]:
    """Cents by account, debits positive, sorted by account. Accounts at zero are left out."""
    totals: dict[Account, int] = {}
    for leg in legs:
        totals[leg.account] = totals.get(leg.account, 0) + leg.amount_cents
    return {account: totals[account] for account in sorted(totals) if totals[account]}


def balances_by_claim(legs: Iterable[Leg]) -> dict[str, dict[Account, int]]:
    """Cents by claim id and account; legs without a claim are left out, and so are zeros."""
    grouped: dict[str, list[Leg]] = {}
    for leg in legs:
        if leg.claim_id is not None:
            grouped.setdefault(leg.claim_id, []).append(leg)
    found = {claim_id: balances(grouped[claim_id]) for claim_id in sorted(grouped)}
    return {claim_id: totals for claim_id, totals in found.items() if totals}


def cash_cents(entries: Iterable[Entry]) -> int:
    """Net movement of the cash accounts: for the entries of one posted remittance, BPR02."""
    return sum(leg.amount_cents for leg in legs_of(entries) if leg.account in CASH_ACCOUNTS)


def balances_hash(legs: Iterable[Leg]) -> str:
    """Hash of the trial balance and of every claim's balances: equal balances, equal bytes."""
    legs = list(legs)
    return hashlib.sha256(_ENCODER.encode((balances(legs), balances_by_claim(legs)))).hexdigest()
