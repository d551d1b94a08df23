"""Member numbers hold letters and digits."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.member_id_characters",
    title="Member number with other characters",
    group="Subscriber and payer",
    severity=Severity.OVERRIDE,
    message="The member number has blanks, dashes or other marks beside letters and digits.",
    remedy="Copy the number from the card without blanks and dashes.",
    sources=(Source("x12_837p", "2010BA NM109"),),
    prevents=(
        "31",
        "16",
    ),
    when=~x.blank("member_id") & ~pl.col("member_id").str.contains(r"^[A-Za-z0-9]{2,30}$"),
)
