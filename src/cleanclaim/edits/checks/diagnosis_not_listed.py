"""Diagnoses that no loaded release of the classification has."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.diagnosis_not_listed",
    title="Diagnosis is not in the classification",
    group="Diagnoses",
    severity=Severity.STOP,
    message="Diagnosis {diagnosis} is not in any loaded release of ICD-10-CM.",
    remedy="Look for a mistyped digit; for a date after the loaded edition, load the new one.",
    sources=(Source("cdc_icd10cm_2026", "tabular list"),),
    prevents=("146", "16"),
    level="diagnosis",
    when=pl.col("billable").is_null()
    & pl.col("diagnosis").str.contains(r"^[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?$")
    & (pl.col("first_service_on") >= pl.col("releases_from")),
    facts={
        "diagnosis": pl.col("diagnosis"),
        # A newer edition than ours may hold the code: then we only tell.
        "severity": pl.when(pl.col("first_service_on") <= pl.col("releases_through"))
        .then(pl.lit(str(Severity.STOP)))
        .otherwise(pl.lit(str(Severity.TELL))),
    },
)
