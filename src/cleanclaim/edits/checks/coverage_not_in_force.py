"""The policy did not run on the date of service."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    return (
        prepared.lines_with_coverage.lazy()
        .group_by("claim_row", "line_number", "date_of_service", maintain_order=True)
        .agg(
            pl.col("in_force").any(),
            pl.col("starts").min().alias("coverage_starts"),
            pl.when(pl.col("ends").is_null().any())
            .then(None)
            .otherwise(pl.col("ends").max())
            .alias("coverage_ends"),
        )
        .filter(~pl.col("in_force"))
        .select("claim_row", "line_number", "date_of_service", "coverage_starts", "coverage_ends")
    )


EDIT = Edit(
    id="edits.coverage_not_in_force",
    title="Coverage not in force",
    group="Coverage",
    severity=Severity.STOP,
    message="Line {line}: the coverage on file runs from {coverage_starts} to {coverage_ends}, "
    "not on {date_of_service}.",
    remedy="Check eligibility for that date and bill the coverage in force.",
    sources=(Source("cleanclaim_policy", "coverage on the date of service"),),
    prevents=("26", "27", "200"),
    find=_find,
    needs=frozenset({"coverage"}),
)
