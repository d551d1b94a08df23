"""Diagnoses of another fiscal year than the service."""

from __future__ import annotations

from datetime import date

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source

# No release of these years is loaded: a code that begins with the next one may be older.
_NO_RELEASE_FROM, _NO_RELEASE_TO = date(2021, 10, 1), date(2024, 9, 30)


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    served = pl.col("first_service_on")
    return (
        prepared.diagnoses.lazy()
        .filter(
            pl.col("billable").is_not_null()
            & ~served.is_between(_NO_RELEASE_FROM, _NO_RELEASE_TO)
            & (served >= date(2020, 10, 1))
            & ((served > pl.col("listed_to")) | (pl.col("last_service_on") < pl.col("listed_from")))
        )
        .select(
            "claim_row",
            x.NO_LINE,
            "diagnosis",
            served.alias("date_of_service"),
            pl.col("listed_from").alias("code_starts"),
            pl.when(pl.col("listed_to") < date(9999, 1, 1)).then("listed_to").alias("code_ends"),
        )
    )


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
    find=_find,
)
