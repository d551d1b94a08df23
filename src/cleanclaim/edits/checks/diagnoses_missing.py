"""A professional claim has a diagnosis."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.diagnoses_missing",
    title="No diagnosis",
    group="Diagnoses",
    severity=Severity.STOP,
    message="The claim has no diagnosis.",
    remedy="Add the diagnosis that the session treated.",
    sources=(Source("x12_837p", "HI of loop 2300"),),
    prevents=("16", "167"),
    when=pl.col("diagnosis_count") == 0,
)
