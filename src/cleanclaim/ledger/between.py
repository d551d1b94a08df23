"""One claim payment in another practice's deposit: what moves in the books of both, and what must agree.

The deposit is one practice's; the claim is another's. The money leaves the suspense of the first and enters
that of the second, each against the account between practices, under one transfer id:

    the deposit's practice                      the claim's practice
      unapplied_insurance   +90.00                inter_practice        +90.00
      inter_practice        -90.00                unapplied_insurance   -90.00

No cash moves: the deposit is booked where it lies; the cash legs of the payment stay what BPR02 says (L5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from cleanclaim.findings import Finding, Severity
from cleanclaim.ledger.accounts import Account
from cleanclaim.ledger.entries import Entry, EntryKind, LedgerError, Leg, Source, input_hash, make_entry

PREFIX = "between:"
WAITS = (Account.DEPOSIT_CLEARING, Account.UNAPPLIED_INSURANCE)


def between_entries(
    giver: Source, taker: Source, *, transfer_id: str, amount_cents: int, payer_id: str | None = None
) -> tuple[Entry, Entry]:
    """The entries of both practices for a claim payment that changes its practice.

    Args:
        giver: Of the practice whose deposit holds the money; its `remittance_id` is the payment.
        taker: Of the practice whose claim it is; its `remittance_id` is the claim payment there.
        amount_cents: CLP04. Negative where the payer took money back.

    Returns:
        The giver's entry and the taker's; together they add up to nothing on the account between practices.

    Raises:
        LedgerError: One practice on both sides, or nothing to move.
    """
    if giver.practice_id == taker.practice_id:
        raise LedgerError("money between practices needs two of them")
    if not amount_cents:
        raise LedgerError("a claim payment of nothing moves no money")
    made = []
    for side, source, sign in (("out", giver, 1), ("in", taker, -1)):
        waits = Leg(Account.UNAPPLIED_INSURANCE, sign * amount_cents, payer_id=payer_id)
        owed = Leg(Account.INTER_PRACTICE, -sign * amount_cents, payer_id=payer_id)
        legs = [msgspec.structs.replace(leg, source_position=source.position) for leg in (waits, owed)]
        made.append(make_entry(EntryKind.BETWEEN_PRACTICES, legs, source, f"{PREFIX}{transfer_id}:{side}"))
    return made[0], made[1]


def out_of_unapplied(entries: Iterable[Entry]) -> list[Entry]:
    """Entries of a claim payment whose money lies in this practice's suspense already.

    Suspense stands for the cash. What the plan would put into suspense is there, so such legs cancel, and an
    entry of nothing else is left out. Suspense legs name no claim, as those of `between_entries` do not.
    """
    kept = []
    for entry in entries:
        waiting = [leg for leg in entry.legs if leg.account in WAITS]
        legs = tuple(leg for leg in entry.legs if leg.account not in WAITS)
        cents = sum(leg.amount_cents for leg in waiting)
        if cents:
            first = Leg(
                Account.UNAPPLIED_INSURANCE,
                cents,
                payer_id=waiting[0].payer_id,
                source_position=waiting[0].source_position,
            )
            legs = (first, *legs)
        if legs:
            hashed = input_hash(entry.kind, legs, entry.happened_on, entry.reverses)
            kept.append(msgspec.structs.replace(entry, legs=legs, input_hash=hashed))
    return kept


def check_between(entries: Sequence[Entry]) -> list[Finding]:
    """L13: each transfer adds up to nothing over the practices that it joins.

    Args:
        entries: All entries of all practices of an agency; those of other kinds are passed over.

    Returns:
        One finding per transfer that does not add up, in order of their ids.
    """
    owed: dict[str, int] = {}
    sides: dict[str, set[str]] = {}
    for entry in entries:
        cents = sum(leg.amount_cents for leg in entry.legs if leg.account is Account.INTER_PRACTICE)
        if not cents:
            continue
        key = entry.idempotency_key
        transfer = key[len(PREFIX) :].split(":", 1)[0] if key.startswith(PREFIX) else entry.id
        owed[transfer] = owed.get(transfer, 0) + cents
        sides.setdefault(transfer, set()).add(entry.practice_id)
    return [
        Finding(
            "ledger.l13_between",
            Severity.STOP,
            f"What two practices owe each other for one claim payment differs by {cents} cents.",
            subject_id=transfer,
            facts={"cents": cents, "practices": len(sides[transfer])},
            remedy="An invariant of the ledger is broken: stop posting and find the cause.",
        )
        for transfer, cents in sorted(owed.items())
        if cents
    ]
