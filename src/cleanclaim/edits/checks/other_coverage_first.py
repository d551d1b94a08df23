"""Another coverage should have paid first."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_later_payer:
        return None
    rank = pl.col("sequence").replace_strict({"P": 1, "S": 2, "T": 3}, default=None, return_dtype=pl.Int32)
    others = prepared.coverage.lazy().select(
        "patient_id",
        pl.col("payer_id").alias("first_payer_id"),
        "starts",
        "ends",
        "status",
        rank.alias("rank"),
    )
    named = prepared.frames.other_payers.lazy().select(
        "claim_row", pl.col("other_payer_id").alias("first_payer_id")
    )
    return (
        prepared.claim_keys.lazy()
        .filter(pl.col("patient_id") != "")
        .with_columns(rank.alias("own_rank"))
        .join(others, on="patient_id")
        .filter(
            (pl.col("first_payer_id") != pl.col("payer_id"))
            & (pl.col("rank") < pl.col("own_rank"))
            & (pl.col("status") != "inactive")
            & (pl.col("starts").is_null() | (pl.col("starts") <= pl.col("first_service_on")))
            & (pl.col("ends").is_null() | (pl.col("ends") >= pl.col("first_service_on")))
        )
        .join(named, on=["claim_row", "first_payer_id"], how="anti")
        .select("claim_row", x.NO_LINE, "first_payer_id")
        .unique(maintain_order=True)
    )


EDIT = Edit(
    id="edits.other_coverage_first",
    title="Another coverage pays first",
    group="Coordination of benefits",
    severity=Severity.OVERRIDE,
    message="Payer {first_payer_id} comes first for this patient, and is not on the claim.",
    remedy="Bill that payer first, or correct the order of coverages.",
    sources=(
        Source("cfr_42_411_20", "Medicare secondary payer"),
        Source("cfr_42_433_139", "third-party liability"),
    ),
    prevents=("22",),
    find=_find,
    needs=frozenset({"coverage"}),
)
