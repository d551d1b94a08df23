"""Paid and adjustments of an earlier payer add up to the line."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_other_payer:
        return None
    charges = prepared.lines.lazy().select("line_row", "charge_cents")
    return (
        prepared.frames.other_lines.lazy()
        .join(charges, on="line_row")
        .with_columns(
            (
                pl.col("charge_cents") - pl.col("other_line_paid_cents") - pl.col("other_line_adjusted_cents")
            ).alias("difference_cents")
        )
        .filter(pl.col("difference_cents") != 0)
        .select("claim_row", "line_number", "other_payer_id", "charge_cents", "difference_cents")
    )


EDIT = Edit(
    id="edits.primary_line_out_of_balance",
    title="First payer's line does not balance",
    group="Coordination of benefits",
    severity=Severity.STOP,
    message="Line {line}: paid and adjustments of payer {other_payer_id} miss the charge by "
    "{difference_cents}.",
    remedy="Compare with the remittance; every adjustment of that payer must be carried over unchanged.",
    sources=(Source("x12_837p", "balancing of loop 2430"),),
    prevents=("16", "252"),
    find=_find,
)
