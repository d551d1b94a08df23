"""Taxonomy codes have ten characters and end in X."""

from __future__ import annotations

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.taxonomy_malformed",
    title="Taxonomy code malformed",
    group="Providers",
    severity=Severity.STOP,
    message="A taxonomy code on the claim is not ten characters ending in X.",
    remedy="Copy the code from the NPI registry entry.",
    sources=(Source("nucc_taxonomy", "code format"),),
    prevents=("16",),
    when=x.mismatch("billing_taxonomy", "[0-9A-Z]{9}X")
    | x.mismatch("rendering_taxonomy", "[0-9A-Z]{9}X")
    | x.mismatch("supervising_taxonomy", "[0-9A-Z]{9}X"),
    facts=x.facts("billing_taxonomy", "rendering_taxonomy"),
)
