"""Nobody is treated before birth."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.patient_born_after_service",
    title="Birth date after the service",
    group="Dates",
    severity=Severity.STOP,
    message="The patient's birth date lies after the date of service {first_service_on}.",
    remedy="Correct the birth date or the date of service.",
    sources=(Source("x12_837p", "DMG02, DTP*472"),),
    prevents=("14",),
    when=pl.col("patient_birth_date") > pl.col("first_service_on"),
    facts=x.fact("first_service_on"),
)
