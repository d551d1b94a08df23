"""The member number."""

from __future__ import annotations

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.member_id_missing",
    title="Member id missing",
    group="Subscriber and payer",
    severity=Severity.STOP,
    message="The subscriber has no member id.",
    remedy="Copy it from the card, or from the answer of an eligibility check.",
    sources=(Source("x12_837p", "loop 2010BA NM109"),),
    prevents=("31",),
    when=x.blank("member_id"),
)
