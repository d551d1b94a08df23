"""Units are a positive number."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.units_invalid",
    title="Units missing or not positive",
    group="Claim",
    severity=Severity.STOP,
    message="Line {line} ({code}) has units that are not a positive number.",
    remedy="Enter the units; one session of psychotherapy is 1.",
    sources=(Source("x12_837p", "SV104"),),
    prevents=("16",),
    level="line",
    when=pl.col("units_milli").is_null() | (pl.col("units_milli") <= 0),
    facts=x.facts("code", "units"),
)
