"""Per diem: one unit a day."""

from __future__ import annotations

import polars as pl

from cleanclaim.codesets.programmes import programmes
from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

CODES = sorted({code for one in programmes().values() for _, code in one.pairs})
DAYS = (pl.coalesce("date_of_service_end", "date_of_service") - pl.col("date_of_service")).dt.total_days() + 1

EDIT = Edit(
    id="edits.programme_units_not_days",
    title="Units are not the days",
    group="Programmes",
    severity=Severity.OVERRIDE,
    message="Line {line} bills {units} units of {code}, a code by the day, for {days} days.",
    remedy="Bill one unit for each day attended; override only where the contract counts otherwise.",
    sources=(Source("nubc_ub04", "FL 46"),),
    prevents=("151",),
    level="line",
    when=(pl.col("time_rule") == "per_diem")
    & pl.col("code").is_in(CODES)
    & (pl.col("units_milli") != DAYS * 1000),
    facts={**x.facts("code", "units"), "days": DAYS},
    claims="institutional",
)
