"""A replacement or void names the claim it replaces."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.replacement_without_payer_number",
    title="Replacement or void without the payer's claim number",
    group="Claim",
    severity=Severity.STOP,
    message="A replacement or void (frequency {frequency}) needs the payer's number of the earlier claim.",
    remedy="Copy it from the remittance (CLP07) or the 277CA; until the payer has given one, wait.",
    sources=(Source("x12_837p", "REF*F8 of loop 2300"),),
    prevents=("16", "18"),
    when=pl.col("frequency").is_in(["7", "8"]) & x.blank("payer_control_number"),
    facts=x.fact("frequency"),
)
