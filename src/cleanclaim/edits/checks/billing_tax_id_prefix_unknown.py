"""Employer numbers begin with digits that the IRS assigns."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.billing_tax_id_prefix_unknown",
    title="Employer number looks mistyped",
    group="Providers",
    severity=Severity.TELL,
    message="The employer number begins with two digits that the IRS is not known to assign.",
    remedy="Compare it with the W-9.",
    sources=(Source("irs_pub_1635", "prefixes"),),
    prevents=("16",),
    when=pl.col("billing_tax_id").str.contains(r"^\d{9}$")
    & (pl.col("billing_tax_id_kind") == "EI")
    & ~pl.col("tax_id_known"),
)
