"""Lines point to diagnoses of their claim."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.diagnosis_pointer_invalid",
    title="Diagnosis pointer missing or pointing nowhere",
    group="Diagnoses",
    severity=Severity.STOP,
    message="Line {line} must point to one to four of the claim's {diagnosis_count} diagnoses.",
    remedy="Choose the diagnoses that the line treated, the main one first.",
    sources=(Source("x12_837p", "SV107"),),
    prevents=("16",),
    level="line",
    when=(pl.col("diagnosis_count") > 0)  # a claim without any is told once, by diagnoses_missing
    & (
        (pl.col("diagnosis_pointers").list.len() == 0)
        | (pl.col("diagnosis_pointers").list.len() > 4)
        | (pl.col("diagnosis_pointers").list.min() < 1)
        | (pl.col("diagnosis_pointers").list.max() > pl.col("diagnosis_count"))
        | (pl.col("diagnosis_pointers").list.n_unique() != pl.col("diagnosis_pointers").list.len())
    ),
    facts=x.facts("diagnosis_count", "diagnosis_pointers"),
    claims="professional",
)
