"""Crisis psychotherapy takes in the day's other psychotherapy."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if "crisis" not in prepared.families:
        return None
    lines = prepared.lines.lazy()
    crisis = lines.filter(pl.col("code").is_in(["90839", "90840"])).select(
        "claim_row", "date_of_service", "line_rendering_npi", pl.lit("90839").alias("crisis_code")
    )
    return (
        lines.filter(x.PSYCHOTHERAPY | (pl.col("family") == "diagnostic_eval"))
        .join(crisis.unique(), on=["claim_row", "date_of_service", "line_rendering_npi"])
        .select("claim_row", "line_number", "code", "crisis_code", "date_of_service")
    )


EDIT = Edit(
    id="edits.crisis_beside_psychotherapy",
    title="Psychotherapy beside crisis psychotherapy",
    group="Codes",
    severity=Severity.STOP,
    message="Line {line}: {code} cannot stand beside crisis psychotherapy of the same clinician and day.",
    remedy="Bill the crisis codes alone.",
    sources=(
        Source("bcbsil_psychiatry_policy", "crisis"),
        Source("cms_ncci_ptp_2024q3", "modifier indicator 0"),
    ),
    prevents=("97", "236"),
    find=_find,
)
