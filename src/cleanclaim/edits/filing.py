"""By which day the lines of a batch must be with their payers, asked once per distinct question."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from cleanclaim.edits import by_rule
from cleanclaim.edits.expressions import NOT_VOID
from cleanclaim.findings import Severity
from cleanclaim.rules import (
    AnchorMissing,
    RuleBook,
    RuleNotEncoded,
    count_from,
    rule_context,
    timely_filing_day,
)

if TYPE_CHECKING:
    from cleanclaim.edits.prepare import Prepared

_KEYS = [
    "payer_kind",
    "payer_id",
    "claim_filing_code",
    "state",
    "program",
    "submission",
    "decided_on",
    "date_of_service",
]
_ANSWER: dict[str, pl.DataType] = {"filing_day": pl.Date(), "rule_id": pl.String(), "severity": pl.String()}


def filing_days(prepared: Prepared) -> pl.DataFrame:
    """Lines with their last filing day, resolved once per payer, state, kind of submission and dates.

    Columns: claim_row, line_number, date_of_service, filing_day, rule_id, severity. A rule that was read in
    its source may stop; another only tells; severity ``unknown`` means that no rule is encoded, or that the
    rule counts from a date that the claim does not carry. Voids have no filing limit.
    """
    submission = (
        pl.when(pl.col("frequency") == "7")
        .then(pl.lit("corrected_claim"))
        .when(pl.col("sequence") != "P")
        .then(pl.lit("secondary_claim"))
        .otherwise(pl.lit("original_claim"))
    )
    lines = prepared.lines.lazy().filter(NOT_VOID)
    if prepared.has_other_payer:
        others = prepared.frames.other_payers.lazy()
        decided = others.group_by("claim_row").agg(pl.col("other_adjudicated_on").max().alias("decided_on"))
        lines = lines.join(decided, on="claim_row", how="left", maintain_order="left")
    else:
        lines = lines.with_columns(pl.lit(None, dtype=pl.Date).alias("decided_on"))
    asked = (
        lines.with_columns(submission.alias("submission"))
        .select("claim_row", "line_number", *_KEYS)
        .collect()
    )
    answers = by_rule.answered(asked, _KEYS, partial(_filing_day, prepared.rules), _ANSWER)
    return answers.select("claim_row", "line_number", "date_of_service", *_ANSWER)


def _filing_day(
    rules: RuleBook,
    payer_kind: str,
    payer_id: str,
    filing_code: str,
    state: str,
    program: str,
    submission: str,
    decided_on: date | None,
    day: date,
) -> tuple[date | None, str, str]:
    context = rule_context(
        payer_kind=payer_kind, payer_id=payer_id, claim_filing_code=filing_code, state=state, program=program
    )
    others = {"primary_adjudication": decided_on} if decided_on else {}
    found = rules.lookup(f"timely_filing.{submission}", context, day)
    if found is None:
        return None, "", "unknown"
    rule, value = found
    stops = rule.is_enforceable(value)
    severity = (Severity.OVERRIDE if stops else Severity.TELL).value
    anchor = {"date_of_service": day, **others}.get(rule.anchor)
    if anchor is None:
        return None, "", "unknown"
    if not value.also and not rule.rolls_over:
        # Further anchors (discharge, the insurer's name) are not on the claim and never begin it earlier.
        return count_from(anchor, int(value.value or 0), rule.unit, calendar=rule.calendar), rule.id, severity
    try:
        deadline = timely_filing_day(day, context, rules=rules, submission=submission, other_dates=others)
    except (RuleNotEncoded, AnchorMissing):
        return None, "", "unknown"
    return deadline.day, deadline.rule_id, severity
