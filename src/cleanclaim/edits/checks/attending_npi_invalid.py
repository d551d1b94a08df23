"""The attending provider's NPI."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.attending_npi_invalid",
    title="Attending NPI missing or wrong",
    group="Programmes",
    severity=Severity.STOP,
    message="The attending provider is named without a valid NPI.",
    remedy="Copy the NPI from the registry into the clinician's record.",
    sources=(Source("cfr_45_162_406", "standard unique identifier and check digit"),),
    prevents=("16", "283"),
    when=pl.col("has_attending") & ~pl.col("attending_npi_ok"),
    facts=x.fact("attending_npi"),
    claims="institutional",
)
