"""Counting periods: days, working days, months, months after the service month, years, weeks.

`settle` counts a resolved rule: several anchors, stacked or competing clocks, and last days that roll over
a weekend or holiday.
"""

from __future__ import annotations

import calendar as months_calendar
from collections.abc import Collection, Mapping
from datetime import date, timedelta

import msgspec

from cleanclaim.rules.calendars import CALENDARS, add_working_days, is_working_day, roll_to_working_day
from cleanclaim.rules.model import ANCHORS, Clock, Resolution


class AnchorMissing(LookupError):
    """The rule counts from a date that was not given, for example the first payer's decision."""

    def __init__(self, rule_id: str, anchor: str) -> None:
        self.rule_id, self.anchor = rule_id, anchor
        super().__init__(f"{rule_id} counts from the date of {anchor.replace('_', ' ')}, which was not given")


class UnitNotCountable(ValueError):
    """The rule's unit is no period (visits, units, hours), or needs working days that were not given."""


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day.

    Examples:
        >>> add_months(date(2028, 2, 29), 12), add_months(date(2026, 8, 31), 6)
        (datetime.date(2029, 2, 28), datetime.date(2027, 2, 28))
    """
    month0 = day.year * 12 + day.month - 1 + months
    year, month = divmod(month0, 12)
    return date(year, month + 1, min(day.day, months_calendar.monthrange(year, month + 1)[1]))


def count_from(
    anchor: date, value: int, unit: str, *, holidays: Collection[date] | None = None, calendar: str = ""
) -> date:
    """The last day of a period that begins at an anchor.

    Args:
        holidays: The regime's holidays, when they are known one by one. Beats `calendar`.
        calendar: A regime of `cleanclaim.rules.calendars`, for working days.

    Raises:
        UnitNotCountable: Working days with neither, or a unit that is no period.

    Examples:
        >>> count_from(date(2026, 11, 20), 5, "working_days", calendar="us_federal")
        datetime.date(2026, 11, 30)
    """
    if unit == "working_days" and holidays is not None:
        day = anchor
        while value > 0:
            day += timedelta(days=1)
            value -= day.weekday() < 5 and day not in holidays
        return day
    if unit == "working_days" and calendar:
        return add_working_days(anchor, value, calendar)
    if unit == "days":
        return anchor + timedelta(days=value)
    if unit == "weeks":
        return anchor + timedelta(weeks=value)
    if unit == "months":
        return add_months(anchor, value)
    if unit in ("years", "calendar_years"):
        return add_months(anchor, 12 * value)
    if unit == "months_after_service_month":
        last = add_months(anchor.replace(day=1), value)
        return last.replace(day=months_calendar.monthrange(last.year, last.month)[1])
    if unit == "working_days":
        raise UnitNotCountable(f"{unit} cannot be counted without a calendar of working days")
    raise UnitNotCountable(f"{value} {unit.replace('_', ' ')} is no period that ends on a day")


class Period(msgspec.Struct, frozen=True):
    """One clock of a deadline and the day on which it ends."""

    label: str
    ends: date


class Settled(msgspec.Struct, frozen=True):
    """A counted period: where it began, its last day, its clocks, and how, in order."""

    anchor: date
    day: date
    clocks: tuple[Period, ...]
    steps: tuple[str, ...]


def settle(
    found: Resolution, dates: Mapping[str, date], *, holidays: Collection[date] | None = None
) -> Settled:
    """Count a resolved rule.

    Of several anchors, and of clocks joined by ``latest``, one whose date is not known is left out and
    named: the answer is then never later than the true day. A clock joined by ``earliest`` must be known.

    Raises:
        AnchorMissing: The rule's own anchor, or an ``earliest`` clock's, was not given.
        UnitNotCountable: The value is no period.
    """
    if not isinstance(found.value, int):
        raise UnitNotCountable(f"{found.rule_id} sets no day: {found.value}")
    anchor, steps = _anchor(found, dates)

    def ends(start: date, value: int, unit: str) -> date:
        return count_from(start, value, unit, holidays=holidays, calendar=found.calendar)

    day = ends(anchor, found.value, found.unit)
    steps.append(
        f"Counted from {anchor.isoformat()} ({found.counted_from or ANCHORS[found.anchor]}), "
        f"the last day is {day.isoformat()}; {found.satisfied_by or 'received by the payer'}."
    )
    if "working_days" in (found.unit, *(clock.unit for clock in found.also)) and found.calendar:
        steps.append(f"Working days leave out weekends and {CALENDARS[found.calendar]}, nothing else.")
    ended = day
    clocks = [Period(found.act or "the first period", day)]
    for clock in found.also:
        label = clock.label or "A further period"
        if found.combine == "then":
            start = dates.get(clock.anchor, ended)
            ended = ends(start, clock.value, clock.unit)
            steps.append(f"{label}: {_period(clock)} from {start.isoformat()} ends on {ended.isoformat()}.")
            day = ended
            clocks.append(Period(label, ended))
            continue
        if clock.anchor not in dates:
            if found.combine == "earliest":
                raise AnchorMissing(found.rule_id, clock.anchor)
            steps.append(f"{label} was left out: {ANCHORS[clock.anchor]} is not known.")
            continue
        other = ends(dates[clock.anchor], clock.value, clock.unit)
        clocks.append(Period(label, other))
        day = max(day, other) if found.combine == "latest" else min(day, other)
        steps.append(
            f"{label}: {_period(clock)} from {dates[clock.anchor].isoformat()} ends on {other.isoformat()}; "
            f"the {found.combine} counts."
        )
    if found.rolls_over and not is_working_day(day, found.calendar or "us_federal"):
        rolled = roll_to_working_day(day, found.calendar or "us_federal")
        steps.append(f"{day.isoformat()} is no working day; it moves to {rolled.isoformat()}.")
        day = rolled
    return Settled(anchor, day, tuple(clocks) if len(clocks) > 1 else (), tuple(steps))


def _anchor(found: Resolution, dates: Mapping[str, date]) -> tuple[date, list[str]]:
    if found.anchor not in dates:
        raise AnchorMissing(found.rule_id, found.anchor)
    steps = []
    days = [dates[found.anchor]]
    for name in found.anchors:
        if name in dates:
            days.append(dates[name])
        elif found.anchor_choice == "earliest":
            raise AnchorMissing(found.rule_id, name)
        else:
            steps.append(f"The period begins with {ANCHORS[name]} if that is later; it is not known.")
    return (max if found.anchor_choice == "latest" else min)(days), steps


def _period(clock: Clock) -> str:
    return f"{clock.value} {clock.unit.replace('_', ' ')}"
