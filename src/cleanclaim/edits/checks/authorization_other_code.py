"""The authorization is for other codes."""

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
        .filter((pl.col("codes").list.len() > 0) & ~pl.col("codes").list.contains(pl.col("code")))
        .filter(pl.col("code_kind").fill_null("") != "addon")
        .select("claim_row", "line_number", "authorization_number", "code", "codes")
    )


EDIT = Edit(
    id="edits.authorization_other_code",
    title="Authorization is for other codes",
    group="Authorization",
    severity=Severity.OVERRIDE,
    message="Line {line}: authorization {authorization_number} covers {codes}, not {code}.",
    remedy="Use the right authorization, or ask the payer to add the code.",
    sources=(Source("cleanclaim_handbook_denials", "authorization"),),
    prevents=("15", "284"),
    find=_find,
    needs=frozenset({"authorizations"}),
)
