"""Somebody rendered the service."""

from __future__ import annotations

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.rendering_npi_missing",
    title="Rendering NPI missing",
    group="Providers",
    severity=Severity.OVERRIDE,
    message="Line {line} does not say who rendered it: the billing provider is an organization.",
    remedy="Name the rendering clinician on the claim or the line; only facility programmes have none.",
    sources=(Source("x12_837p", "loop 2310B, 2420A"),),
    prevents=("206",),
    level="line",
    when=x.blank("line_rendering_npi"),
    claims="professional",
)
