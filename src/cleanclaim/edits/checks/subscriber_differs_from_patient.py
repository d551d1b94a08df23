"""The patient is the subscriber, and yet another person."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.subscriber_differs_from_patient",
    title="Patient said to be the subscriber, but they differ",
    group="Subscriber and payer",
    severity=Severity.OVERRIDE,
    message="The relationship says that patient and subscriber are one person, but name or birth date "
    "differ.",
    remedy="Correct the relationship, or the person that was mistyped.",
    sources=(Source("x12_837p", "SBR02 and loop 2010BA"),),
    prevents=(
        "31",
        "140",
    ),
    when=(pl.col("relationship") == "18")
    & (
        (pl.col("patient_last_name") != pl.col("subscriber_last_name"))
        | (pl.col("patient_birth_date") != pl.col("subscriber_birth_date")).fill_null(False)
    ),
    facts=x.fact("relationship"),
)
