"""An original claim has no earlier claim."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.original_with_payer_number",
    title="Original claim names an earlier claim",
    group="Claim",
    severity=Severity.TELL,
    message="The claim is sent as an original, yet names the payer's number of an earlier one.",
    remedy="Send it as a replacement (7) if that claim was adjudicated, else leave the number out.",
    sources=(Source("x12_837p", "CLM05-3 and REF*F8"),),
    prevents=("18",),
    when=(pl.col("frequency") == "1") & ~x.blank("payer_control_number"),
)
