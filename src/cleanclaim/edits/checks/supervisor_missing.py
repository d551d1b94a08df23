"""Clinicians in training bill under a supervisor."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.supervisor_missing",
    title="Supervised clinician without a supervisor",
    group="Credentials",
    severity=Severity.OVERRIDE,
    message="Line {line}: a clinician of level {line_credential} needs a supervising provider on the claim.",
    remedy="Name the supervisor, or bill as the payer's contract says for supervised work.",
    sources=(Source("cfr_42_410_26", "paragraph (b)(5)"), Source("x12_837p", "loop 2310D")),
    prevents=("185", "B7"),
    level="line",
    when=pl.col("line_credential").is_in(list(x.NOT_INDEPENDENT)) & ~pl.col("line_has_supervising"),
    facts=x.fact("line_credential"),
    topic="credential",
    unknown=x.blank("line_credential"),
    claims="professional",
)
