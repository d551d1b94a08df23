"""R-58 and R-59 in their short forms: closed months do not move, as-of reports come out the same for ever."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanclaim.ledger import Account, EntryKind, Leg, Source, make_entry, reverse_entry
from cleanclaim.ledger.closing import (
    as_of,
    booking_date,
    check_closed,
    close_month,
    corrections_of,
    next_month,
    trial_balance,
)

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def entry(key, day, cents, *, learned=None, practice="north", claim="c1"):
    source = Source(
        practice,
        day,
        learned or datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        actor="dana",
        reason="test",
    )
    legs = [
        Leg(Account.INSURANCE_RECEIVABLE, cents, claim),
        Leg(Account.PATIENT_SERVICE_REVENUE, -cents, claim),
    ]
    return make_entry(EntryKind.CHARGE, legs, source, key)


BOOKS = [
    entry("a", date(2026, 2, 27), 10000),
    entry("b", date(2026, 3, 2), 15000),
    entry("c", date(2026, 3, 31), 2000),
    entry("d", date(2026, 4, 1), 700),
]
CLOSE = close_month(BOOKS, "north", MARCH)
UNDO = reverse_entry(
    BOOKS[1],
    happened_on=date(2026, 4, 2),
    learned_at=datetime(2026, 4, 2, tzinfo=UTC),
    actor="dana",
    reason="wrong",
)


def test_a_close_holds_the_month_and_the_balances_at_its_end():
    assert (CLOSE.entries, CLOSE.movements[Account.INSURANCE_RECEIVABLE]) == (2, 17000)
    assert CLOSE.closing_balances == {
        Account.INSURANCE_RECEIVABLE: 27000,
        Account.PATIENT_SERVICE_REVENUE: -27000,
    }
    assert close_month(BOOKS[::-1], "north", date(2026, 3, 15)) == CLOSE
    assert check_closed(CLOSE, BOOKS) == []
    assert close_month([*BOOKS, entry("x", date(2026, 3, 3), 1, practice="south")], "north", MARCH) == CLOSE


MOVED = [  # what happened after the close, moved?, why
    (entry("e", date(2026, 4, 2), 900), False, "an entry of the open month"),
    (entry("e", date(2026, 3, 2), 900), True, "an entry in the closed month"),
    (entry("e", date(2026, 1, 2), 900), True, "an entry in a month before: the balances move"),
    (UNDO, False, "a correction booked in the open month"),
]  # fmt: skip


@pytest.mark.parametrize(("later", "moved", "why"), MOVED)
def test_closed_books_do_not_move(later, moved, why):
    found = check_closed(CLOSE, [*BOOKS, later])
    assert [one.code for one in found] == (["ledger.closed_month_moved"] if moved else []), why
    if moved:
        assert found[0].facts["accounts"][str(Account.INSURANCE_RECEIVABLE)] == 900


def test_an_entry_that_went_missing_is_told():
    found = check_closed(CLOSE, BOOKS[:1] + BOOKS[2:])
    assert (found[0].facts["entries_then"], found[0].facts["entries_now"]) == (2, 1)


BOOKINGS = [  # wanted, closed through, today, booked, moved, why
    (date(2026, 3, 2), None, APRIL, date(2026, 3, 2), False, "nothing is closed"),
    (date(2026, 4, 2), date(2026, 3, 31), date(2026, 4, 5), date(2026, 4, 2), False, "the month is open"),
    (date(2026, 3, 31), date(2026, 3, 31), date(2026, 4, 5), date(2026, 4, 5), True, "the last closed day"),
    (date(2026, 1, 5), date(2026, 3, 31), date(2026, 4, 5), date(2026, 4, 5), True, "months ago"),
    (date(2026, 3, 2), date(2026, 3, 31), date(2026, 3, 20), date(2026, 4, 1), True, "closed before its end: the first open day"),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "closed", "today", "booked", "moved", "why"), BOOKINGS)
def test_later_corrections_land_in_the_open_month(wanted, closed, today, booked, moved, why):
    found = booking_date(wanted, closed_through=closed, today=today)
    assert (found.happened_on, found.is_moved, found.belongs_to) == (booked, moved, wanted), why


def test_corrections_are_linked_to_the_month_they_correct():
    assert corrections_of(MARCH, [*BOOKS, UNDO]) == [UNDO]
    assert corrections_of(APRIL, [*BOOKS, UNDO]) == []


@given(
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 60), st.integers(1, 9999)), max_size=12),
    st.integers(0, 99),
)
def test_a_report_as_of_a_day_comes_out_the_same_after_more_was_learnt(rows, seed):
    """Entries are (day, days until we knew, cents). What was known at the time gives the same bytes for ever."""
    start = date(2026, 1, 1)
    entries = []
    for number, (day, late, cents) in enumerate(rows):
        on = start + timedelta(day)
        known = datetime(on.year, on.month, on.day, 12, tzinfo=UTC) + timedelta(late)
        entries.append(entry(str(number), on, cents, learned=known))
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    then = [one for one in entries if one.learned_at <= moment]
    first = trial_balance(then, date(2026, 2, 28), known_at=moment).document
    random.Random(seed).shuffle(entries)
    assert trial_balance(entries, date(2026, 2, 28), known_at=moment).document == first
    assert [one.id for one in as_of(entries, date(2026, 2, 28), known_at=moment)] == [
        one.id for one in as_of(then, date(2026, 2, 28), known_at=moment)
    ]


def test_months_follow_each_other():
    assert next_month(date(2026, 12, 1)) == date(2027, 1, 1)
    assert next_month(MARCH) == APRIL
