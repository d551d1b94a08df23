"""Only the most specific code is billable."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.diagnosis_is_header",
    title="Diagnosis is a heading, not a billable code",
    group="Diagnoses",
    severity=Severity.STOP,
    message="Diagnosis {diagnosis} is a heading; payers take only the most specific code below it.",
    remedy="Choose the code that the note supports, with its last digit.",
    sources=(Source("cdc_icd10cm_2026", "tabular list"),),
    prevents=("146", "16"),
    level="diagnosis",
    when=~pl.col("billable") & (pl.col("last_service_on") >= pl.col("listed_from")),
    facts=x.facts("diagnosis_number", "diagnosis"),
)
