"""A whole bill of a patient who goes on."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.whole_bill_of_patient_who_stays",
    title="Whole bill, and the patient stays",
    group="Programmes",
    severity=Severity.TELL,
    message="The bill says admission through discharge ({bill_type}), and that the patient goes on.",
    remedy="Where the payer wants the bills of a stay numbered: 2 is the first, 3 goes on, 4 is the last.",
    sources=(Source("nubc_ub04", "type of bill and FL 17"),),
    prevents=("306",),
    when=(pl.col("bill_type").str.slice(3, 1) == "1") & (pl.col("patient_status") == "30"),
    facts=x.fact("bill_type"),
    claims="institutional",
)
