"""Medicare wants to know why it is not first."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.medicare_secondary_reason_missing",
    title="Medicare secondary without its reason",
    group="Coordination of benefits",
    severity=Severity.STOP,
    message="Medicare is not the first payer, and the claim does not say why (SBR05).",
    remedy="Choose the reason: working aged, disability, kidney disease, accident, …",
    sources=(Source("x12_837p", "SBR05"), Source("cfr_42_411_20", "Medicare secondary payer")),
    prevents=("22",),
    when=(pl.col("claim_filing_code") == "MB")
    & pl.col("sequence").is_in(["S", "T"])
    & x.blank("insurance_type"),
    claims="professional",
)
