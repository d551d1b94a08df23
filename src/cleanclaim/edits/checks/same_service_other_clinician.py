"""Two clinicians, one service, one day."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_earlier_lines:
        return None
    others = (
        prepared.history.lazy()
        .filter(
            (pl.col("claim_number") != "")
            & (pl.col("patient_id") != "")
            & (pl.col("line_rendering_npi") != "")
        )
        .select(
            "practice_id",
            "patient_id",
            "date_of_service",
            "code",
            pl.col("line_rendering_npi").alias("colleague"),
            pl.col("claim_number").alias("earlier_claim"),
        )
    )
    return (
        prepared.lines.lazy()
        .filter(x.SESSION_FAMILIES & (pl.col("frequency") == "1") & (pl.col("line_rendering_npi") != ""))
        .join(others, on=["practice_id", "patient_id", "date_of_service", "code"], maintain_order="left")
        .filter(
            (pl.col("colleague") != pl.col("line_rendering_npi"))
            & (pl.col("earlier_claim") != pl.col("claim_number"))
        )
        .group_by("claim_row", "line_number", "code", "date_of_service", maintain_order=True)
        .agg(pl.len().alias("others"))
    )


EDIT = Edit(
    id="edits.same_service_other_clinician",
    title="Same service by a colleague on the same day",
    group="History",
    severity=Severity.TELL,
    message="Line {line}: {code} on {date_of_service} was billed by another clinician of the practice, too.",
    remedy="If one session was meant, keep one; two sessions need times that do not meet.",
    sources=(Source("cleanclaim_handbook_denials", "duplicates"),),
    prevents=(
        "18",
        "B20",
    ),
    find=_find,
    needs=frozenset({"history"}),
)
