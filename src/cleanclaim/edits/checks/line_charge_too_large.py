"""Seven digits before the point are a typing fault."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.line_charge_too_large",
    title="Line charge implausibly large",
    group="Claim",
    severity=Severity.OVERRIDE,
    message="Line {line}: the charge is {charge_cents}; a line of this trade never reaches ten thousand "
    "dollars.",
    remedy="Look for a doubled digit or a missing point.",
    sources=(Source("cleanclaim_policy", "plausible charges"),),
    prevents=("16",),
    level="line",
    when=pl.col("charge_cents") > 1_000_000,
    facts=x.fact("charge_cents"),
)
