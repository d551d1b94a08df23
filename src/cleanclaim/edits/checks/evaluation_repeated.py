"""A second evaluation needs a reason."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.looking_back import EVALUATIONS
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.history.height or not EVALUATIONS & prepared.codes:
        return None
    earlier = (
        prepared.history.lazy()
        .filter(pl.col("code").is_in(EVALUATIONS) & (pl.col("patient_id") != ""))
        .select(
            "practice_id",
            "patient_id",
            pl.col("date_of_service").alias("earlier_on"),
            pl.col("encounter_id").alias("earlier_encounter"),
            pl.col("claim_number").alias("earlier_claim"),
        )
    )
    day = pl.col("date_of_service")
    return (
        prepared.lines.lazy()
        .filter(pl.col("code").is_in(EVALUATIONS) & (pl.col("frequency") == "1"))
        .join(earlier, on=["practice_id", "patient_id"], maintain_order="left")
        .filter(
            (pl.col("earlier_on") < day)
            & (pl.col("earlier_on") > day.dt.offset_by("-6mo"))
            & (pl.col("earlier_claim") != pl.col("claim_number"))
            & (pl.col("earlier_encounter") != pl.col("encounter_id"))
        )
        .group_by("claim_row", "line_number", "code", maintain_order=True)
        .agg(pl.col("date_of_service").first(), pl.col("earlier_on").max())
    )


EDIT = Edit(
    id="edits.evaluation_repeated",
    title="Diagnostic evaluation within six months of the last",
    group="History",
    severity=Severity.TELL,
    message="Line {line}: {code} on {date_of_service} follows an evaluation of {earlier_on} by the same "
    "practice.",
    remedy="Plans take a second one after a break of six months or a new episode: say so in the note, or "
    "bill therapy.",
    sources=(Source("bcbsil_psychiatry_policy", "repeat evaluation"),),
    prevents=(
        "119",
        "151",
    ),
    find=_find,
    needs=frozenset({"history"}),
)
