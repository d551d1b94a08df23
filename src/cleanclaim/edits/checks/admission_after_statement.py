"""Care began before it was billed."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.admission_after_statement",
    title="Admission after the statement began",
    group="Programmes",
    severity=Severity.STOP,
    message="The episode began on {admitted_on}, after the first day of the statement ({statement_from}).",
    remedy="Correct the day of admission or the statement period.",
    sources=(Source("x12_837i", "DTP 435"),),
    prevents=("16",),
    when=pl.col("admitted_on") > pl.col("statement_from"),
    facts=x.facts("admitted_on", "statement_from"),
    claims="institutional",
)
