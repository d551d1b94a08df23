"""Working days: when payers and clearinghouses answer.

Federal holidays by rule, so that any year works; a holiday on a weekend is kept on the neighbouring
working day, as banks that settle payments do (a Saturday holiday is not moved by the Federal
Reserve; a Sunday one moves to Monday).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_MONDAY, _THURSDAY = 0, 3


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """The days of a year on which no payment settles.

    Examples:
        >>> sorted(bank_holidays(2026))[-2:]
        [datetime.date(2026, 11, 26), datetime.date(2026, 12, 25)]
    """
    fixed = [date(year, month, day) for month, day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))]
    floating = [
        _nth(year, 1, _MONDAY, 3),
        _nth(year, 2, _MONDAY, 3),
        _nth(year, 6, _MONDAY, 1) - timedelta(days=7),
        _nth(year, 9, _MONDAY, 1),
        _nth(year, 10, _MONDAY, 2),
        _nth(year, 11, _THURSDAY, 4),
    ]
    return frozenset(day + timedelta(days=1) if day.weekday() == 6 else day for day in (*fixed, *floating))


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    """The nth weekday of a month; the last Monday of May is a week before the first of June."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def is_working_day(day: date) -> bool:
    """Monday to Friday and no bank holiday."""
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def next_working_day(day: date, *, weekdays: frozenset[int] = frozenset(range(5))) -> date:
    """The day itself or the first working day after it that falls on one of `weekdays`.

    Examples:
        >>> next_working_day(date(2026, 11, 26))
        datetime.date(2026, 11, 27)
    """
    while day.weekday() not in weekdays or not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """The working day that is `count` working days after a day.

    Examples:
        >>> add_working_days(date(2026, 11, 25), 2)
        datetime.date(2026, 11, 30)
    """
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1))
    return day
