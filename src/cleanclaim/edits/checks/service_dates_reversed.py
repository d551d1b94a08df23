"""A service ends on or after the day it starts."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.service_dates_reversed",
    title="Service ends before it starts",
    group="Dates",
    severity=Severity.STOP,
    message="Line {line} ends on {date_of_service_end}, before it starts on {date_of_service}.",
    remedy="Correct the dates.",
    sources=(Source("x12_837p", "DTP*472 RD8"),),
    prevents=("16",),
    level="line",
    when=pl.col("date_of_service_end") < pl.col("date_of_service"),
    facts=x.facts("date_of_service", "date_of_service_end"),
)
