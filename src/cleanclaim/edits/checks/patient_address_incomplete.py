"""The patient's address."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.patient_address_incomplete",
    title="Patient address incomplete",
    group="Subscriber and payer",
    severity=Severity.STOP,
    message="The patient's street, city, state or ZIP code is missing.",
    remedy="Complete the address in the patient's record.",
    sources=(Source("x12_837p", "loops 2010BA, 2010CA N3, N4"),),
    prevents=("16",),
    when=x.blank("patient_line1")
    | x.blank("patient_city")
    | ~pl.col("patient_region").str.contains("^[A-Z]{2}$")
    | ~pl.col("patient_postal_code").str.contains(r"^(?:\d{5}|\d{9})$"),
)
