"""Charges come from one schedule."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.charges.height:
        return None
    prices = (
        prepared.charges.lazy()
        .filter(pl.col("modifier") == "")
        .select(
            "practice_id", "code", "amount_cents", pl.col("starts").alias("from"), pl.col("ends").alias("to")
        )
    )
    special = prepared.charges.lazy().filter(pl.col("modifier") != "").select("practice_id", "code").unique()
    return (
        prepared.lines.lazy()
        .filter(x.NOT_VOID & pl.col("units_milli").is_not_null())
        .join(special, on=["practice_id", "code"], how="anti", maintain_order="left")
        .join(prices, on=["practice_id", "code"], maintain_order="left")
        .filter(
            (pl.col("from").is_null() | (pl.col("from") <= pl.col("date_of_service")))
            & (pl.col("to").is_null() | (pl.col("to") >= pl.col("date_of_service")))
        )
        .with_columns((pl.col("amount_cents") * pl.col("units_milli") // 1000).alias("scheduled_cents"))
        .filter(pl.col("scheduled_cents") != pl.col("charge_cents"))
        .select("claim_row", "line_number", "code", "charge_cents", "scheduled_cents")
    )


EDIT = Edit(
    id="edits.charge_differs_from_schedule",
    title="Charge differs from the charge master",
    group="Claim",
    severity=Severity.TELL,
    message="Line {line}: {charge_cents} is charged for {code}; the charge master says {scheduled_cents}.",
    remedy="Charge every payer alike: correct the line, or date a new price in the charge master.",
    sources=(Source("cleanclaim_policy", "one charge for every payer"),),
    prevents=("45",),
    find=_find,
    needs=frozenset({"charges"}),
)
