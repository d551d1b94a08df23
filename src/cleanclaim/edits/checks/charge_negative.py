"""Charges are never negative."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.charge_negative",
    title="Negative charge",
    group="Claim",
    severity=Severity.STOP,
    message="Line {line} charges {charge_cents}.",
    remedy="Correct the charge; a refund or reversal is never sent as a negative charge.",
    sources=(Source("x12_837p", "SV102"),),
    prevents=("16",),
    level="line",
    when=pl.col("charge_cents") < 0,
    facts=x.fact("charge_cents"),
)
