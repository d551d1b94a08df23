"""The days of the lines lie in the statement period."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.statement_does_not_cover_lines",
    title="Line outside the statement period",
    group="Programmes",
    severity=Severity.STOP,
    message="Line {line} ({date_of_service}) is outside the statement, {statement_from} to {statement_to}.",
    remedy="Correct the period or the day; a day of another period goes on its own bill.",
    sources=(
        Source("x12_837i", "DTP 434"),
        Source("nubc_ub04", "FL 6"),
    ),
    prevents=("16",),
    level="line",
    when=(pl.col("date_of_service") < pl.col("statement_from"))
    | (pl.coalesce("date_of_service_end", "date_of_service") > pl.col("statement_to")),
    facts=x.facts("date_of_service", "statement_from", "statement_to"),
    claims="institutional",
)
