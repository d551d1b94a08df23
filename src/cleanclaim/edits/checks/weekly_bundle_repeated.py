"""A bundle pays seven days."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.looking_back import WEEKLY
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_earlier_lines or not WEEKLY & prepared.codes:
        return None
    earlier = (
        prepared.history.lazy()
        .filter(pl.col("code").is_in(WEEKLY) & (pl.col("claim_number") != "") & (pl.col("patient_id") != ""))
        .select(
            "patient_id",
            "payer_id",
            "code",
            pl.col("date_of_service").alias("earlier_on"),
            pl.col("claim_number").alias("earlier_claim"),
        )
    )
    return (
        prepared.lines.lazy()
        .filter(pl.col("code").is_in(WEEKLY) & (pl.col("frequency") == "1"))
        .join(earlier, on=["patient_id", "payer_id", "code"], maintain_order="left")
        .filter(
            (pl.col("earlier_claim") != pl.col("claim_number"))
            & pl.col("earlier_on").is_between(
                pl.col("date_of_service").dt.offset_by("-6d"), pl.col("date_of_service").dt.offset_by("6d")
            )
        )
        .group_by("claim_row", "line_number", "code", maintain_order=True)
        .agg(pl.col("date_of_service").first(), pl.col("earlier_on").max())
    )


EDIT = Edit(
    id="edits.weekly_bundle_repeated",
    title="Weekly bundle within seven days of the last",
    group="History",
    severity=Severity.OVERRIDE,
    message="Line {line}: {code} on {date_of_service} is within seven days of the bundle of {earlier_on}.",
    remedy="Bill the next week from its first day, or the take-home supply where it applies.",
    sources=(Source("cleanclaim_handbook_coding", "section 14, opioid treatment programmes"),),
    prevents=(
        "119",
        "222",
    ),
    find=_find,
    needs=frozenset({"history"}),
)
