"""Birth dates more than 120 years before the service."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.patient_age_implausible",
    title="Patient would be over 120",
    group="Dates",
    severity=Severity.OVERRIDE,
    message="By this birth date the patient would be over 120 years old.",
    remedy="Look for a mistyped century.",
    sources=(Source("cleanclaim_policy", "plausible ages"),),
    prevents=("31",),
    when=pl.col("patient_birth_date").dt.offset_by("120y") < pl.col("first_service_on"),
)
