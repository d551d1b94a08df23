"""How the patient came, and how the patient stands."""

from __future__ import annotations

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.admission_facts_missing",
    title="Admission facts missing",
    group="Programmes",
    severity=Severity.STOP,
    message="The claim does not say the type of admission, the point of origin and the patient status.",
    remedy="Complete the episode: all three are required on an institutional claim.",
    sources=(
        Source("x12_837i", "CL1"),
        Source("nubc_ub04", "FL 14, 15, 17"),
    ),
    prevents=("16",),
    when=x.blank("admission_type") | x.blank("admission_source") | x.blank("patient_status"),
    facts=x.facts("admission_type", "admission_source", "patient_status"),
    claims="institutional",
)
