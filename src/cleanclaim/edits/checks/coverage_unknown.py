"""A policy nobody has on file."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    return x.claims_without_coverage(prepared).select("claim_row", x.NO_LINE, "first_service_on")


EDIT = Edit(
    id="edits.coverage_unknown",
    title="No coverage on file with this payer",
    group="Coverage",
    severity=Severity.TELL,
    message="No coverage of this patient with this payer is on file for {first_service_on}.",
    remedy="Check eligibility for the date of service.",
    sources=(Source("cleanclaim_policy", "coverage on the date of service"),),
    prevents=("31", "26", "27"),
    find=_find,
    needs=frozenset({"coverage"}),
    topic="eligibility",
)
