"""No clinician holds more than sixteen hours of sessions in a day."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import tables
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    keys = ["practice_id", "line_rendering_npi", "date_of_service"]
    groups = tables.group_codes()
    # A group is one session of the clinician, however many patients; so is a visit with psychotherapy.
    known = prepared.history.lazy()
    if prepared.history.height > 4 * prepared.lines.height:
        # A practice's week beside a few claims: only the days of their clinicians are added up.
        known = known.join(prepared.lines.lazy().select(keys).unique(), on=keys, how="semi")
    past = known.select(
        *keys,
        pl.when(pl.col("code").is_in(groups))
        .then(pl.format("group {}", pl.col("start_minute").fill_null(-1)))
        .otherwise("encounter_id")
        .alias("session"),
        pl.coalesce(pl.col("stop_minute") - pl.col("start_minute"), "session_minutes").alias("minutes"),
    )
    present = (
        prepared.lines.lazy()
        .filter(~pl.col("code").is_in(groups))
        .select(*keys, pl.col("encounter_id").alias("session"), pl.col("session_minutes").alias("minutes"))
    )
    days = (
        pl.concat([past, present])
        .filter(
            (pl.col("line_rendering_npi") != "") & (pl.col("session") != "") & pl.col("minutes").is_not_null()
        )
        .group_by(*keys, "session")
        .agg(pl.col("minutes").max())
        .group_by(keys)
        .agg(pl.col("minutes").sum().alias("day_minutes"), pl.len().alias("sessions"))
        .filter(pl.col("day_minutes") > 16 * 60)
    )
    return (
        prepared.lines.lazy()
        .join(days, on=keys)
        .group_by("claim_row", "date_of_service", "line_rendering_npi", maintain_order=True)
        .agg(pl.col("line_number").min(), pl.col("day_minutes").first(), pl.col("sessions").first())
        .select("claim_row", "line_number", "date_of_service", "day_minutes", "sessions")
    )


EDIT = Edit(
    id="edits.impossible_day",
    title="More than 16 hours of sessions in a day",
    group="History",
    severity=Severity.OVERRIDE,
    message="On {date_of_service} this clinician has {day_minutes} minutes in {sessions} sessions, "
    "over 16 hours.",
    remedy="Correct the times or the rendering clinician before any of these claims is sent.",
    sources=(Source("cms_pub_100_08", "chapter 4, impossible services"),),
    prevents=("150",),
    find=_find,
    needs=frozenset({"history"}),
)
