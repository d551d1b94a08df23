"""Medicaid programmes match by taxonomy."""

from __future__ import annotations

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.taxonomy_missing_medicaid",
    title="No taxonomy on a Medicaid claim",
    group="Providers",
    severity=Severity.TELL,
    message="The billing provider has no taxonomy code; many Medicaid programmes match the enrolment by it.",
    remedy="Add the taxonomy with which the provider is enrolled.",
    sources=(Source("x12_837p", "loop 2000A PRV"),),
    prevents=("16",),
    when=x.MEDICAID & x.blank("billing_taxonomy"),
    only=frozenset({"medicaid"}),
)
