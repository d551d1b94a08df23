"""A service facility's NPI, where it has one."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.facility_npi_invalid",
    title="Facility NPI wrong",
    group="Providers",
    severity=Severity.STOP,
    message="The service facility's NPI fails its check digit.",
    remedy="Copy the NPI from the registry, or leave it empty when the place has none.",
    sources=(Source("cfr_45_162_406", "standard unique identifier and check digit"),),
    prevents=("207",),
    when=pl.col("has_facility") & ~x.blank("facility_npi") & ~pl.col("facility_npi_ok"),
    facts=x.fact("facility_npi"),
)
