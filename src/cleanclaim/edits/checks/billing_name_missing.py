"""The billing provider's name."""

from __future__ import annotations

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.billing_name_missing",
    title="Billing name missing",
    group="Providers",
    severity=Severity.STOP,
    message="The billing provider has no name.",
    remedy="Enter the legal name as enrolled with the payer.",
    sources=(Source("x12_837p", "loop 2010AA NM103"),),
    prevents=("16",),
    when=x.blank("billing_name"),
)
