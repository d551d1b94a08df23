"""Working days by regime of holidays.

A rule that counts working days names its regime. ``us_federal`` is the eleven public holidays of
5 USC 6103(a), with the observed day when one falls on a weekend. A state's own extra holidays are not
encoded: a deadline counted without them is never later than the true one by more than those days, and
the steps of the answer say so.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

CALENDARS = {
    "us_federal": "federal holidays (5 USC 6103)",
    "weekdays": "Monday to Friday, no holidays",
}
"""Known regimes and how each is said."""

_DAY = timedelta(days=1)


def is_working_day(day: date, calendar: str = "us_federal") -> bool:
    """Whether offices of the regime work on a day.

    Examples:
        >>> is_working_day(date(2026, 11, 26)), is_working_day(date(2026, 11, 27))
        (False, True)
    """
    return day.weekday() < 5 and day not in holidays(calendar, day.year)


@lru_cache(maxsize=256)
def holidays(calendar: str, year: int) -> frozenset[date]:
    """Days of a year on which the regime does not work, besides weekends.

    Raises:
        KeyError: No such regime.

    Examples:
        >>> sorted(holidays("us_federal", 2026))[5]   # 4 July 2026 is a Saturday
        datetime.date(2026, 7, 3)
    """
    if calendar not in CALENDARS:
        raise KeyError(calendar)
    if calendar == "weekdays":
        return frozenset()
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25), date(year + 1, 1, 1)]
    if year >= 2021:
        fixed.append(date(year, 6, 19))
    days = {_observed(day) for day in fixed} | {
        _nth(year, 1, 0, 3),
        _nth(year, 2, 0, 3),
        _last_monday_of_may(year),
        _nth(year, 9, 0, 1),
        _nth(year, 10, 0, 2),
        _nth(year, 11, 3, 4),
    }
    return frozenset(day for day in days if day.year == year)


def add_working_days(anchor: date, count: int, calendar: str = "us_federal") -> date:
    """The last of `count` working days after an anchor; the anchor itself is day zero.

    Examples:
        >>> add_working_days(date(2026, 11, 20), 5)      # Thanksgiving is left out
        datetime.date(2026, 11, 30)
    """
    day = anchor
    while count > 0:
        day += _DAY
        count -= is_working_day(day, calendar)
    return day


def roll_to_working_day(day: date, calendar: str = "us_federal") -> date:
    """The day itself, or the next working day when offices are closed on it."""
    while not is_working_day(day, calendar):
        day += _DAY
    return day


def _observed(day: date) -> date:
    return day + {5: -_DAY, 6: _DAY}.get(day.weekday(), timedelta(0))


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())
