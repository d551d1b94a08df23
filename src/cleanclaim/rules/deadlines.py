"""Deadlines that follow from rules."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping
from datetime import date, timedelta

import msgspec

from cleanclaim.findings import Source
from cleanclaim.rules.book import RuleBook
from cleanclaim.rules.model import NotCovered, Resolution, RuleNotEncoded


class Deadline(msgspec.Struct, frozen=True, omit_defaults=True):
    """A last day, with its reasons.

    Attributes:
        day: Inclusive.
        anchor: The date that the period is counted from.
        enforceable: The rule was seen in its source or confirmed: it may stop a claim.
        steps: The reasons in order, fit to be shown to a biller.
    """

    day: date
    anchor: date
    rule_id: str
    value: int
    unit: str
    enforceable: bool
    confidence: str
    sources: tuple[Source, ...]
    steps: tuple[str, ...]
    counted_from: str = ""
    satisfied_by: str = ""
    note: str = ""
    details: dict[str, str] = {}
    exceptions_not_encoded: tuple[NotCovered, ...] = ()


class AnchorMissing(LookupError):
    """The rule counts from a date that was not given, for example the first payer's decision."""

    def __init__(self, rule_id: str, anchor: str) -> None:
        self.rule_id, self.anchor = rule_id, anchor
        super().__init__(f"{rule_id} counts from the date of {anchor.replace('_', ' ')}, which was not given")


class UnitNotCountable(ValueError):
    """The rule's unit needs a calendar of working days that was not given."""


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day.

    Examples:
        >>> add_months(date(2028, 2, 29), 12), add_months(date(2026, 8, 31), 6)
        (datetime.date(2029, 2, 28), datetime.date(2027, 2, 28))
    """
    month0 = day.year * 12 + day.month - 1 + months
    year, month = divmod(month0, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def count_from(anchor: date, value: int, unit: str, *, holidays: Collection[date] | None = None) -> date:
    """The last day of a period that begins at an anchor.

    Args:
        holidays: The regime's holidays. Needed for working days, which are Monday to Friday without them.

    Raises:
        UnitNotCountable: Working days without a holiday calendar.

    Examples:
        >>> count_from(date(2026, 11, 20), 5, "working_days", holidays={date(2026, 11, 26)})
        datetime.date(2026, 11, 30)
    """
    if unit == "working_days" and holidays is not None:
        day = anchor
        while value > 0:
            day += timedelta(days=1)
            value -= day.weekday() < 5 and day not in holidays
        return day
    if unit == "days":
        return anchor + timedelta(days=value)
    if unit == "months":
        return add_months(anchor, value)
    if unit in ("years", "calendar_years"):
        return add_months(anchor, 12 * value)
    if unit == "months_after_service_month":
        last = add_months(anchor.replace(day=1), value)
        return last.replace(day=calendar.monthrange(last.year, last.month)[1])
    raise UnitNotCountable(f"{unit} cannot be counted without a calendar of working days")


def timely_filing_day(
    date_of_service: date,
    context: Mapping[str, str],
    *,
    rules: RuleBook,
    submission: str = "original_claim",
    other_dates: Mapping[str, date] | None = None,
) -> Deadline:
    """Find the last day on which a claim still counts as filed in time.

    Filed means received by the payer; leave room for transport and rejections.

    Args:
        date_of_service: "From" date of the service line. A calendar date, no time zone.
        context: The payer that will adjudicate, from `rule_context`.
        rules: The rule book to read. Passed in so that a re-run can pin yesterday's.
        submission: original_claim, corrected_claim or secondary_claim.
        other_dates: Dates that some rules count from instead: ``primary_adjudication`` for secondary
            claims, ``payment`` for corrected ones.

    Returns:
        Deadline with `day` (inclusive), `rule_id`, `sources`, and `steps`.

    Raises:
        RuleNotEncoded: No value covers this payer on this date. We do not guess.
        AnchorMissing: The rule counts from one of `other_dates`, which was not given.

    Examples:
        >>> from cleanclaim.rules import load_rule_book, rule_context
        >>> medicare = rule_context(payer_kind="medicare", claim_filing_code="MB")
        >>> timely_filing_day(date(2026, 3, 10), medicare, rules=load_rule_book()).day
        datetime.date(2027, 3, 10)
    """
    found = rules.resolve(f"timely_filing.{submission}", context, date_of_service)
    anchor = date_of_service
    if found.anchor != "date_of_service":
        if found.anchor not in (other_dates or {}):
            raise AnchorMissing(found.rule_id, found.anchor)
        anchor = (other_dates or {})[found.anchor]
    return _deadline(found, anchor, count_from(anchor, int(found.value), found.unit))


def prompt_pay_day(
    received_on: date,
    context: Mapping[str, str],
    *,
    rules: RuleBook,
    medium: str = "electronic",
    holidays: Collection[date] | None = None,
) -> Deadline:
    """Find the last day on which a payer may pay or deny a clean claim.

    Args:
        received_on: The day the payer received the claim.
        context: From `rule_context`. The programme decides: ``insured_plan``, ``medicaid_ffs`` or
            ``medicaid_mco``; self-funded plans follow no state's rule.
        medium: electronic or paper.
        holidays: The state's holidays, where its rule counts working days.

    Raises:
        RuleNotEncoded: No value covers this payer on this date.
        UnitNotCountable: The rule counts working days and no holidays were given.
    """
    try:
        found = rules.resolve(f"prompt_pay.clean_claim.{medium}", context, received_on)
    except RuleNotEncoded as refusal:
        try:
            found = rules.resolve("prompt_pay.clean_claim.any", context, received_on)
        except RuleNotEncoded as other:
            raise (refusal if refusal.nearby else other) from None
    return _deadline(
        found, received_on, count_from(received_on, int(found.value), found.unit, holidays=holidays)
    )


def _deadline(found: Resolution, anchor: date, day: date) -> Deadline:
    value = int(found.value)
    return Deadline(
        day=day,
        anchor=anchor,
        rule_id=found.rule_id,
        value=value,
        unit=found.unit,
        enforceable=found.enforceable,
        confidence=found.confidence,
        sources=found.sources,
        steps=(
            *found.steps,
            f"Counted from {anchor.isoformat()} ({found.counted_from or 'date of service'}), "
            f"the last day is {day.isoformat()}; {found.satisfied_by or 'received by the payer'}.",
        ),
        counted_from=found.counted_from,
        satisfied_by=found.satisfied_by,
        note=found.note,
        details=found.details,
        exceptions_not_encoded=found.exceptions_not_encoded,
    )
