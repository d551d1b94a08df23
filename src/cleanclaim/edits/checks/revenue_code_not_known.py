"""Revenue codes that behavioral health bills."""

from __future__ import annotations

import polars as pl

from cleanclaim.codesets.programmes import revenue_codes
from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.revenue_code_not_known",
    title="Revenue code not known here",
    group="Programmes",
    severity=Severity.OVERRIDE,
    message="Line {line} has the revenue code {revenue_code}, which is not one of behavioral health.",
    remedy="Correct it, or override where the contract names it.",
    sources=(Source("nubc_ub04", "FL 42"),),
    prevents=("16", "282"),
    level="line",
    when=pl.col("revenue_code").str.contains(r"^[0-9]{4}$")
    & ~pl.col("revenue_code").is_in(sorted(revenue_codes())),
    facts=x.fact("revenue_code"),
    claims="institutional",
)
