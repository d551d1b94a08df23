"""Nothing is billed on an unsigned note."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.note_unsigned",
    title="Note not signed",
    group="Claim",
    severity=Severity.STOP,
    message="The note behind this claim is not signed.",
    remedy="The rendering clinician signs the note; the claim goes on by itself afterwards.",
    sources=(Source("cms_pub_100_08", "chapter 3, section 3.3.2.4"),),
    prevents=("16", "226", "112", "B12"),
    when=~pl.col("signed_note") & x.NOT_VOID,
)
