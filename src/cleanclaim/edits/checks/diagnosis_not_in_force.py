"""Diagnoses of another fiscal year than the service."""

from __future__ import annotations

from datetime import date

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

# No release of these years is loaded: a code that begins with the next one may be older.
_NO_RELEASE_FROM, _NO_RELEASE_TO = date(2021, 10, 1), date(2024, 9, 30)
_served = pl.col("first_service_on")


EDIT = Edit(
    id="edits.diagnosis_not_in_force",
    title="Diagnosis is not in force on the date of service",
    group="Diagnoses",
    severity=Severity.STOP,
    message="Diagnosis {diagnosis} does not hold on {date_of_service}: it runs from {code_starts} to "
    "{code_ends}.",
    remedy="Use the code of the fiscal year of the service; the classification changes every 1 October.",
    sources=(Source("cdc_icd10cm_2026", "releases of the fiscal years"),),
    prevents=("146", "16"),
    level="diagnosis",
    when=pl.col("billable").is_not_null()
    & ~_served.is_between(_NO_RELEASE_FROM, _NO_RELEASE_TO)
    & (_served >= date(2020, 10, 1))
    & ((_served > pl.col("listed_to")) | (pl.col("last_service_on") < pl.col("listed_from"))),
    facts={
        "diagnosis": pl.col("diagnosis"),
        "date_of_service": _served,
        "code_starts": pl.col("listed_from"),
        "code_ends": pl.when(pl.col("listed_to") < date(9999, 1, 1)).then("listed_to"),
    },
)
