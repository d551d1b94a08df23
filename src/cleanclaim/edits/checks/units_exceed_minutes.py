"""Quarter-hour units follow the minutes."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.units_exceed_minutes",
    title="More units than the minutes carry",
    group="Codes",
    severity=Severity.OVERRIDE,
    message="Line {line} bills {units} units of {code}; {session_minutes} minutes carry {units_carried}.",
    remedy="Bill the units of the documented minutes (8 minutes begin a unit of 15), or by the "
    "payer's own rounding.",
    sources=(Source("cleanclaim_handbook_coding", "units by midpoint"),),
    prevents=("150", "152"),
    level="line",
    when=(pl.col("time_rule") == "each_unit_midpoint")
    & (pl.col("unit_minutes") == 15)
    & (pl.col("units_milli") > 1000 * ((pl.col("session_minutes").cast(pl.Int64) + 7) // 15)),
    facts={
        **x.facts("code", "units", "session_minutes"),
        "units_carried": (pl.col("session_minutes") + 7) // 15,
    },
)
