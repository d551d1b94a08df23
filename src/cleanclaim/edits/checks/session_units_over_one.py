"""A session is one unit, however long."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.session_units_over_one",
    title="More than one unit for one session",
    group="Codes",
    severity=Severity.OVERRIDE,
    message="Line {line} bills {units} units of {code}; one session is one unit however long it lasted.",
    remedy="Bill one unit; two separate sessions are two lines with the payer's modifier.",
    sources=(Source("novitas_psychotherapy_times", "units"),),
    prevents=("151", "222"),
    level="line",
    when=x.SESSION_FAMILIES
    & ~pl.col("code").is_in(["90840", "G0018"])
    & (pl.col("units_milli") > 1000)
    & (pl.col("line_place") != "52"),
    facts=x.facts("code", "units"),
)
