"""Deadlines that follow from rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import msgspec

from cleanclaim.findings import Source
from cleanclaim.rules.book import RuleBook
from cleanclaim.rules.counting import Period, UnitNotCountable, settle
from cleanclaim.rules.model import NotCovered, Remedy, Resolution, RuleNotEncoded


class Deadline(msgspec.Struct, frozen=True, omit_defaults=True):
    """A last day, with its reasons.

    Attributes:
        day: Inclusive.
        anchor: The date that the period is counted from.
        enforceable: The rule was seen in its source or confirmed: it may stop a claim.
        steps: The reasons in order, fit to be shown to a biller.
        kind: What was asked: timely_filing, prompt_pay, …
        anchored_at: Name of the anchor, one of `ANCHORS`.
        remedy: What is owed when a payer misses the day; see `late_payment`.
        act, whose: What must have happened by that day, and who has to do it.
        assumes: What the asker did not say and the answer took for granted.
        clocks: Every clock and its end, when the rule has several (decide in 30 days, then pay in 30).
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
    kind: str = ""
    anchored_at: str = "date_of_service"
    remedy: Remedy | None = None
    act: str = ""
    whose: str = ""
    assumes: tuple[str, ...] = ()
    clocks: tuple[Period, ...] = ()


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
    return deadline_of(
        found, {"date_of_service": date_of_service, **(other_dates or {})}, kind="timely_filing"
    )


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
    found = first_answer(
        (f"prompt_pay.clean_claim.{medium}", "prompt_pay.clean_claim.any"), context, received_on, rules=rules
    )
    if found.unit == "working_days" and holidays is None:
        raise UnitNotCountable(f"{found.rule_id} counts working days: give the state's holidays")
    return deadline_of(found, {"receipt": received_on}, kind="prompt_pay", holidays=holidays)


def first_answer(
    topics: tuple[str, ...], context: Mapping[str, str], on: date, *, rules: RuleBook
) -> Resolution:
    """The answer of the first topic that has one.

    Raises:
        RuleNotEncoded: None has; the refusal that knows most nearby.
    """
    refusals = []
    for topic in topics:
        try:
            return rules.resolve(topic, context, on)
        except RuleNotEncoded as refusal:
            refusals.append(refusal)
    raise next((refusal for refusal in refusals if refusal.nearby), refusals[0]) from None


def deadline_of(
    found: Resolution,
    dates: Mapping[str, date],
    *,
    kind: str = "",
    holidays: Collection[date] | None = None,
    assumes: tuple[str, ...] = (),
) -> Deadline:
    """Count a resolved rule and say the result as a deadline.

    Raises:
        AnchorMissing: A date that the rule counts from is not among `dates`.
        UnitNotCountable: The value is no period.
    """
    settled = settle(found, dates, holidays=holidays)
    return Deadline(
        day=settled.day,
        anchor=settled.anchor,
        rule_id=found.rule_id,
        value=int(found.value),
        unit=found.unit,
        enforceable=found.enforceable,
        confidence=found.confidence,
        sources=found.sources,
        steps=(*assumes, *found.steps, *settled.steps),
        counted_from=found.counted_from,
        satisfied_by=found.satisfied_by,
        note=found.note,
        details=found.details,
        exceptions_not_encoded=found.exceptions_not_encoded,
        kind=kind,
        anchored_at=found.anchor,
        remedy=found.remedy,
        act=found.act,
        whose=found.whose,
        assumes=assumes,
        clocks=settled.clocks,
    )
