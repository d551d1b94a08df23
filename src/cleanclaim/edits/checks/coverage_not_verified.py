"""Nobody asked the payer about the month of service."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    return (
        prepared.lines_with_coverage.lazy()
        .filter("in_force")
        .group_by("claim_row", maintain_order=True)
        .agg(
            pl.col("date_of_service").min(),
            pl.col("verified_on").max(),
        )
        .filter(
            pl.col("verified_on").is_null()
            | (pl.col("verified_on") < pl.col("date_of_service").dt.month_start())
        )
        .select("claim_row", x.NO_LINE, "date_of_service", "verified_on")
    )


EDIT = Edit(
    id="edits.coverage_not_verified",
    title="Eligibility not checked for the month",
    group="Coverage",
    severity=Severity.TELL,
    message="Eligibility was not checked in or after the month of the service {date_of_service}.",
    remedy="Check eligibility before sending.",
    sources=(Source("cleanclaim_handbook_denials", "prevention by eligibility checks"),),
    prevents=("26", "27", "31"),
    find=_find,
    needs=frozenset({"coverage"}),
)
