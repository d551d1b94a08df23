"""A benefit year ends on 31 December."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.claim_spans_years",
    title="Claim with services of two years",
    group="Dates",
    severity=Severity.TELL,
    message="The claim has services from {first_service_on} to {last_service_on}: two calendar years.",
    remedy="Split it at the year: deductibles, limits and prices begin anew.",
    sources=(Source("cleanclaim_handbook_denials", "dates"),),
    prevents=("16",),
    when=(pl.col("first_service_on").dt.year() != pl.col("last_service_on").dt.year()) & x.NOT_VOID,
    facts=x.facts("first_service_on", "last_service_on"),
)
