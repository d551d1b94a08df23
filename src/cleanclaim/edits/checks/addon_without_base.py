"""An add-on rides on another code of the same day and clinician."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import tables
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    addons = tables.addon_pairs()
    if not prepared.codes & tables.addon_codes():
        return None
    lines = prepared.lines.lazy()
    mine = lines.filter(pl.col("code").is_in(sorted(tables.addon_codes()))).select(
        "claim_row", "line_number", "line_row", "code", "date_of_service", "line_rendering_npi", "patient_id"
    )
    pairs = addons.lazy().rename({"addon": "code"})
    bases = mine.join(pairs, on="code").filter(
        pl.col("date_of_service").is_between("pair_starts", "pair_ends")
    )
    here = lines.select("claim_row", "date_of_service", pl.col("code").alias("base"))
    met = bases.join(here, on=["claim_row", "date_of_service", "base"], how="semi").select("line_row")
    if "history" in prepared.context:
        there = (
            prepared.history.lazy()
            .filter(pl.col("patient_id") != "")
            .select("patient_id", "date_of_service", "line_rendering_npi", pl.col("code").alias("base"))
        )
        elsewhere = bases.join(
            there, on=["patient_id", "date_of_service", "line_rendering_npi", "base"], how="semi"
        ).select("line_row")
        met = pl.concat([met, elsewhere])
    # A date outside all pairs of a code says nothing about its bases: no row in `bases`, no finding.
    return (
        mine.join(bases.select("line_row").unique(), on="line_row", how="semi")
        .join(met, on="line_row", how="anti")
        .select("claim_row", "line_number", "code", "date_of_service")
    )


EDIT = Edit(
    id="edits.addon_without_base",
    title="Add-on without its base code",
    group="Codes",
    severity=Severity.STOP,
    message="Line {line} bills the add-on {code} without a code that it may ride on, on {date_of_service}.",
    remedy="Add the base code of that session, or take the add-on out.",
    sources=(Source("cms_ncci_addon_2024", "type I add-on codes"),),
    prevents=("107", "234"),
    find=_find,
)
