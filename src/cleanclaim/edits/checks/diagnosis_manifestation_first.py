"""Disorders due to another disease follow that disease."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.diagnosis_manifestation_first",
    title="The underlying disease must stand first",
    group="Diagnoses",
    severity=Severity.OVERRIDE,
    message="Diagnosis {diagnosis} is due to another disease, which must be listed before it.",
    remedy="List the underlying disease first.",
    sources=(Source("cdc_icd10cm_2026", "code-first notes"),),
    prevents=("16", "11"),
    level="diagnosis",
    when=(pl.col("diagnosis_number") == 1) & pl.col("diagnosis").str.contains(r"^(?:F02|F54)"),
    facts=x.fact("diagnosis"),
)
