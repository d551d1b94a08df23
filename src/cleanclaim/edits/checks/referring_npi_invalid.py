"""The referring provider's NPI."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.referring_npi_invalid",
    title="Referring NPI missing or wrong",
    group="Providers",
    severity=Severity.STOP,
    message="A referring provider is named without a valid NPI.",
    remedy="Copy the NPI from the registry, or leave the referral out where the payer wants none.",
    sources=(Source("cfr_45_162_406", "standard unique identifier and check digit"),),
    prevents=("207",),
    when=pl.col("has_referring") & ~pl.col("referring_npi_ok"),
    facts=x.fact("referring_npi"),
)
