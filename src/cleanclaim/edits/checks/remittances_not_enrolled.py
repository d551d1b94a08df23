"""The answer of the payer would not come electronically."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    return x.claims_not_enrolled(prepared, "remittances")


EDIT = Edit(
    id="edits.remittances_not_enrolled",
    title="Not enrolled for electronic remittances",
    group="Credentials",
    severity=Severity.TELL,
    message="Billing NPI {billing_npi} is not enrolled for electronic remittances with payer {payer_id}.",
    remedy="Enroll, or expect a paper remittance to be keyed in.",
    sources=(Source("cleanclaim_handbook_denials", "credentialing"),),
    prevents=(),
    find=_find,
    needs=frozenset({"enrollments"}),
)
