"""Authorizations may name the clinician."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_authorization:
        return None
    return (
        x.lines_with_authorization(prepared)
        .filter(
            (pl.col("npis").list.len() > 0)
            & (pl.col("line_rendering_npi") != "")
            & ~pl.col("line_rendering_npi").is_in(pl.col("npis"))
            & x.NOT_VOID
        )
        .select("claim_row", "line_number", "authorization_number", "line_rendering_npi")
    )


EDIT = Edit(
    id="edits.authorization_other_clinician",
    title="Authorized for another clinician",
    group="Authorization",
    severity=Severity.OVERRIDE,
    message="Line {line}: authorization {authorization_number} names other clinicians than "
    "{line_rendering_npi}.",
    remedy="Ask the payer to add the clinician before sending.",
    sources=(Source("cleanclaim_handbook_denials", "authorization"),),
    prevents=(
        "242",
        "198",
    ),
    find=_find,
    needs=frozenset({"authorizations"}),
    claims="professional",
)
