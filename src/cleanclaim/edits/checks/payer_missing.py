"""The payer's name and electronic id."""

from __future__ import annotations

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.payer_missing",
    title="Payer name or id missing",
    group="Subscriber and payer",
    severity=Severity.STOP,
    message="The payer has no name or no electronic payer id.",
    remedy="Choose the payer from the payer list of the clearinghouse.",
    sources=(Source("x12_837p", "loop 2010BB NM1"),),
    when=x.blank("payer_id") | x.blank("payer_name"),
)
