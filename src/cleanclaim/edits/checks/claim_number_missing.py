"""A claim needs a number that comes back."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.claim_number_missing",
    title="Claim number missing or too long",
    group="Claim",
    severity=Severity.STOP,
    message="The claim number is empty or longer than the 20 characters that payers must return.",
    remedy="Give the claim a number of at most 17 letters and digits.",
    sources=(Source("x12_837p", "CLM01"), Source("cleanclaim_policy", "claim numbers")),
    when=x.blank("claim_number") | (pl.col("claim_number").str.len_chars() > 20),
    facts={"length": pl.col("claim_number").str.len_chars()},
)
