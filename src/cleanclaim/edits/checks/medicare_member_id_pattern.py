"""The shape of a Medicare number."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.medicare_member_id_pattern",
    title="Member id is not shaped like a Medicare number",
    group="Subscriber and payer",
    severity=Severity.TELL,
    message="A Medicare number has 11 characters in a fixed pattern; this member id has another shape.",
    remedy="Copy the number from the Medicare card, not from a Medicare Advantage card.",
    sources=(Source("cms_mbi_format", "pattern by position"),),
    prevents=("31",),
    when=(pl.col("claim_filing_code") == "MB")
    & x.mismatch(
        "member_id",
        "[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]"
        "[AC-HJKMNP-RT-Y]{2}[0-9]{2}",
    ),
)
