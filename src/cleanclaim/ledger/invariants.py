"""The ledger's promises, checked over values: L1 to L8 and L11.

A drill runs this after each of its steps; each check has a test that plants the fault it must find.

L1  the legs of an entry sum to zero               L5  cash legs of a posted remittance = BPR02
L2  entries are never changed or removed           L6  charge - adjustments = paid, line and claim
L3  a correction is a linked, exact reversal       L7  one active posting per payment
L4  balances = recomputed from entries             L8  no more credit is used than there is
                                                   L11 each entry names its source
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from cleanclaim.findings import Finding, Severity
from cleanclaim.ledger.accounts import CASH_ACCOUNTS, Account
from cleanclaim.ledger.balances import balances_by_claim, legs_of
from cleanclaim.ledger.entries import Entry, EntryKind, Leg
from cleanclaim.remittance.balance import balance
from cleanclaim.remittance.posting.records import ClaimState
from cleanclaim.x12.sets.records import Remittance

FROM_REMITTANCE = frozenset(
    {
        EntryKind.REMITTANCE_CLAIM,
        EntryKind.REMITTANCE_UNMATCHED,
        EntryKind.PROVIDER_ADJUSTMENT,
        EntryKind.REVERSAL,
    }
)


class PostedRemittance(msgspec.Struct, frozen=True, omit_defaults=True):
    """A remittance that was posted; `undone` when its posting was taken back and not made again.

    `is_part`: one claim payment taken over from another practice's payment. Its cash came through the
    other's books, so none moves here: the account between practices has its amount instead.
    """

    remittance_id: str
    identity_key: str
    remittance: Remittance
    undone: bool = False
    is_part: bool = False


def check_invariants(
    entries: Sequence[Entry],
    *,
    earlier: Sequence[Entry] = (),
    remittances: Sequence[PostedRemittance] = (),
    claims: Mapping[str, ClaimState] | None = None,
    cached: Mapping[tuple[str, Account], int] | None = None,
) -> list[Finding]:
    """Check every invariant that these values can tell of.

    Args:
        entries: All entries of the practices concerned.
        earlier: The same ledger at an earlier time, for L2.
        remittances: What was posted, for L5 to L7.
        claims: Claim id -> state as planning left it, for L4: both receivables must agree.
        cached: (Claim id, account) -> stored balance, for L4.

    Returns:
        One finding per breach, in the order of the invariants; empty when all hold.
    """
    return [
        *_l1(entries),
        *_l2(entries, earlier),
        *_l3(entries),
        *_l4(entries, claims, cached),
        *_l5(entries, remittances),
        *_l6(remittances),
        *_l7(remittances),
        *_l8(entries),
        *_l11(entries),
    ]


def _breach(rule: str, message: str, subject: str, **facts: object) -> Finding:
    return Finding(
        f"ledger.{rule}",
        Severity.STOP,
        message,
        subject_id=subject,
        facts=dict(facts),
        remedy="An invariant of the ledger is broken: stop posting and find the cause.",
    )


def _l1(entries: Iterable[Entry]) -> Iterable[Finding]:
    for entry in entries:
        total = sum(leg.amount_cents for leg in entry.legs)
        if total:
            yield _breach(
                "l1_unbalanced", f"The legs of an entry sum to {total} cents.", entry.id, cents=total
            )
        if not entry.legs or any(not leg.amount_cents for leg in entry.legs):
            yield _breach("l1_empty_leg", "An entry has no legs or a leg of nothing.", entry.id)


def _l2(entries: Sequence[Entry], earlier: Sequence[Entry]) -> Iterable[Finding]:
    now = {entry.id: entry for entry in entries}
    if len(now) != len(entries):
        yield _breach("l2_doubled", "Two entries have one id.", "", entries=len(entries), ids=len(now))
    for entry in earlier:
        if entry.id not in now:
            yield _breach("l2_removed", "An entry was removed.", entry.id)
        elif now[entry.id] != entry:
            yield _breach("l2_changed", "An entry was changed.", entry.id)
    keys: set[tuple[str, str]] = set()
    for entry in entries:
        key = (entry.practice_id, entry.idempotency_key)
        if key in keys:
            yield _breach("l2_key_doubled", "Two entries have one idempotency key.", entry.id)
        keys.add(key)


def _sides(legs: Iterable[Leg], sign: int) -> list[str]:
    return sorted(repr(msgspec.structs.replace(leg, amount_cents=sign * leg.amount_cents)) for leg in legs)


def _l3(entries: Sequence[Entry]) -> Iterable[Finding]:
    by_id = {entry.id: entry for entry in entries}
    reversed_once: set[str] = set()
    for entry in entries:
        if entry.kind is not EntryKind.REVERSAL:
            if entry.reverses is not None:
                yield _breach("l3_kind", "An entry that reverses another is not called a reversal.", entry.id)
            continue
        original = by_id.get(entry.reverses or "")
        if original is None:
            yield _breach("l3_unlinked", "A reversal names no entry of this ledger.", entry.id)
        elif original.practice_id != entry.practice_id:
            yield _breach("l3_other_practice", "A reversal names an entry of another practice.", entry.id)
        elif _sides(entry.legs, -1) != _sides(original.legs, 1):
            yield _breach("l3_not_opposite", "A reversal is not the exact opposite of its entry.", entry.id)
        if entry.reverses in reversed_once:
            yield _breach("l3_twice", "An entry was reversed twice.", entry.id)
        reversed_once.add(entry.reverses or "")


def _l4(
    entries: Sequence[Entry],
    claims: Mapping[str, ClaimState] | None,
    cached: Mapping[tuple[str, Account], int] | None,
) -> Iterable[Finding]:
    if claims is None and cached is None:
        return
    real = balances_by_claim(legs_of(entries))
    for claim_id, state in (claims or {}).items():
        for account, wanted in (
            (Account.INSURANCE_RECEIVABLE, state.insurance_balance_cents),
            (Account.PATIENT_RECEIVABLE, state.patient_balance_cents),
        ):
            found = real.get(claim_id, {}).get(account, 0)
            if found != wanted:
                message = f"The {account} of a claim is {found} cents in the entries, {wanted} by its state."
                yield _breach("l4_state_differs", message, claim_id, entries_cents=found, state_cents=wanted)
    if cached is None:
        return
    computed = {(claim, account): cents for claim, found in real.items() for account, cents in found.items()}
    for key in sorted(set(computed) | {key for key, cents in cached.items() if cents}):
        found, stored = computed.get(key, 0), cached.get(key, 0)
        if found != stored:
            message = f"The stored {key[1]} of a claim is {stored} cents, its entries give {found}."
            yield _breach("l4_cache_differs", message, key[0], entries_cents=found, stored_cents=stored)


def _l5(entries: Sequence[Entry], remittances: Sequence[PostedRemittance]) -> Iterable[Finding]:
    cash: dict[str | None, int] = {}
    between: dict[str | None, int] = {}
    for entry in entries:
        if entry.kind in FROM_REMITTANCE:
            moved = sum(leg.amount_cents for leg in entry.legs if leg.account in CASH_ACCOUNTS)
            cash[entry.remittance_id] = cash.get(entry.remittance_id, 0) + moved
        owed = sum(leg.amount_cents for leg in entry.legs if leg.account is Account.INTER_PRACTICE)
        between[entry.remittance_id] = between.get(entry.remittance_id, 0) + owed
    for posted in remittances:
        report = balance(posted.remittance)
        if report.difference_cents:
            yield _breach(
                "l5_payment_out_of_balance",
                "A posted payment is not its claims less its provider adjustments.",
                posted.remittance_id,
                difference_cents=report.difference_cents,
            )
        if posted.is_part and between.get(posted.remittance_id, 0) != posted.remittance.paid_cents:
            yield _breach(
                "l5_part_differs",
                "What another practice owes for a claim payment is not the claim payment.",
                posted.remittance_id,
                entries_cents=between.get(posted.remittance_id, 0),
                paid_cents=posted.remittance.paid_cents,
            )
        wanted = 0 if posted.undone or posted.is_part else posted.remittance.paid_cents
        found = cash.get(posted.remittance_id, 0)
        if found != wanted:
            message = f"The cash legs of a remittance sum to {found} cents; the payment is {wanted}."
            yield _breach(
                "l5_cash_differs", message, posted.remittance_id, entries_cents=found, paid_cents=wanted
            )


def _l6(remittances: Sequence[PostedRemittance]) -> Iterable[Finding]:
    for posted in remittances:
        for finding in balance(posted.remittance).findings:
            if finding.severity.stops and finding.code != "remittance.payment_out_of_balance":
                yield _breach(
                    "l6_out_of_balance", finding.message, posted.remittance_id, finding_code=finding.code
                )


def _l7(remittances: Sequence[PostedRemittance]) -> Iterable[Finding]:
    active: set[str] = set()
    for posted in remittances:
        if posted.undone:
            continue
        if posted.identity_key in active:
            yield _breach("l7_posted_twice", "One payment has two active postings.", posted.remittance_id)
        active.add(posted.identity_key)


def _l8(entries: Sequence[Entry]) -> Iterable[Finding]:
    credit: dict[tuple[str, str], int] = {}
    for entry in entries:
        for leg in entry.legs:
            if leg.account is Account.PATIENT_CREDITS:
                key = (entry.practice_id, leg.patient_id or "")
                credit[key] = credit.get(key, 0) + leg.amount_cents
    for (_, patient_id), cents in sorted(credit.items()):
        if cents > 0:
            message = f"A patient's credit is overdrawn by {cents} cents."
            yield _breach("l8_over_allocated", message, patient_id, cents=cents)


def _l11(entries: Iterable[Entry]) -> Iterable[Finding]:
    for entry in entries:
        if not entry.source_file_hash and not (entry.actor and entry.reason):
            yield _breach("l11_no_source", "An entry names neither a document nor a person.", entry.id)
