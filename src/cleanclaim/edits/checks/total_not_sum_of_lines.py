"""The claim's total is the sum of its lines."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.total_not_sum_of_lines",
    title="Total charge differs from the lines",
    group="Claim",
    severity=Severity.STOP,
    message="The total charge is {total_charge_cents}, but the lines add up to {line_charge_cents}.",
    remedy="Build the claim again from its lines.",
    sources=(Source("x12_837p", "CLM02"),),
    prevents=("16",),
    when=pl.col("total_charge_cents") != pl.col("line_charge_cents"),
    facts=x.facts("total_charge_cents", "line_charge_cents"),
)
