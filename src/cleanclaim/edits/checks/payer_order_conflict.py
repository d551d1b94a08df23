"""Every coverage has its own place in the order."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_other_payer:
        return None
    own = prepared.claim_keys.lazy().select("claim_row", "sequence")
    others = prepared.frames.other_payers.lazy().select(
        "claim_row", pl.col("other_sequence").alias("sequence")
    )
    return (
        pl.concat([own, others])
        .group_by("claim_row", "sequence", maintain_order=True)
        .agg(pl.len().alias("times"))
        .filter(pl.col("times") > 1)
        .select("claim_row", x.NO_LINE, "sequence", "times")
    )


EDIT = Edit(
    id="edits.payer_order_conflict",
    title="Two coverages share one place in the order",
    group="Coordination of benefits",
    severity=Severity.STOP,
    message="{times} coverages of the claim are both {sequence} in the order of payers.",
    remedy="Set the order of coverages: one primary, one secondary, one tertiary.",
    sources=(Source("x12_837p", "SBR01"),),
    prevents=("22",),
    find=_find,
)
