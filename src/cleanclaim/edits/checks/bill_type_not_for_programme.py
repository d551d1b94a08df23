"""The type of bill."""

from __future__ import annotations

import polars as pl

from cleanclaim.codesets.programmes import facilities
from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.bill_type_not_for_programme",
    title="Type of bill not for a programme",
    group="Programmes",
    severity=Severity.STOP,
    message="The type of bill {bill_type} is not one under which a programme's days are billed.",
    remedy="Correct the facility's type of bill in the practice's settings.",
    sources=(Source("nubc_ub04", "type of bill"),),
    prevents=("282",),
    when=~pl.col("bill_type").str.slice(1, 2).is_in(sorted(facilities()))
    | ~pl.col("bill_type").str.slice(3, 1).is_in(["1", "2", "3", "4", "7", "8"]),
    facts=x.fact("bill_type"),
    claims="institutional",
)
