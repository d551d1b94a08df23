"""Without an assignment the payer pays the patient, and the practice has to collect."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.benefits_not_assigned",
    title="Benefits are not assigned to the practice",
    group="Subscriber and payer",
    severity=Severity.TELL,
    message="The claim says that benefits are not assigned: the payer will pay the patient.",
    remedy="Put the signed assignment on file and say so on the claim, or collect from the patient.",
    sources=(Source("x12_837p", "CLM08"), Source("cleanclaim_handbook_denials", "payer paid the patient")),
    prevents=("100", "293"),
    when=(pl.col("benefits_assigned") == "N") & x.NOT_VOID,
)
