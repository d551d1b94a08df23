"""The payer said that the coverage is not active."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    return x.lines_where_payer_said(prepared, "inactive")


EDIT = Edit(
    id="edits.coverage_inactive",
    title="Payer said the coverage is inactive",
    group="Coverage",
    severity=Severity.OVERRIDE,
    message="On {verified_on} the payer answered that this coverage is not active.",
    remedy="Ask again for the date of service; look for another coverage.",
    sources=(Source("cleanclaim_policy", "coverage on the date of service"),),
    prevents=("26", "27", "177"),
    find=_find,
    needs=frozenset({"coverage"}),
)
