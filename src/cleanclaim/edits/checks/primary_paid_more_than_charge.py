"""An earlier payer paid more than was charged."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_other_payer:
        return None
    return (
        prepared.frames.other_payers.lazy()
        .join(
            prepared.claims.lazy().select("claim_row", "total_charge_cents"),
            on="claim_row",
            maintain_order="left",
        )
        .filter(
            (pl.col("other_paid_cents") > pl.col("total_charge_cents")) & (pl.col("total_charge_cents") > 0)
        )
        .select(
            "claim_row",
            x.NO_LINE,
            "other_payer_id",
            pl.col("other_paid_cents").alias("paid_cents"),
            "total_charge_cents",
        )
    )


EDIT = Edit(
    id="edits.primary_paid_more_than_charge",
    title="Earlier payer paid more than the charge",
    group="Coordination of benefits",
    severity=Severity.OVERRIDE,
    message="The earlier payer {other_payer_id} is said to have paid {paid_cents} of a charge of "
    "{total_charge_cents}.",
    remedy="Read the remittance again: payments of other claims must not stand here.",
    sources=(Source("x12_837p", "AMT D"),),
    prevents=(
        "23",
        "22",
    ),
    find=_find,
)
