"""Codes have first and last days."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.code_not_in_force",
    title="Procedure code not in force",
    group="Codes",
    severity=Severity.STOP,
    message="Code {code} on line {line} was in force from {code_starts} to {code_ends}, not on "
    "{date_of_service}.",
    remedy="Code the session again with the codes of its date.",
    sources=(Source("cleanclaim_codesets", "procedures"),),
    prevents=("181",),
    level="line",
    when=(pl.col("date_of_service") < pl.col("code_starts"))
    | (pl.col("date_of_service") > pl.col("code_ends")),
    facts=x.facts("code", "date_of_service", "code_starts", "code_ends"),
)
