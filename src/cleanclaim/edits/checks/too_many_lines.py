"""A professional claim holds 50 lines."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.too_many_lines",
    title="More than 50 service lines",
    group="Claim",
    severity=Severity.STOP,
    message="The claim has {line_count} service lines; an electronic professional claim holds 50.",
    remedy="Split it into two claims.",
    sources=(Source("x12_837p", "loop 2400, 50 repeats"),),
    when=pl.col("line_count") > 50,
    facts=x.fact("line_count"),
    claims="professional",
)
