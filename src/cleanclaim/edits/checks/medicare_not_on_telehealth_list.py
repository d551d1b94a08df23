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
    message="Line {line}: {code} is not known to be on Medicare's telehealth list on {date_of_service}.",
    remedy="Look the code up in this year's list; else the session had to be in person.",
    sources=(Source("cleanclaim_codesets", "procedures and telehealth_list"),),
    prevents=("96",),
    level="line",
    when=x.MEDICARE
    & (x.REMOTE | x.TELEHEALTH_PLACE)
    & ((pl.col("telehealth_medicare") == "no") | (pl.col("date_of_service") < pl.col("telehealth_from"))),
    facts=x.facts("code", "date_of_service"),
    only=frozenset({"medicare"}),
)
