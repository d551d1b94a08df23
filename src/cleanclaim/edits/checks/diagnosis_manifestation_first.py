"""Disorders due to another disease follow that disease."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    return (
        prepared.diagnoses.lazy()
        .filter((pl.col("diagnosis_number") == 1) & pl.col("diagnosis").str.contains(r"^(?:F02|F54)"))
        .select("claim_row", x.NO_LINE, "diagnosis")
    )


EDIT = Edit(
    id="edits.diagnosis_manifestation_first",
    title="The underlying disease must stand first",
    group="Diagnoses",
    severity=Severity.OVERRIDE,
    message="Diagnosis {diagnosis} is due to another disease, which must be listed before it.",
    remedy="List the underlying disease first.",
    sources=(Source("cdc_icd10cm_2026", "code-first notes"),),
    prevents=("16", "11"),
    find=_find,
)
