"""The administrative sex that payers match by."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.patient_sex_invalid",
    title="Administrative sex not valid",
    group="Subscriber and payer",
    severity=Severity.STOP,
    message="The patient's administrative sex must be F, M or U on a claim.",
    remedy="Enter what the payer has on file.",
    sources=(Source("x12_837p", "DMG03"),),
    prevents=("16",),
    when=~pl.col("patient_sex").is_in(["F", "M", "U"]),
)
