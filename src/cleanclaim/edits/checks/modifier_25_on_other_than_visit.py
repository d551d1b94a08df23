"""Modifier 25 belongs on visits."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.modifier_25_on_other_than_visit",
    title="Modifier 25 on a code that is not a visit",
    group="Modifiers",
    severity=Severity.OVERRIDE,
    message="Line {line}: modifier 25 belongs on an evaluation and management code, not on {code}.",
    remedy="Move it to the visit, or use 59 or an X modifier where two sessions were separate.",
    sources=(Source("cleanclaim_codesets", "modifiers"),),
    prevents=("4",),
    level="line",
    when=x.has_modifier("25")
    & (x.SESSION_FAMILIES | pl.col("family").is_in(["testing", "interactive_complexity"])),
    facts=x.fact("code"),
    only=frozenset({"modifiers"}),
)
