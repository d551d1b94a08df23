"""An earlier payer denied what can still be put right."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_later_payer or not prepared.has_other_payer:
        return None
    return (
        prepared.frames.adjustments.lazy()
        .filter(
            pl.col("adjustment_group").is_in(["CO", "OA", "PI"])
            & pl.col("adjustment_reason").is_in(
                ["4", "11", "15", "16", "18", "29", "31", "197", "198", "252"]
            )
            & (pl.col("adjustment_cents") > 0)
        )
        .join(
            prepared.claims.lazy()
            .filter((pl.col("sequence") != "P") & (pl.col("frequency") != "8"))
            .select("claim_row"),
            on="claim_row",
            how="semi",
        )
        .group_by("claim_row", maintain_order=True)
        .agg(pl.col("other_payer_id").first(), pl.col("adjustment_reason").first().alias("reason"))
        .select("claim_row", x.NO_LINE, "other_payer_id", "reason")
    )


EDIT = Edit(
    id="edits.primary_denied_for_fault",
    title="Earlier payer denied for a fault that can be corrected",
    group="Coordination of benefits",
    severity=Severity.OVERRIDE,
    message="The earlier payer {other_payer_id} denied with reason {reason}: it is answered there, not here.",
    remedy="Correct and send it to that payer again: later payers deny what the first would have paid.",
    sources=(Source("cleanclaim_handbook_denials", "reasons that are corrected at the first payer"),),
    prevents=("22", "136", "276"),
    find=_find,
)
