"""Children leave a plan at twenty-six."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.dependent_over_age",
    title="Child of the subscriber over 26",
    group="Subscriber and payer",
    severity=Severity.TELL,
    message="The patient is covered as the subscriber's child and is over 26 on the date of service.",
    remedy="Ask the payer whether the coverage still holds: plans end it at 26 unless the child is disabled.",
    sources=(Source("cfr_45_147_136", "dependent coverage to 26, 45 CFR 147.120"),),
    prevents=(
        "32",
        "33",
    ),
    when=(pl.col("relationship") == "19")
    & (pl.col("first_service_on") >= pl.col("patient_birth_date").dt.offset_by("26y")),
    facts=x.fact("relationship"),
)
