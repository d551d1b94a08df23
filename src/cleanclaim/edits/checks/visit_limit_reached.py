"""Plans that pay a number of visits a year."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if prepared.coverage.get_column("visit_limit").null_count() == prepared.coverage.height:
        return None
    limited = (
        prepared.coverage.lazy()
        .filter(pl.col("visit_limit").is_not_null() & pl.col("visits_used").is_not_null())
        .group_by("patient_id", "payer_id")
        .agg(pl.col("visit_limit").max(), pl.col("visits_used").min())
    )
    days = (
        prepared.lines.lazy()
        .filter(x.SESSION_FAMILIES & x.NOT_VOID & (pl.col("code_kind") != "addon"))
        .join(limited, on=["patient_id", "payer_id"], maintain_order="left")
        .with_columns(
            pl.col("date_of_service")
            .rank("dense")
            .over("patient_id", "payer_id", pl.col("date_of_service").dt.year())
            .cast(pl.Int32)
            .alias("visit")
        )
    )
    return days.filter(pl.col("visits_used") + pl.col("visit") > pl.col("visit_limit")).select(
        "claim_row",
        "line_number",
        "visit_limit",
        (pl.col("visits_used") + pl.col("visit") - 1).alias("visits_used"),
    )


EDIT = Edit(
    id="edits.visit_limit_reached",
    title="Visits of the year used up",
    group="Coverage",
    severity=Severity.OVERRIDE,
    message="Line {line}: the plan pays {visit_limit} visits a year and {visits_used} were used before "
    "this one.",
    remedy="Ask for more visits under parity, or agree with the patient in writing who pays.",
    sources=(Source("cleanclaim_handbook_denials", "visit limits"),),
    prevents=(
        "119",
        "35",
    ),
    find=_find,
    needs=frozenset({"coverage"}),
)
