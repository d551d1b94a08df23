"""The payer does not know the patient."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    return x.lines_where_payer_said(prepared, "not_found")


EDIT = Edit(
    id="edits.coverage_patient_not_found",
    title="Payer cannot find the patient",
    group="Coverage",
    severity=Severity.OVERRIDE,
    message="On {verified_on} the payer answered that it cannot find the patient by what is on file.",
    remedy="Compare name, birth date and member number with the card, correct them, and ask again.",
    sources=(Source("cleanclaim_handbook_denials", "eligibility"),),
    prevents=("31", "140"),
    find=_find,
    needs=frozenset({"coverage"}),
)
