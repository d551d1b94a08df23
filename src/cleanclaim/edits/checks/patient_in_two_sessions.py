"""A patient cannot sit in two rooms."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_timed_sessions:
        return None
    timed = (
        prepared.history.lazy()
        .filter(
            pl.col("start_minute").is_not_null()
            & (pl.col("stop_minute") > pl.col("start_minute"))
            & (pl.col("patient_id") != "")
        )
        .select("patient_id", "date_of_service", "encounter_id", "start_minute", "stop_minute")
        .unique()
    )
    keys = ["patient_id", "date_of_service"]
    mine = (
        prepared.lines.lazy()
        .filter((pl.col("encounter_id") != "") & x.NOT_VOID)
        .select("claim_row", "line_number", *keys, "encounter_id")
        .join(timed, on=[*keys, "encounter_id"])
    )
    shared = pl.min_horizontal("stop_minute", "stop_minute_2") - pl.max_horizontal(
        "start_minute", "start_minute_2"
    )
    return (
        mine.join(timed, on=keys, suffix="_2")
        .filter((pl.col("encounter_id") != pl.col("encounter_id_2")) & (shared > 0))
        .group_by("claim_row")
        .agg(
            pl.col("line_number").min(), pl.col("date_of_service").min(), shared.max().alias("minutes_shared")
        )
    )


EDIT = Edit(
    id="edits.patient_in_two_sessions",
    title="Patient in two sessions at once",
    group="History",
    severity=Severity.OVERRIDE,
    message="On {date_of_service} the patient is also in another session, for {minutes_shared} minutes of "
    "the same time.",
    remedy="Correct the times from the notes; two clinicians together bill one session.",
    sources=(Source("cms_pub_100_08", "chapter 4, impossible services"),),
    prevents=(
        "18",
        "97",
    ),
    find=_find,
    needs=frozenset({"history"}),
)
