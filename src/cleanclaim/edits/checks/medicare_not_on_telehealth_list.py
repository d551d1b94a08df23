"""Medicare pays by telehealth what is on its list."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.medicare_not_on_telehealth_list",
    title="Code not on Medicare's telehealth list",
    group="Place and telehealth",
    severity=Severity.OVERRIDE,
    message="Line {line}: {code} is not known to be on Medicare's telehealth list.",
    remedy="Look the code up in this year's list; else the session had to be in person.",
    sources=(Source("cleanclaim_codesets", "procedures, telehealth_medicare"),),
    prevents=("96",),
    level="line",
    when=x.MEDICARE & (x.REMOTE | x.TELEHEALTH_PLACE) & (pl.col("telehealth_medicare") == "no"),
    facts=x.fact("code"),
)
