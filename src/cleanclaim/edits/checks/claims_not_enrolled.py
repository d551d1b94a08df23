"""The practice may not yet send claims to the payer electronically."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    return x.claims_not_enrolled(prepared, "claims")


EDIT = Edit(
    id="edits.claims_not_enrolled",
    title="Not enrolled for electronic claims",
    group="Credentials",
    severity=Severity.OVERRIDE,
    message="Billing NPI {billing_npi} has no enrollment for electronic claims with payer {payer_id} today.",
    remedy="Finish the enrollment with the payer or the clearinghouse first, or send on paper.",
    sources=(Source("cleanclaim_handbook_denials", "credentialing"),),
    prevents=(),
    find=_find,
    needs=frozenset({"enrollments"}),
)
