"""Nobody supervises herself."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.supervisor_is_rendering",
    title="Supervisor and rendering clinician are one",
    group="Providers",
    severity=Severity.OVERRIDE,
    message="The supervising NPI {supervising_npi} is also the rendering one.",
    remedy="Name the supervisor, or leave the loop out.",
    sources=(Source("cfr_42_410_26", "paragraph (b)(5)"),),
    prevents=("16",),
    when=pl.col("has_supervising")
    & ~x.blank("supervising_npi")
    & (pl.col("supervising_npi") == pl.col("rendering_npi")),
    facts=x.fact("supervising_npi"),
)
