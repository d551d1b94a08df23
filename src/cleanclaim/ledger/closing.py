"""Months that are closed stay as they were; reports as of a day come out the same for ever.

Two dates make this possible: `happened_on` says to which period an entry belongs, `learned_at` when we
knew. A correction of a closed month is booked in the open one and linked to what it corrects.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime

import msgspec

from cleanclaim.findings import Finding, Severity
from cleanclaim.ledger.accounts import Account
from cleanclaim.ledger.balances import balances, balances_by_claim, legs_of
from cleanclaim.ledger.entries import Entry

VERSION = "cleanclaim.close.1"
_ENCODER = msgspec.json.Encoder(order="deterministic")


class MonthClose(msgspec.Struct, frozen=True):
    """The frozen result of one month of one practice."""

    practice_id: str
    month: date
    """Its first day."""
    entries: int
    movements: dict[Account, int]
    """Cents by account in the month, debits positive; they sum to zero."""
    closing_balances: dict[Account, int]
    """Cents by account at its end, all months before included."""
    entries_hash: str
    """64 hex digits over every entry of the month: id, date, kind, content, links."""
    trial_balance_hash: str
    """64 hex digits over the balances at its end, by account and by claim."""


def first_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


class MonthEntry(msgspec.Struct, frozen=True):
    """What the hash of a month holds of one entry."""

    id: str
    kind: str
    happened_on: date
    input_hash: str
    idempotency_key: str
    reverses: str = ""
    belongs_on: date | None = None


def close_month(entries: Iterable[Entry], practice_id: str, month: date) -> MonthClose:
    """Close a month: its movements, the balances at its end, and hashes of both. Pure; entries in any order.

    Examples:
        >>> close_month([], "north", date(2026, 2, 1)).entries
        0
    """
    first, after = first_of(month), next_month(first_of(month))
    own = [entry for entry in entries if entry.practice_id == practice_id and entry.happened_on < after]
    inside = [entry for entry in own if entry.happened_on >= first]
    legs = list(legs_of(own))
    rows = [
        MonthEntry(
            entry.id,
            entry.kind.value,
            entry.happened_on,
            entry.input_hash,
            entry.idempotency_key,
            entry.reverses or "",
            entry.belongs_on,
        )
        for entry in inside
    ]
    return close_of(
        practice_id, first, rows, balances(legs_of(inside)), balances(legs), balances_by_claim(legs)
    )


def close_of(
    practice_id: str,
    month: date,
    rows: Iterable[MonthEntry],
    movements: Mapping[Account, int],
    closing_balances: Mapping[Account, int],
    claim_balances: Mapping[str, Mapping[Account, int]],
) -> MonthClose:
    """The close of a month from sums that a database made; equal to `close_month` over its entries.

    Args:
        rows: Every entry of the month, in any order.
        movements: Cents by account in the month. Zeros are left out here.
        closing_balances: Cents by account at its end.
        claim_balances: Cents by claim and account at its end.
    """
    state = _without_zeros(closing_balances)
    by_claim = {
        claim: found for claim in sorted(claim_balances) if (found := _without_zeros(claim_balances[claim]))
    }
    held = sorted(_row(row) for row in rows)
    return MonthClose(
        practice_id,
        first_of(month),
        len(held),
        _without_zeros(movements),
        state,
        _hash(held),
        _hash((state, by_claim)),
    )


def _without_zeros(sums: Mapping[Account, int]) -> dict[Account, int]:
    return {account: sums[account] for account in sorted(sums) if sums[account]}


def _row(row: MonthEntry) -> tuple[str, ...]:
    about = row.belongs_on.isoformat() if row.belongs_on else ""
    return (
        row.id,
        row.kind,
        row.happened_on.isoformat(),
        row.input_hash,
        row.idempotency_key,
        row.reverses,
        about,
    )


def _hash(value: object) -> str:
    return hashlib.sha256(VERSION.encode() + b"\x00" + _ENCODER.encode(value)).hexdigest()


def check_closed(close: MonthClose, entries: Iterable[Entry]) -> list[Finding]:
    """Whether a closed month is still what it was.

    Returns:
        Empty when it is; else a finding that stops, with what changed in numbers.
    """
    now = close_month(entries, close.practice_id, close.month)
    if now == close:
        return []
    changed = {
        account: now.closing_balances.get(account, 0) - close.closing_balances.get(account, 0)
        for account in {*now.closing_balances, *close.closing_balances}
    }
    return [
        Finding(
            "ledger.closed_month_moved",
            Severity.STOP,
            f"The closed month {close.month:%Y-%m} is not what it was when it was closed.",
            subject_id=close.practice_id,
            facts={
                "entries_then": close.entries,
                "entries_now": now.entries,
                "accounts": {str(account): cents for account, cents in sorted(changed.items()) if cents},
            },
            remedy="Stop posting. An entry was added to or changed in a closed month; "
            "find it by its learned date.",
        )
    ]


class BookingDate(msgspec.Struct, frozen=True):
    """Where an entry is booked. `belongs_to` is what it is about; they differ when that month is closed."""

    happened_on: date
    belongs_to: date

    @property
    def is_moved(self) -> bool:
        return self.happened_on != self.belongs_to


def booking_date(wanted: date, *, closed_through: date | None, today: date) -> BookingDate:
    """The accounting date of an entry that is about a day.

    Args:
        closed_through: Last day of the last closed month; None when nothing is closed.
        today: The accounting day now; where it lies in a closed month too, the first open day is taken.

    Returns:
        The day itself while its month is open, else today.
    """
    if closed_through is None or wanted > closed_through:
        return BookingDate(wanted, wanted)
    open_from = date.fromordinal(closed_through.toordinal() + 1)
    return BookingDate(max(today, open_from), wanted)


def as_of(entries: Iterable[Entry], on: date, *, known_at: datetime | None = None) -> list[Entry]:
    """The ledger as it stood at the end of a day, as far as we knew at an instant.

    Args:
        known_at: Entries learnt later are left out; None takes all that is known now.

    Returns:
        In a fixed order (date, instant, id), whatever order the entries come in.
    """
    kept = [
        entry
        for entry in entries
        if entry.happened_on <= on and (known_at is None or entry.learned_at <= known_at)
    ]
    return sorted(kept, key=lambda entry: (entry.happened_on, entry.learned_at, entry.id))


class TrialBalance(msgspec.Struct, frozen=True):
    """Balances as of a day. `document` is canonical JSON: the same question gives the same bytes."""

    on: date
    known_at: datetime | None
    accounts: dict[Account, int]
    entries: int

    @property
    def document(self) -> bytes:
        return _ENCODER.encode(self)


def trial_balance(entries: Iterable[Entry], on: date, *, known_at: datetime | None = None) -> TrialBalance:
    """Balances by account as of a day and an instant of knowledge."""
    kept = as_of(entries, on, known_at=known_at)
    return TrialBalance(on, known_at, balances(legs_of(kept)), len(kept))


def last_of(month: date) -> date:
    """The last day of a month.

    Examples:
        >>> last_of(date(2028, 2, 9))
        datetime.date(2028, 2, 29)
    """
    return date.fromordinal(next_month(first_of(month)).toordinal() - 1)


def corrections_of(month: date, entries: Iterable[Entry]) -> list[Entry]:
    """Entries booked later that are about a month: shown beside a closed month.

    They reverse an entry of the month, or their `belongs_on` lies in it.
    """
    held = list(entries)
    first, after = first_of(month), next_month(first_of(month))
    inside = {entry.id for entry in held if first <= entry.happened_on < after}
    found = [
        entry
        for entry in held
        if entry.happened_on >= after
        and (entry.reverses in inside or (entry.belongs_on is not None and first <= entry.belongs_on < after))
    ]
    return sorted(found, key=lambda entry: (entry.happened_on, entry.id))


def move_to_open(entry: Entry, *, closed_through: date | None, today: date) -> Entry:
    """The entry as it may be booked: a day in a closed month becomes the open day, `belongs_on` keeps it.

    The key and the input hash stay those of the wanted day, so that the same act, repeated after the
    close, is still known as the same.
    """
    booked = booking_date(entry.happened_on, closed_through=closed_through, today=today)
    if not booked.is_moved:
        return entry
    return msgspec.structs.replace(entry, happened_on=booked.happened_on, belongs_on=booked.belongs_to)
