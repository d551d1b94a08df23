"""The patient's name."""

from __future__ import annotations

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.patient_name_missing",
    title="Patient or subscriber name missing",
    group="Subscriber and payer",
    severity=Severity.STOP,
    message="The patient or the subscriber has no last name.",
    remedy="Enter the name as it stands on the card.",
    sources=(Source("x12_837p", "loops 2010BA, 2010CA NM103"),),
    prevents=("31",),
    when=x.blank("patient_last_name") | x.blank("subscriber_last_name"),
)
