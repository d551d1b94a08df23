"""Somebody has charge of the care."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.attending_missing",
    title="Attending provider missing",
    group="Programmes",
    severity=Severity.STOP,
    message="The claim names no attending provider.",
    remedy="Name the attending clinician of the episode.",
    sources=(
        Source("x12_837i", "loop 2310A"),
        Source("nubc_ub04", "FL 76"),
    ),
    prevents=("16", "283"),
    when=~pl.col("has_attending"),
    claims="institutional",
)
