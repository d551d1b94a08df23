"""The billing provider's NPI."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.billing_npi_invalid",
    title="Billing NPI missing or wrong",
    group="Providers",
    severity=Severity.STOP,
    message="The billing provider's NPI is missing or fails its check digit.",
    remedy="Copy the NPI from the registry into the billing provider's record.",
    sources=(Source("cfr_45_162_406", "standard unique identifier and check digit"),),
    prevents=("206", "207"),
    when=~pl.col("billing_npi_ok"),
    facts=x.fact("billing_npi"),
)
