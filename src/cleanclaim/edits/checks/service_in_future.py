"""Services are billed after they happened."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.service_in_future",
    title="Date of service in the future",
    group="Dates",
    severity=Severity.STOP,
    message="Line {line} is dated {date_of_service}, after today.",
    remedy="Correct the date, or bill after the session.",
    sources=(Source("x12_837p", "DTP*472"),),
    prevents=("110",),
    level="line",
    when=pl.max_horizontal("date_of_service", "date_of_service_end") > pl.col("today"),
    facts=x.fact("date_of_service"),
)
