"""What changes the price comes first."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

_LATE_BEFORE_PRICING = r"\b(?:95|93|GT|GQ|G0|FQ|HP|HO|HN|HM|AH|AJ)\b.*\b(?:25|59|XE|XP|XS|XU)\b"

EDIT = Edit(
    id="edits.modifiers_out_of_order",
    title="Pricing modifier behind an informational one",
    group="Modifiers",
    severity=Severity.TELL,
    message="Line {line}: 25, 59 or an X modifier stands behind a telehealth or licence modifier "
    "({modifiers}).",
    remedy="Put the modifier that decides the payment first: many payers read only the first two.",
    sources=(Source("cleanclaim_handbook_coding", "V6 order of modifiers"),),
    prevents=("4",),
    level="line",
    when=pl.col("modifiers").list.join(" ").str.contains(_LATE_BEFORE_PRICING),
    facts=x.fact("modifiers"),
    only=frozenset({"modifiers"}),
)
