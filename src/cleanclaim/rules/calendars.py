"""Working days by regime of holidays.

A rule that counts working days names its regime. ``us_federal`` is the eleven public holidays of
5 USC 6103(a), with the observed day when one falls on a weekend.

Where a law says "business day" and no definition was read, the regime errs against us, never for us. A
provider's last day is counted with few holidays, so that it is never too late: ``il_both`` has those that
federal and Illinois law share, each on its own day. A payer's last day is counted with many, so that none is
called late who is not: ``nc_either`` and ``de_either`` have those of federal and of the state's law.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

CALENDARS = {
    "us_federal": "federal holidays (5 USC 6103)",
    "nc_either": "federal and North Carolina public holidays (5 USC 6103; G.S. 103-4)",
    "de_either": "federal and Delaware legal holidays (5 USC 6103; 1 Del.C. 501)",
    "il_both": "holidays that are both federal and of Illinois (5 USC 6103; 205 ILCS 630/17)",
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
    if calendar == "il_both":  # Illinois moves no Saturday's holiday to the Friday
        days = {*fixed, *_mondays_and_thanksgiving(year)}
    else:
        days = {*map(_observed, fixed), *_mondays_and_thanksgiving(year), *_OF_STATES[calendar](year)}
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


def _mondays_and_thanksgiving(year: int) -> tuple[date, ...]:
    """King, Washington, Memorial Day, Labor Day, Columbus, Thanksgiving."""
    return (
        _nth(year, 1, 0, 3),
        _nth(year, 2, 0, 3),
        _last_monday_of_may(year),
        _nth(year, 9, 0, 1),
        _nth(year, 10, 0, 2),
        _nth(year, 11, 3, 4),
    )


def _north_carolina(year: int) -> list[date]:
    """What G.S. 103-4(a) adds to the federal list. A Sunday's holiday moves to the Monday, (b)."""
    fixed = [
        date(year, 1, 19),  # Robert E. Lee
        date(year, 3, 25),  # Greek independence
        date(year, 4, 12),  # Halifax Resolves
        date(year, 5, 10),  # Confederate Memorial Day
        date(year, 5, 20),  # Mecklenburg Declaration
        date(year, 9, 11),  # first responders, since 2017
        _yom_kippur(year),
    ]
    moved = [day + _DAY for day in fixed if day.weekday() == 6]
    return [*fixed, *moved, _good_friday(year), *_election_day(year)]


def _delaware(year: int) -> list[date]:
    """What 1 Del.C. 501 adds to the federal list."""
    return [_good_friday(year), _nth(year, 11, 3, 4) + _DAY, *_election_day(year)]


_OF_STATES: dict[str, Callable[[int], list[date]]] = {
    "us_federal": lambda year: [],
    "nc_either": _north_carolina,
    "de_either": _delaware,
}


def _election_day(year: int) -> list[date]:
    """The Tuesday after the first Monday of November in even years, when general elections are held."""
    return [] if year % 2 else [_nth(year, 11, 0, 1) + _DAY]


def _good_friday(year: int) -> date:
    """The Friday before Easter Sunday of the Gregorian calendar (the rule of Meeus, Jones and Butcher)."""
    golden, century, in_century = year % 19, year // 100, year % 100
    skipped = century - (century + 8) // 25
    epact = (19 * golden + century - century // 4 - (skipped + 1) // 3 + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (in_century // 4) - epact - in_century % 4) % 7
    correction = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * correction + 114, 31)
    return date(year, month, day + 1) - 2 * _DAY


def _yom_kippur(year: int) -> date:
    """The tenth day of the Hebrew year that begins in a civil year's autumn."""
    before, this, after = (_hebrew_days(year + 3761 + step) for step in (-1, 0, 1))
    put_off = 2 if after - this == 356 else 1 if this - before == 382 else 0
    return date.fromordinal(this + put_off - 1373427) + 9 * _DAY


def _hebrew_days(year: int) -> int:
    """Days from the epoch of the Hebrew calendar to the new moon that opens a year, or the day after it."""
    months = (235 * year - 234) // 19
    days = 29 * months + (12084 + 13753 * months) // 25920
    return days + (3 * (days + 1) % 7 < 3)  # no year begins on a Sunday, Wednesday or Friday


def _observed(day: date) -> date:
    return day + {5: -_DAY, 6: _DAY}.get(day.weekday(), timedelta(0))


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())
