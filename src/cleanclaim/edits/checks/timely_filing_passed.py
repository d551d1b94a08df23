"""The last day to file has gone by."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    due = prepared.filing_days.lazy()
    return due.filter(
        (pl.col("severity") == "unknown") | (pl.col("filing_day") < pl.lit(prepared.today))
    ).select("claim_row", "line_number", "date_of_service", "filing_day", "rule_id", "severity")


EDIT = Edit(
    id="edits.timely_filing_passed",
    title="Filing limit passed",
    group="Timely filing",
    severity=Severity.OVERRIDE,
    message="Line {line}: the claim for {date_of_service} had to be received by {filing_day}.",
    remedy="Send only with proof of an exception: an earlier acceptance, retroactive coverage, the "
    "payer's error.",
    sources=(Source("cleanclaim_rules", "timely filing"),),
    prevents=("29", "B4"),
    find=_find,
    topic="timely filing",
)
