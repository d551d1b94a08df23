"""The payer said that another one is responsible."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    return x.lines_where_payer_said(prepared, "other_payer")


EDIT = Edit(
    id="edits.coverage_other_payer",
    title="Payer said that another one is responsible",
    group="Coverage",
    severity=Severity.OVERRIDE,
    message="On {verified_on} the payer answered that another payer is responsible for {date_of_service}.",
    remedy="Put that payer on file as the coverage of the date, in the right order, and bill it.",
    sources=(Source("cleanclaim_handbook_denials", "coordination of benefits"),),
    prevents=("22", "24", "109", "300", "301"),
    find=_find,
    needs=frozenset({"coverage"}),
)
