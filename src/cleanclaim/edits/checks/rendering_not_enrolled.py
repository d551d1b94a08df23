"""Payers pay enrolled clinicians."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.enrollments.height:
        return None
    known = prepared.enrollments.lazy().filter(pl.col("role") == "rendering")
    payers = known.select("payer_id").unique()
    mine = (
        prepared.lines.lazy()
        .filter(x.NOT_VOID & (pl.col("line_rendering_npi") != ""))
        .join(payers, on="payer_id", how="semi", maintain_order="left")
    )
    enrolled = (
        mine.join(known, left_on=["line_rendering_npi", "payer_id"], right_on=["npi", "payer_id"])
        .filter(
            (pl.col("starts").is_null() | (pl.col("starts") <= pl.col("date_of_service")))
            & (pl.col("ends").is_null() | (pl.col("ends") >= pl.col("date_of_service")))
        )
        .select("claim_row", "line_number")
    )
    return mine.join(enrolled, on=["claim_row", "line_number"], how="anti", maintain_order="left").select(
        "claim_row", "line_number", "line_rendering_npi", "payer_id", "date_of_service"
    )


EDIT = Edit(
    id="edits.rendering_not_enrolled",
    title="Clinician is not enrolled with the payer",
    group="Credentials",
    severity=Severity.OVERRIDE,
    message="Line {line}: {line_rendering_npi} has no enrollment with payer {payer_id} on {date_of_service}.",
    remedy="Finish the enrollment and ask for its date; bill under a supervisor only where the payer "
    "says so.",
    sources=(Source("cleanclaim_handbook_denials", "credentialing"),),
    prevents=(
        "B7",
        "185",
    ),
    find=_find,
    needs=frozenset({"enrollments"}),
    claims="professional",
)
