"""One clinician cannot hold two sessions at once."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import tables
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_timed_sessions:
        return None
    groups = tables.group_codes()
    # Monthly, daily and facility work has no session time of its own.
    timed = prepared.history.lazy().filter(
        pl.col("start_minute").is_not_null()
        & (pl.col("stop_minute") > pl.col("start_minute"))
        & (pl.col("line_rendering_npi") != "")
        & ~pl.col("code").is_in(groups)
    )
    keys = ["practice_id", "line_rendering_npi", "date_of_service"]
    sessions = timed.select(*keys, "encounter_id", "patient_id", "start_minute", "stop_minute").unique()
    mine = (
        prepared.lines.lazy()
        .filter((pl.col("encounter_id") != "") & ~pl.col("code").is_in(groups))
        .select("claim_row", "line_number", *keys, "encounter_id", "patient_id")
        .join(sessions, on=[*keys, "encounter_id", "patient_id"])
    )
    return (
        mine.join(sessions, on=keys, suffix="_2")
        .filter(
            (pl.col("encounter_id") != pl.col("encounter_id_2"))
            & (pl.col("patient_id") != pl.col("patient_id_2"))
            & (pl.col("start_minute") < pl.col("stop_minute_2"))
            & (pl.col("start_minute_2") < pl.col("stop_minute"))
        )
        .group_by("claim_row", maintain_order=True)
        .agg(
            pl.col("line_number").min(),
            pl.col("date_of_service").first(),
            (
                pl.min_horizontal("stop_minute", "stop_minute_2")
                - pl.max_horizontal("start_minute", "start_minute_2")
            )
            .max()
            .alias("minutes_shared"),
            pl.col("encounter_id_2").n_unique().alias("other_sessions"),
        )
    )


EDIT = Edit(
    id="edits.sessions_overlap",
    title="Sessions of one clinician overlap",
    group="History",
    severity=Severity.OVERRIDE,
    message="On {date_of_service} this session overlaps another patient's session of the same clinician "
    "by {minutes_shared} minutes.",
    remedy="Correct the times from the notes before either claim is sent.",
    sources=(Source("cms_pub_100_08", "chapter 4, impossible services"),),
    prevents=("18", "150"),
    find=_find,
    needs=frozenset({"history"}),
)
