"""The minutes carry a higher code."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.minutes_above_code",
    title="Session longer than its code",
    group="Codes",
    severity=Severity.TELL,
    message="Line {line} bills {code}, which ends at {max_minutes} minutes; the session had "
    "{session_minutes}.",
    remedy="Bill the code of the documented minutes, if all of them were the service.",
    sources=(
        Source("novitas_psychotherapy_times", "minute bands"),
        Source("cleanclaim_codesets", "procedures"),
    ),
    level="line",
    when=x.TIMED_FAMILIES
    & (pl.col("time_rule") == "range")
    & (pl.col("session_minutes") > pl.col("max_minutes")),
    facts=x.facts("code", "session_minutes", "max_minutes"),
)
