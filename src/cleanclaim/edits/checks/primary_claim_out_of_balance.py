"""An earlier payer's total agrees with its lines and the charge."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_other_payer:
        return None
    adjusted = (
        prepared.frames.adjustments.lazy()
        .group_by("claim_row", "other_payer_id")
        .agg(pl.col("adjustment_cents").sum().alias("adjusted_cents"))
    )
    totals = prepared.claims.lazy().select("claim_row", "total_charge_cents")
    return (
        prepared.frames.other_payers.lazy()
        .filter(pl.col("other_paid_cents").is_not_null())
        .join(totals, on="claim_row")
        .join(adjusted, on=["claim_row", "other_payer_id"], how="left")
        .with_columns(
            (
                pl.col("total_charge_cents")
                - pl.col("other_paid_cents")
                - pl.col("adjusted_cents").fill_null(0)
            ).alias("difference_cents")
        )
        .filter(pl.col("difference_cents") != 0)
        .select("claim_row", x.NO_LINE, "other_payer_id", "total_charge_cents", "difference_cents")
    )


EDIT = Edit(
    id="edits.primary_claim_out_of_balance",
    title="First payer's claim does not balance",
    group="Coordination of benefits",
    severity=Severity.STOP,
    message="Paid and adjustments of payer {other_payer_id} miss the total charge by {difference_cents}.",
    remedy="Compare with the remittance; every adjustment of that payer must be carried over unchanged.",
    sources=(Source("x12_837p", "balancing of loop 2320"),),
    prevents=("16", "252"),
    find=_find,
)
