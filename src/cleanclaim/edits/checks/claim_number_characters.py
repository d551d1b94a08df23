"""Claim numbers that every payer returns unchanged."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.claim_number_characters",
    title="Claim number may come back changed",
    group="Claim",
    severity=Severity.TELL,
    message="The claim number has characters or a length that some payers change when they answer.",
    remedy="Use at most 17 capital letters and digits, so that remittances find the claim.",
    sources=(Source("cleanclaim_policy", "claim numbers"),),
    when=x.mismatch("claim_number", "[A-Z0-9]{1,17}") & (pl.col("claim_number").str.len_chars() <= 20),
    facts=x.fact("claim_number"),
)
