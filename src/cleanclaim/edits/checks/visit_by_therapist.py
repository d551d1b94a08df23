"""Evaluation and management is medical work."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.visit_by_therapist",
    title="Medical visit by a clinician who may not report one",
    group="Credentials",
    severity=Severity.STOP,
    message="Line {line}: a clinician of level {line_credential} may not report {code}.",
    remedy="Bill the therapy that was held, or correct the rendering clinician.",
    sources=(Source("cleanclaim_handbook_coding", "who may bill"),),
    prevents=("185", "8"),
    level="line",
    when=pl.col("line_credential").is_in(list(x.THERAPISTS))
    & (x.OFFICE_VISIT | pl.col("code").is_in(["90792", "90833", "90836", "90838"])),
    facts=x.facts("code", "line_credential"),
    claims="professional",
)
