"""The billing provider's address."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.billing_address_incomplete",
    title="Billing address incomplete",
    group="Providers",
    severity=Severity.STOP,
    message="The billing provider's street, city or state is missing.",
    remedy="Complete the address in the practice's record.",
    sources=(Source("x12_837p", "loop 2010AA N3, N4"),),
    prevents=("16",),
    when=x.blank("billing_line1")
    | x.blank("billing_city")
    | ~pl.col("billing_region").str.contains("^[A-Z]{2}$"),
)
