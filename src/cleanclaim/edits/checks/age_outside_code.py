"""Codes with a national age limit."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.age_outside_code",
    title="Patient's age does not fit the code",
    group="Codes",
    severity=Severity.OVERRIDE,
    message="Line {line}: code {code} is for ages from {age_min}.",
    remedy="Choose the code for the patient's age, or correct the birth date.",
    sources=(Source("cleanclaim_codesets", "procedures"),),
    prevents=("6",),
    level="line",
    when=(
        pl.col("patient_birth_date").dt.offset_by(pl.format("{}y", pl.col("age_min").fill_null(0)))
        > pl.col("date_of_service")
    )
    & pl.col("age_min").is_not_null(),
    facts=x.facts("code", "age_min"),
)
