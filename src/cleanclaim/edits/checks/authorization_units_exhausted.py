"""More units than were authorized."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_authorization:
        return None
    # Lines draw on the authorization in the order of their dates; the one that overdraws it is named.
    return (
        x.lines_with_authorization(prepared)
        .filter(
            pl.col("units_approved_milli").is_not_null()
            & x.NOT_VOID
            & (pl.col("code_kind").fill_null("") != "addon")
        )
        .sort("patient_id", "payer_id", "authorization_number", "date_of_service", "line_row")
        .with_columns(
            (
                pl.col("units_used_milli").fill_null(0)
                + pl.col("units_milli")
                .fill_null(0)
                .cum_sum()
                .over(
                    "patient_id", "payer_id", "authorization_number", order_by=["date_of_service", "line_row"]
                )
            ).alias("used")
        )
        .filter(pl.col("used") > pl.col("units_approved_milli"))
        .select(
            "claim_row",
            "line_number",
            "authorization_number",
            (pl.col("units_approved_milli") // 1000).alias("units_approved"),
            (pl.col("used") // 1000).alias("units_with_this_line"),
        )
    )


EDIT = Edit(
    id="edits.authorization_units_exhausted",
    title="Authorized units used up",
    group="Authorization",
    severity=Severity.OVERRIDE,
    message="Line {line}: with it {units_with_this_line} units are used of the {units_approved} of "
    "authorization {authorization_number}.",
    remedy="Ask for more units before sending.",
    sources=(Source("cleanclaim_handbook_denials", "authorization"),),
    prevents=("198", "119"),
    find=_find,
    needs=frozenset({"authorizations"}),
)
