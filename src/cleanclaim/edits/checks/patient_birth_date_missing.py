"""The patient's birth date."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.patient_birth_date_missing",
    title="Birth date missing",
    group="Subscriber and payer",
    severity=Severity.STOP,
    message="The patient's birth date is missing.",
    remedy="Enter it from the card or an identity document.",
    sources=(Source("x12_837p", "DMG02"),),
    prevents=("16", "31"),
    when=pl.col("patient_birth_date").is_null(),
)
