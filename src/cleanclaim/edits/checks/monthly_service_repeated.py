"""A month is billed once."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.looking_back import MONTHLY
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_earlier_lines or not MONTHLY & prepared.codes:
        return None
    earlier = (
        prepared.history.lazy()
        .filter(pl.col("code").is_in(MONTHLY) & (pl.col("claim_number") != "") & (pl.col("patient_id") != ""))
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
        .filter(pl.col("code").is_in(MONTHLY) & (pl.col("frequency") == "1"))
        .join(earlier, on=["patient_id", "payer_id", "code"], maintain_order="left")
        .filter(
            (pl.col("earlier_claim") != pl.col("claim_number"))
            & (pl.col("earlier_on").dt.strftime("%Y%m") == pl.col("date_of_service").dt.strftime("%Y%m"))
        )
        .group_by("claim_row", "line_number", "code", maintain_order=True)
        .agg(pl.col("date_of_service").first(), pl.col("earlier_on").max())
    )


EDIT = Edit(
    id="edits.monthly_service_repeated",
    title="Monthly service billed twice in a month",
    group="History",
    severity=Severity.OVERRIDE,
    message="Line {line}: {code} of {date_of_service} was billed for the same month already, on "
    "{earlier_on}.",
    remedy="Care management counts the minutes of a whole calendar month into one line.",
    sources=(Source("cleanclaim_handbook_coding", "section 12, months"),),
    prevents=(
        "119",
        "222",
    ),
    find=_find,
    needs=frozenset({"history"}),
)
