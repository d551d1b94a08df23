"""The billing provider's tax number."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.billing_tax_id_invalid",
    title="Tax number missing or malformed",
    group="Providers",
    severity=Severity.STOP,
    message="The billing provider's tax number is not nine digits.",
    remedy="Enter the number from the W-9 without the dash.",
    sources=(Source("x12_837p", "loop 2010AA REF*EI"), Source("irs_pub_1635", "the number")),
    prevents=("16",),
    when=~pl.col("billing_tax_id").str.contains(r"^\d{9}$")
    | ~pl.col("billing_tax_id_kind").is_in(["EI", "SY"]),
)
