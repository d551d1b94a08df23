"""Self-pay work has no payer."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.payer_is_self_pay",
    title="Self-pay billed to a payer",
    group="Claim",
    severity=Severity.STOP,
    message="This coverage is marked self-pay; there is no payer to send a claim to.",
    remedy="Bill the patient, or correct the coverage.",
    sources=(Source("cleanclaim_policy", "self-pay"),),
    when=pl.col("payer_kind") == "self_pay",
)
