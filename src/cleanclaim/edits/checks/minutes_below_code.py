"""The minutes do not reach the code."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.minutes_below_code",
    title="Session too short for its code",
    group="Codes",
    severity=Severity.STOP,
    message="Line {line} bills {code}, which needs {min_minutes} minutes; the session had {session_minutes}.",
    remedy="Bill the code of the documented minutes.",
    sources=(
        Source("novitas_psychotherapy_times", "minute bands"),
        Source("cleanclaim_codesets", "procedures"),
    ),
    prevents=("150", "152"),
    level="line",
    when=x.TIMED_FAMILIES & (pl.col("session_minutes") < pl.col("min_minutes")),
    facts=x.facts("code", "session_minutes", "min_minutes"),
    topic="session time",
    unknown=x.TIMED_FAMILIES & pl.col("session_minutes").is_null(),
)
