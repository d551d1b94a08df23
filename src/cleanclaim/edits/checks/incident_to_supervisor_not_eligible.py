"""Who has no incident-to benefit of their own cannot bill others' work to Medicare."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

# Taxonomies of social workers, marriage and family therapists, and counselors.
_NO_BENEFIT = r"^(1041|106H|101Y)"

EDIT = Edit(
    id="edits.incident_to_supervisor_not_eligible",
    title="Supervisor without an incident-to benefit",
    group="Credentials",
    severity=Severity.OVERRIDE,
    message="A clinician of level {rendering_credential} works under a supervisor of taxonomy "
    "{supervising_taxonomy}; Medicare has no incident-to benefit for that kind.",
    remedy="Bill it incident to a physician, psychologist, NP, CNS, PA or midwife who supervised "
    "it, or not at all.",
    sources=(Source("cfr_42_410_26", "paragraph (b)(7)"),),
    prevents=("185", "B7"),
    when=x.MEDICARE
    & pl.col("rendering_credential").is_in(list(x.NOT_INDEPENDENT))
    & pl.col("supervising_taxonomy").str.contains(_NO_BENEFIT)
    & x.NOT_VOID,
    facts=x.facts("rendering_credential", "supervising_taxonomy"),
    claims="professional",
)
