"""Modifiers are two characters, four at most, each once."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.modifier_malformed",
    title="Modifier malformed, doubled or one too many",
    group="Modifiers",
    severity=Severity.STOP,
    message="Line {line}: modifiers must be two characters each, at most four, none twice.",
    remedy="Correct the modifiers of {code}.",
    sources=(Source("x12_837p", "SV101-3 to SV101-6"),),
    prevents=("4",),
    level="line",
    when=(pl.col("modifiers").list.len() > 4)
    | (pl.col("modifiers").list.len() != pl.col("modifiers").list.n_unique())
    | (
        pl.col("modifiers").list.eval(pl.element().str.contains("^[A-Z0-9]{2}$")).list.all().not_()
        & (pl.col("modifiers").list.len() > 0)
    ),
    facts=x.facts("code", "modifiers"),
    only=frozenset({"modifiers"}),
)
