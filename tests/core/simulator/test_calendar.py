"""Working days of banks and payers."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim.simulator.calendar import add_working_days, bank_holidays, is_working_day, next_working_day
from cleanclaim.simulator.chance import between, one_of, percent, spread, weighted

HOLIDAYS_2026 = [
    date(2026, 1, 1), date(2026, 1, 19), date(2026, 2, 16), date(2026, 5, 25), date(2026, 6, 19), date(2026, 7, 4),
    date(2026, 9, 7), date(2026, 10, 12), date(2026, 11, 11), date(2026, 11, 26), date(2026, 12, 25),
]  # fmt: skip


def test_the_holidays_of_a_year():
    assert sorted(bank_holidays(2026)) == HOLIDAYS_2026


DAYS = [  # day, working day, why
    (date(2026, 7, 3), True, "a Saturday holiday is not moved"),
    (date(2027, 7, 5), False, "a Sunday holiday moves to Monday"),
    (date(2026, 11, 28), False, "Saturday"),
    (date(2028, 2, 29), True, "leap day, a Tuesday"),
]


@pytest.mark.parametrize(("day", "working", "why"), DAYS)
def test_working_days(day, working, why):
    assert is_working_day(day) is working, why


def test_next_working_day_on_given_weekdays():
    assert next_working_day(date(2026, 11, 26), weekdays=frozenset((3,))) == date(2026, 12, 3)
    assert add_working_days(date(2026, 12, 24), 1) == date(2026, 12, 28)


def test_chance_stays_within_its_bounds():
    drawn = [between(3, 5, 7, "x", at) for at in range(300)]
    assert set(drawn) == {3, 4, 5}
    assert {one_of("ab", 7, at) for at in range(50)} == {"a", "b"}
    assert {weighted((("a", 1), ("b", 0)), 7, at) for at in range(50)} == {"a"}
    assert not any(percent(0, 7, at) for at in range(100))
    assert all(percent(100, 7, at) for at in range(100))


def test_spread_fills_evenly():
    for run in (range(100), range(500, 600)):
        places = [spread(10, number, 7, "word") for number in run]
        assert all(9 <= places.count(at) <= 11 for at in range(10))
