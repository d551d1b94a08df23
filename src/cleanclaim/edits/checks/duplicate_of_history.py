"""The same service billed before."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_earlier_lines:
        return None
    before = (
        prepared.history.lazy()
        .filter((pl.col("claim_number") != "") & (pl.col("patient_id") != ""))
        .select(
            "patient_id",
            "payer_id",
            "date_of_service",
            "code",
            "line_rendering_npi",
            pl.col("claim_number").alias("earlier_claim"),
            pl.col("encounter_id").alias("earlier_encounter"),
        )
    )
    return (
        prepared.lines.lazy()
        .filter((pl.col("frequency") == "1") & ~x.has_modifier("76", "77", "59", "XE", "XP", "XS", "XU"))
        .join(before, on=["patient_id", "payer_id", "date_of_service", "code", "line_rendering_npi"])
        .filter(pl.col("earlier_claim") != pl.col("claim_number"))
        .select("claim_row", "line_number", "code", "date_of_service", "earlier_claim")
    )


EDIT = Edit(
    id="edits.duplicate_of_history",
    title="Service billed before",
    group="History",
    severity=Severity.OVERRIDE,
    message="Line {line}: {code} on {date_of_service} was billed before, on claim {earlier_claim}.",
    remedy="Ask for the status of that claim; to change it send a replacement, not a second original.",
    sources=(Source("cms_pub_100_04", "chapter 1, section 120"),),
    prevents=("18", "B13"),
    find=_find,
    needs=frozenset({"history"}),
)
