"""The supervising clinician's NPI."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.supervising_npi_invalid",
    title="Supervising NPI missing or wrong",
    group="Providers",
    severity=Severity.STOP,
    message="A supervising clinician is named without a valid NPI.",
    remedy="Copy the NPI from the registry into the supervisor's record.",
    sources=(Source("cfr_45_162_406", "standard unique identifier and check digit"),),
    prevents=("207",),
    when=pl.col("has_supervising") & ~pl.col("supervising_npi_ok"),
    facts=x.fact("supervising_npi"),
)
