"""Codes that Medicare does not take."""

from __future__ import annotations

from datetime import date

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.code_not_payable_by_medicare",
    title="Medicare does not take this code",
    group="Codes",
    severity=Severity.OVERRIDE,
    message="Medicare gives code {code} on line {line} status {medicare_status}: not valid or not covered.",
    remedy="Use Medicare's own code for the service, or bill the patient under a signed notice.",
    sources=(Source("cms_pfs_rvu_2026", "status indicator"),),
    prevents=("96", "204"),
    level="line",
    when=x.MEDICARE
    & (pl.col("claim_filing_code") == "MB")
    & pl.col("medicare_status").is_in(["I", "N"])
    & (pl.col("date_of_service") >= date(2026, 1, 1)),
    facts=x.facts("code", "medicare_status"),
    only=frozenset({"medicare"}),
)
