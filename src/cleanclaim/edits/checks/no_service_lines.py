"""A claim without lines asks for nothing."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.no_service_lines",
    title="No service line",
    group="Claim",
    severity=Severity.STOP,
    message="The claim has no service line.",
    remedy="Add the services, or close the claim.",
    sources=(Source("x12_837p", "loop 2400"),),
    prevents=("16",),
    when=pl.col("line_count") == 0,
)
