"""A line that charges nothing pays nothing."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.charge_zero",
    title="Zero charge",
    group="Claim",
    severity=Severity.OVERRIDE,
    message="Line {line} ({code}) charges nothing.",
    remedy="Set the price in the charge master, or confirm that this is a line for information only.",
    sources=(Source("x12_837p", "SV102"),),
    prevents=("16",),
    level="line",
    when=pl.col("charge_cents") == 0,
    facts=x.fact("code"),
)
