"""Medicaid is payment in full."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.medicaid_patient_paid",
    title="Patient payment on a Medicaid claim",
    group="Claim",
    severity=Severity.TELL,
    message="The patient paid {patient_paid_cents} on a Medicaid claim.",
    remedy="Only a Medicaid copayment may stand here; anything else goes back to the member.",
    sources=(Source("cleanclaim_handbook_states", "billing a Medicaid member"),),
    prevents=("45",),
    when=x.MEDICAID & (pl.col("patient_paid_cents") > 0) & x.NOT_VOID,
    facts=x.fact("patient_paid_cents"),
    only=frozenset({"medicaid"}),
)
