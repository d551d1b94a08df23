"""One session, one date."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.timed_session_spans_days",
    title="A session dated over several days",
    group="Dates",
    severity=Severity.OVERRIDE,
    message="Line {line} ({code}) is one session but spans several days.",
    remedy="Bill each session on its own line; one that crosses midnight takes its first day.",
    sources=(Source("cleanclaim_handbook_coding", "time counting"),),
    prevents=("16",),
    level="line",
    when=x.SESSION_FAMILIES & (pl.col("date_of_service_end") > pl.col("date_of_service")),
    facts=x.fact("code"),
)
