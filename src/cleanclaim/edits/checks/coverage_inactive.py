"""The payer said that the coverage is not active."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    return (
        prepared.lines_with_coverage.lazy()
        .filter("in_force")
        .group_by("claim_row", "line_number", "date_of_service", maintain_order=True)
        .agg((pl.col("status") == "inactive").all().alias("inactive"), pl.col("verified_on").max())
        .filter("inactive")
        .select("claim_row", "line_number", "date_of_service", "verified_on")
    )


EDIT = Edit(
    id="edits.coverage_inactive",
    title="Payer said the coverage is inactive",
    group="Coverage",
    severity=Severity.OVERRIDE,
    message="On {verified_on} the payer answered that this coverage is not active.",
    remedy="Ask again for the date of service; look for another coverage.",
    sources=(Source("cleanclaim_policy", "coverage on the date of service"),),
    prevents=("26", "27"),
    find=_find,
    needs=frozenset({"coverage"}),
)
