"""The clinician is a person."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.rendering_npi_of_organization",
    title="Rendering NPI equals the organization's",
    group="Providers",
    severity=Severity.OVERRIDE,
    message="The rendering NPI {rendering_npi} is also the billing organization's: a person rendered the "
    "service.",
    remedy="Put the clinician's own NPI (type 1) as rendering.",
    sources=(Source("cfr_45_162_406", "types of provider"),),
    prevents=(
        "16",
        "208",
    ),
    when=pl.col("has_rendering")
    & ~pl.col("billing_is_person")
    & ~x.blank("rendering_npi")
    & (pl.col("rendering_npi") == pl.col("billing_npi")),
    facts=x.fact("rendering_npi"),
    claims="professional",
)
