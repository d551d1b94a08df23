"""Each Medicaid programme has its own telehealth places."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if "medicaid" not in prepared.kinds:
        return None
    lines = prepared.telehealth_coding.lazy().filter(pl.col("severity") != "unknown")
    remote = pl.col("line_place").is_in(["02", "10"])
    listed = pl.col("accepted_places").list.len() > 0
    wrong = (listed & ~pl.col("line_place").is_in(pl.col("accepted_places"))) | (
        pl.col("place_as_in_person") & remote
    )
    return lines.filter(wrong).select(
        "claim_row",
        "line_number",
        "line_place",
        pl.when("place_as_in_person")
        .then(pl.lit("the place of an in-person visit"))
        .otherwise(pl.col("accepted_places").list.join(" or "))
        .alias("wanted"),
        "state",
        "rule_id",
        "severity",
    )


EDIT = Edit(
    id="edits.medicaid_telehealth_place",
    title="Telehealth place that this Medicaid programme does not take",
    group="Place and telehealth",
    severity=Severity.OVERRIDE,
    message="Line {line}: place {line_place}; {state} Medicaid wants {wanted} for telehealth.",
    remedy="Correct the place of service for this programme.",
    sources=(Source("cleanclaim_rules", "telehealth.claim_coding"),),
    prevents=("5", "58"),
    find=_find,
    claims="professional",
    only=frozenset({"medicaid", "remote"}),
)
