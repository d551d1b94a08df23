"""The plan pays this code only with an authorization."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    return (
        prepared.lines_with_coverage.lazy()
        .filter(
            pl.col("in_force")
            & pl.col("authorization_codes").list.contains(pl.col("code"))
            & (pl.col("authorization_number") == "")
        )
        .select("claim_row", "line_number", "code", "date_of_service")
        .unique(maintain_order=True)
    )


EDIT = Edit(
    id="edits.authorization_missing",
    title="Authorization required but missing",
    group="Authorization",
    severity=Severity.STOP,
    message="Line {line}: the plan pays {code} only with an authorization, and the claim has none.",
    remedy="Enter the number; without one, ask the payer for a retroactive authorization before sending.",
    sources=(Source("cleanclaim_handbook_denials", "authorization"),),
    prevents=("197",),
    find=_find,
    needs=frozenset({"coverage"}),
)
