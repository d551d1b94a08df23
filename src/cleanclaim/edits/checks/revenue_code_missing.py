"""Every institutional line says what it is."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.revenue_code_missing",
    title="Revenue code missing",
    group="Programmes",
    severity=Severity.STOP,
    message="Line {line} has no revenue code of four digits.",
    remedy="Choose the programme of the day; its revenue code follows from the payer's contract.",
    sources=(Source("x12_837i", "SV201"),),
    prevents=("16",),
    level="line",
    when=~pl.col("revenue_code").str.contains(r"^[0-9]{4}$"),
    claims="institutional",
)
