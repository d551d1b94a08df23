"""Medically unlikely units of one day."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits import tables
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if "medicare" not in prepared.kinds:
        return None
    return (
        prepared.lines.lazy()
        .filter(x.MEDICARE)
        .join(tables.unit_limits().lazy(), on="code")
        .filter(pl.col("date_of_service").is_between("limit_starts", "limit_ends"))
        # MAI 1 limits a line; MAI 2 and 3 limit the day.
        .group_by(
            "claim_row",
            "code",
            "date_of_service",
            "line_rendering_npi",
            "mue",
            "mai",
            pl.when(pl.col("mai") == "1").then("line_row").alias("per_line"),
            maintain_order=True,
        )
        .agg(pl.col("line_number").min(), (pl.col("units_milli").sum() // 1000).alias("units_billed"))
        .filter(pl.col("units_billed") > pl.col("mue"))
        .select("claim_row", "line_number", "code", "units_billed", "mue", "mai", "date_of_service")
    )


EDIT = Edit(
    id="edits.units_over_medicare_limit",
    title="More units than Medicare pays in a day",
    group="Codes",
    severity=Severity.OVERRIDE,
    message="{units_billed} units of {code} on {date_of_service}; Medicare's daily limit is {mue} (MAI "
    "{mai}).",
    remedy="MAI 2 is absolute: correct the units. MAI 3 can be paid on review: keep the record at hand.",
    sources=(Source("cms_ncci_mue_2024q3", "practitioner services"),),
    prevents=("151", "222"),
    find=_find,
    claims="professional",
)
