"""The billing provider's postal code has nine digits."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.billing_zip_not_nine_digits",
    title="Billing ZIP without +4",
    group="Providers",
    severity=Severity.STOP,
    message="The billing provider's ZIP code must have nine digits.",
    remedy="Look up the ZIP+4 of the street address.",
    sources=(Source("x12_837p", "loop 2010AA N403"),),
    prevents=("16",),
    when=~pl.col("billing_postal_code").str.contains(r"^\d{9}$"),
    facts={"digits": pl.col("billing_postal_code").str.len_chars()},
)
