"""Medicaid pays last."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if "medicaid" not in prepared.kinds or not prepared.has_other_payer:
        return None
    rank = {"P": 1, "S": 2, "T": 3}
    others = (
        prepared.frames.other_payers.lazy()
        .filter(pl.col("other_payer_kind") != "medicaid")
        .select(
            "claim_row",
            "other_payer_id",
            pl.col("other_sequence")
            .replace_strict(rank, default=None, return_dtype=pl.Int32)
            .alias("other_rank"),
        )
    )
    return (
        prepared.claim_keys.lazy()
        .filter(x.MEDICAID)
        .with_columns(
            pl.col("sequence").replace_strict(rank, default=None, return_dtype=pl.Int32).alias("rank")
        )
        .join(others, on="claim_row")
        .filter(pl.col("other_rank") > pl.col("rank"))
        .select("claim_row", x.NO_LINE, "other_payer_id")
    )


EDIT = Edit(
    id="edits.medicaid_not_last",
    title="Medicaid billed before another payer",
    group="Coordination of benefits",
    severity=Severity.OVERRIDE,
    message="Medicaid pays last, but payer {other_payer_id} stands behind it on this claim.",
    remedy="Bill the other payer first, then Medicaid with its answer.",
    sources=(Source("cfr_42_433_139", "third-party liability"),),
    prevents=("22",),
    find=_find,
)
