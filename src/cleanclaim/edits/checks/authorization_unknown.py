"""The authorization on the claim is not on file."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_authorization:
        return None
    known = prepared.authorizations.lazy().select("patient_id", "payer_id", "authorization_number")
    return (
        prepared.claim_keys.lazy()
        .filter(pl.col("authorization_number") != "")
        .join(known, on=["patient_id", "payer_id", "authorization_number"], how="anti")
        .select("claim_row", x.NO_LINE, "authorization_number")
    )


EDIT = Edit(
    id="edits.authorization_unknown",
    title="Authorization not on file",
    group="Authorization",
    severity=Severity.TELL,
    message="Authorization {authorization_number} is not on file for this patient and payer.",
    remedy="Record it with its codes, dates and units, so that they can be counted.",
    sources=(Source("cleanclaim_handbook_denials", "authorization"),),
    prevents=("15", "284"),
    find=_find,
    needs=frozenset({"authorizations"}),
)
