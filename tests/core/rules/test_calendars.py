"""Working days and holidays."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


GOOD_FRIDAYS = [(2023, 4, 7), (2024, 3, 29), (2025, 4, 18), (2026, 4, 3), (2027, 3, 26), (2030, 4, 19)]
YOM_KIPPUR = [(2023, 9, 25), (2025, 10, 2), (2026, 9, 21), (2027, 10, 11), (2029, 9, 19), (2030, 10, 7)]


@pytest.mark.parametrize(
    ("calendar", "days"),
    [("nc_either", GOOD_FRIDAYS + YOM_KIPPUR), ("de_either", GOOD_FRIDAYS), ("il_both", [])],
)
def test_feasts_that_move(calendar, days):
    left_out = {day for day in GOOD_FRIDAYS + YOM_KIPPUR if not is_working_day(date(*day), calendar)}
    columbus = {(2027, 10, 11)}  # a holiday of every list here
    assert left_out == set(days) | columbus


OF_STATES = [  # day, regimes that work on it, why
    (date(2026, 1, 19), (), "King's birthday, and in North Carolina also Lee's"),
    (date(2027, 1, 19), ("us_federal", "de_either", "il_both"), "Lee's birthday alone"),
    (
        date(2026, 4, 13),
        ("us_federal", "de_either", "il_both"),
        "12 April 2026 is a Sunday: the Monday is kept",
    ),
    (date(2026, 7, 3), ("il_both",), "4 July is a Saturday, which Illinois law does not move"),
    (date(2026, 11, 3), ("us_federal", "il_both"), "general election"),
    (date(2027, 11, 2), ("us_federal", "nc_either", "de_either", "il_both"), "no general election"),
    (date(2026, 11, 27), ("us_federal", "nc_either", "il_both"), "the Friday after Thanksgiving"),
    (date(2026, 2, 12), ("us_federal", "nc_either", "de_either", "il_both"), "Lincoln: in one of two lists"),
]


@pytest.mark.parametrize(("day", "working", "why"), OF_STATES)
def test_holidays_of_states(day, working, why):
    regimes = ("us_federal", "nc_either", "de_either", "il_both")
    assert tuple(one for one in regimes if is_working_day(day, one)) == working, why


@given(anchor=st.dates(date(2022, 1, 1), date(2040, 12, 31)), count=st.integers(0, 60))
def test_a_payer_is_given_more_days_and_a_provider_fewer(anchor, count):
    federal = add_working_days(anchor, count, "us_federal")
    assert (
        add_working_days(anchor, count, "weekdays") <= add_working_days(anchor, count, "il_both") <= federal
    )
    assert federal <= min(add_working_days(anchor, count, one) for one in ("nc_either", "de_either"))


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
