"""The shape of an ICD-10-CM code."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.diagnosis_malformed",
    title="Diagnosis code malformed",
    group="Diagnoses",
    severity=Severity.STOP,
    message="Diagnosis {diagnosis_number} is not shaped like an ICD-10-CM code: {diagnosis}.",
    remedy="Enter the code with its point, for example F41.1.",
    sources=(Source("cdc_icd10cm_2026", "code structure"),),
    prevents=("16", "146"),
    level="diagnosis",
    when=~pl.col("diagnosis").str.contains(r"^[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?$"),
    facts=x.facts("diagnosis_number", "diagnosis"),
)
