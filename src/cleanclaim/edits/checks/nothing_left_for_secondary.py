"""The earlier payers left nothing to the patient."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_other_payer:
        return None
    left = (
        prepared.frames.adjustments.lazy()
        .group_by("claim_row", maintain_order=True)
        .agg(
            pl.col("adjustment_cents").filter(pl.col("adjustment_group") == "PR").sum().alias("left_cents"),
            pl.col("adjustment_cents")
            .filter(pl.col("adjustment_group").is_in(["CO", "OA", "PI"]))
            .sum()
            .alias("others"),
        )
    )
    return (
        prepared.claims.lazy()
        .filter((pl.col("sequence") != "P") & (pl.col("frequency") != "8"))
        .join(left, on="claim_row", maintain_order="left")
        .filter((pl.col("left_cents") == 0) & (pl.col("others") > 0))
        .select("claim_row", x.NO_LINE, pl.col("others").alias("adjusted_cents"))
    )


EDIT = Edit(
    id="edits.nothing_left_for_secondary",
    title="Nothing is left for this payer",
    group="Coordination of benefits",
    severity=Severity.TELL,
    message="The earlier payer left no patient responsibility: this payer has nothing to pay.",
    remedy="Close the balance instead of sending, unless the plan pays up to its own allowance.",
    sources=(Source("cleanclaim_handbook_denials", "coordination of benefits"),),
    prevents=("23",),
    find=_find,
)
