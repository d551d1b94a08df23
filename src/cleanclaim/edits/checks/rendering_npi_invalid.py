"""The rendering clinician's NPI."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.rendering_npi_invalid",
    title="Rendering NPI wrong",
    group="Providers",
    severity=Severity.STOP,
    message="The rendering clinician's NPI on line {line} fails its check digit.",
    remedy="Copy the NPI from the registry into the clinician's record.",
    sources=(Source("cfr_45_162_406", "standard unique identifier and check digit"),),
    prevents=("207",),
    level="line",
    when=~x.blank("line_rendering_npi") & ~pl.col("npi_ok"),
    facts=x.fact("line_rendering_npi"),
)
