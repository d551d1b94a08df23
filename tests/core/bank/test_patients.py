"""Which patient payments a line is: whole days, runs of days, the only set; never one of two."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanclaim.bank.patients import CARD_DAYS, SLIP_DAYS, PatientMoney, pick_for_line

DAY = date(2026, 11, 12)


def paid(key, cents, back=1, card=False):
    return PatientMoney(key, DAY - timedelta(days=back), cents, card)


CASES = [  # cents of the line, what the bank's words say, payments, picked, why the row is here
    (6500, None, [paid("a", 2500), paid("b", 4000)], "ab", "all of one day"),
    (6500, None, [paid("a", 2500, 2), paid("b", 4000, 1)], "ab", "days that follow one another"),
    (4000, None, [paid("a", 2500, 2), paid("b", 4000, 1)], "b", "one day of two"),
    (2500, None, [paid("a", 2500, 2), paid("b", 2500, 1)], None, "two days fit: a person must say"),
    (
        6500,
        True,
        [paid("a", 2500, card=True), paid("b", 4000, card=True), paid("c", 6500)],
        "ab",
        "cards only",
    ),
    (6500, True, [paid("c", 6500)], None, "a settlement holds no check"),
    (6500, None, [paid("a", 2500, card=True), paid("b", 4000)], None, "cards and a slip never come together"),
    (5000, None, [paid("a", 2000), paid("b", 3000), paid("c", 4500)], "ab", "the only set that adds up"),
    (5000, None, [paid("a", 2000), paid("b", 3000), paid("c", 5000)], None, "two sets add up"),
    (2500, None, [paid("a", 2500, -1)], None, "taken in after the line was booked"),
    (2500, None, [paid("a", 2500, SLIP_DAYS)], "a", "the last day on which a slip may come"),
    (2500, None, [paid("a", 2500, SLIP_DAYS + 1)], None, "a day too late"),
    (2500, True, [paid("a", 2500, CARD_DAYS + 1, True)], None, "cards settle within days"),
    (2501, None, [paid("a", 2500)], None, "off by a cent"),
    (2500, None, [], None, "nothing was taken in"),
]


@pytest.mark.parametrize(("cents", "card", "payments", "picked", "why"), CASES)
def test_a_line_is_the_one_set_that_fits_or_nothing(cents, card, payments, picked, why):
    found = pick_for_line(cents, DAY, payments, is_card=card)
    assert (found and "".join(found.keys)) == picked, why


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(100, 9_000), st.integers(-2, 20), st.booleans()), max_size=14),
    st.integers(1, 40_000),
)
def test_what_is_picked_adds_up_is_of_one_kind_and_does_not_hang_on_the_order(rows, cents):
    payments = [paid(f"p{n:02d}", amount, back, card) for n, (amount, back, card) in enumerate(rows)]
    found = pick_for_line(cents, DAY, payments)
    assert found == pick_for_line(cents, DAY, payments[::-1])
    if found is None:
        return
    mine = [one for one in payments if one.key in found.keys]
    assert sum(one.amount_cents for one in mine) == cents and len(mine) == len(found.keys)
    assert len({one.is_card for one in mine}) == 1
    assert all(0 <= (DAY - one.received_on).days <= (CARD_DAYS if one.is_card else SLIP_DAYS) for one in mine)
