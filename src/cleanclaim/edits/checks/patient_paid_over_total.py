"""The patient cannot have paid more than was charged."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.patient_paid_over_total",
    title="Patient paid more than the charge",
    group="Claim",
    severity=Severity.OVERRIDE,
    message="The patient's payment of {patient_paid_cents} is above the total charge of "
    "{total_charge_cents}.",
    remedy="Correct the amount; a payment for other visits does not belong on this claim.",
    sources=(Source("x12_837p", "AMT F5"),),
    prevents=("16",),
    when=(pl.col("patient_paid_cents") > pl.col("total_charge_cents")) & (pl.col("total_charge_cents") >= 0),
    facts=x.facts("patient_paid_cents", "total_charge_cents"),
)
