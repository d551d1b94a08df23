"""The last day to file is near."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    days = (pl.col("filing_day") - pl.lit(prepared.today)).dt.total_days().alias("days_left")
    return (
        prepared.filing_days.lazy()
        .filter(pl.col("severity") != "unknown")
        .with_columns(days)
        .filter(pl.col("days_left").is_between(0, 15))
        .select("claim_row", "line_number", "date_of_service", "filing_day", "days_left", "rule_id")
    )


EDIT = Edit(
    id="edits.timely_filing_near",
    title="Filing limit near",
    group="Timely filing",
    severity=Severity.TELL,
    message="Line {line}: the claim for {date_of_service} must be received by {filing_day}, "
    "{days_left} days from now.",
    remedy="Send it now; leave room for rejections.",
    sources=(Source("cleanclaim_rules", "timely filing"),),
    prevents=("29", "B4"),
    find=_find,
)
