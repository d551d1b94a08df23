"""Who may bill Medicare."""

from __future__ import annotations

from datetime import date

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.medicare_credential",
    title="Licence level that Medicare does not enrol",
    group="Credentials",
    severity=Severity.OVERRIDE,
    message="Line {line}: Medicare does not pay clinicians of level {line_credential} on "
    "{date_of_service} directly.",
    remedy="Bill incident to an eligible clinician where the rule allows, or not at all.",
    sources=(Source("cfr_42_410_26", "paragraph (b)"), Source("cms_mft_mhc", "from 2024-01-01")),
    prevents=("185", "170"),
    level="line",
    when=x.MEDICARE
    & (
        pl.col("line_credential").is_in(["RBT", "BCBA", "CPS", "QMHP", "BHP", "TCM"])
        | (pl.col("line_credential").is_in(["LMFT", "LPC"]) & (pl.col("date_of_service") < date(2024, 1, 1)))
    ),
    facts=x.facts("line_credential", "date_of_service"),
    claims="professional",
    only=frozenset({"medicare"}),
)
