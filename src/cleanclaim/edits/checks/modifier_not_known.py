"""Modifiers outside the list."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits import tables
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.modifier_not_known",
    title="Modifier that no list has",
    group="Modifiers",
    severity=Severity.TELL,
    message="Line {line}: a modifier is in none of the lists that are loaded ({modifiers}).",
    remedy="Look for a mistyped letter; a payer's own modifier may stay.",
    sources=(Source("cleanclaim_codesets", "modifiers"),),
    prevents=(
        "4",
        "182",
    ),
    level="line",
    when=pl.col("modifiers").list.eval(~pl.element().is_in(sorted(tables.modifiers()))).list.any(),
    facts=x.fact("modifiers"),
    only=frozenset({"modifiers"}),
)
