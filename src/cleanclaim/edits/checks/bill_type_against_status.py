"""One of several bills, and whether the patient goes on."""

from __future__ import annotations

import polars as pl

from cleanclaim.codesets.programmes import admission_codes
from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

STILL = sorted(one.code for one in admission_codes("status").values() if one.is_still_a_patient)

EDIT = Edit(
    id="edits.bill_type_against_status",
    title="Type of bill against patient status",
    group="Programmes",
    severity=Severity.STOP,
    message="The type of bill {bill_type} does not fit the patient status {patient_status}.",
    remedy="A first or continuing bill (2, 3) goes with status 30, still a patient; the last (4) does not.",
    sources=(Source("nubc_ub04", "type of bill and FL 17"),),
    prevents=("306",),
    when=(pl.col("bill_type").str.slice(3, 1).is_in(["2", "3"]) & ~pl.col("patient_status").is_in(STILL))
    | ((pl.col("bill_type").str.slice(3, 1) == "4") & pl.col("patient_status").is_in(STILL)),
    facts=x.facts("bill_type", "patient_status"),
    claims="institutional",
)
