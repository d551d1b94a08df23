"""Working days and holidays."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim.rules import add_working_days, holidays, is_working_day
from cleanclaim.rules.calendars import roll_to_working_day

FEDERAL_2026 = [
    date(2026, 1, 1),
    date(2026, 1, 19),
    date(2026, 2, 16),
    date(2026, 5, 25),
    date(2026, 6, 19),
    date(2026, 7, 3),  # 4 July is a Saturday
    date(2026, 9, 7),
    date(2026, 10, 12),
    date(2026, 11, 11),
    date(2026, 11, 26),
    date(2026, 12, 25),
]


def test_federal_holidays_of_a_year():
    assert sorted(holidays("us_federal", 2026)) == FEDERAL_2026


def test_new_year_on_a_saturday_is_observed_in_the_old_year():
    assert date(2027, 12, 31) in holidays("us_federal", 2027), "1 January 2028 is a Saturday"
    assert date(2028, 1, 1) not in holidays("us_federal", 2028)


def test_juneteenth_begins_in_2021():
    assert is_working_day(date(2020, 6, 19))
    assert not is_working_day(date(2023, 6, 19))


def test_unknown_regime():
    with pytest.raises(KeyError):
        holidays("lunar", 2026)


COUNTS = [  # anchor, working days, calendar, last day
    (date(2026, 3, 2), 0, "us_federal", date(2026, 3, 2)),
    (date(2026, 3, 6), 1, "us_federal", date(2026, 3, 9)),
    (date(2026, 12, 24), 5, "us_federal", date(2027, 1, 4)),
    (date(2026, 12, 24), 5, "weekdays", date(2026, 12, 31)),
]


@pytest.mark.parametrize(("anchor", "count", "calendar", "last"), COUNTS)
def test_working_days(anchor, count, calendar, last):
    assert add_working_days(anchor, count, calendar) == last


def test_rolling():
    assert roll_to_working_day(date(2026, 7, 3)) == date(2026, 7, 6)
    assert roll_to_working_day(date(2026, 7, 2)) == date(2026, 7, 2)
