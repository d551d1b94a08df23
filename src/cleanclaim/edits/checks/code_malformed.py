"""Procedure codes have five characters."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.code_malformed",
    title="Procedure code malformed",
    group="Codes",
    severity=Severity.STOP,
    message="Line {line} has a procedure code that is not five characters of the usual form.",
    remedy="Enter a CPT or HCPCS code.",
    sources=(Source("x12_837p", "SV101-2"),),
    prevents=("16", "181"),
    level="line",
    when=~pl.col("code").str.contains(r"^(?:\d{5}|\d{4}[A-Z]|[A-Z]\d{4})$"),
    facts=x.fact("code"),
)
