"""The authorization does not reach the date of service."""

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
        .filter((pl.col("date_of_service") < pl.col("starts")) | (pl.col("date_of_service") > pl.col("ends")))
        .select(
            "claim_row",
            "line_number",
            "authorization_number",
            "date_of_service",
            pl.col("starts").alias("authorized_from"),
            pl.col("ends").alias("authorized_to"),
        )
    )


EDIT = Edit(
    id="edits.authorization_expired",
    title="Authorization does not cover the date",
    group="Authorization",
    severity=Severity.STOP,
    message="Line {line}: authorization {authorization_number} runs from {authorized_from} to "
    "{authorized_to}, "
    "not on {date_of_service}.",
    remedy="Use the authorization of that date, or ask for an extension.",
    sources=(Source("cleanclaim_handbook_denials", "authorization"),),
    prevents=("197", "198"),
    find=_find,
    needs=frozenset({"authorizations"}),
)
