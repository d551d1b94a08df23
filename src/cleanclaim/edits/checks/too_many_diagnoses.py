"""A professional claim holds twelve diagnoses."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.too_many_diagnoses",
    title="More than 12 diagnoses",
    group="Diagnoses",
    severity=Severity.STOP,
    message="The claim has {diagnosis_count} diagnoses; it holds 12.",
    remedy="Keep the twelve that the services treated.",
    sources=(Source("x12_837p", "HI of loop 2300"),),
    prevents=("16",),
    when=pl.col("diagnosis_count") > 12,
    facts=x.fact("diagnosis_count"),
    claims="professional",
)
