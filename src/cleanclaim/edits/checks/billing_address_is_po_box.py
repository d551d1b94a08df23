"""The billing address is a street."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.billing_address_is_po_box",
    title="Billing address is a PO box",
    group="Providers",
    severity=Severity.OVERRIDE,
    message="The billing provider's address is a post-office box; a street address is required.",
    remedy="Put the street here and the box into the pay-to address.",
    sources=(Source("x12_837p", "loop 2010AA N3"),),
    prevents=("16",),
    when=pl.col("billing_line1").str.contains(r"(?i)^\W*(p\W{0,2}o\W{0,2}\s*box|post\s+office\s+box)\b"),
)
