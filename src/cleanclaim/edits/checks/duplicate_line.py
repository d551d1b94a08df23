"""The same service twice on one claim."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_several_lines:
        return None
    return (
        prepared.lines.lazy()
        .filter(~x.has_modifier("76", "77", "59", "XE", "XP", "XS", "XU"))
        .with_columns(pl.col("modifiers").list.sort().list.join("+"))
        .group_by(
            "claim_row", "date_of_service", "code", "modifiers", "line_rendering_npi", maintain_order=True
        )
        .agg(pl.col("line_number").max(), pl.len().alias("times"))
        .filter(pl.col("times") > 1)
        .select("claim_row", "line_number", "code", "date_of_service", "times")
    )


EDIT = Edit(
    id="edits.duplicate_line",
    title="Same service twice on the claim",
    group="History",
    severity=Severity.OVERRIDE,
    message="{code} on {date_of_service} stands {times} times on this claim for one clinician.",
    remedy="Remove the copy; for two separate sessions add the payer's modifier (59, XE or 76).",
    sources=(Source("cms_pub_100_04", "chapter 1, section 120"),),
    prevents=("18",),
    find=_find,
    claims="professional",
)
