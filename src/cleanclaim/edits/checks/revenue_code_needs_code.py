"""Outpatient programmes name the service beside the revenue code."""

from __future__ import annotations

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.revenue_code_needs_code",
    title="Revenue code without a service code",
    group="Programmes",
    severity=Severity.STOP,
    message="Line {line} has the revenue code {revenue_code} and no HCPCS code.",
    remedy="Name the day's code: S9480, H0015, H0035 or what the contract says.",
    sources=(
        Source("x12_837i", "SV202"),
        Source("nubc_ub04", "FL 44"),
    ),
    prevents=("16",),
    level="line",
    when=x.blank("code") & ~x.blank("revenue_code"),
    facts=x.fact("revenue_code"),
    claims="institutional",
)
