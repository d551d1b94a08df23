"""Places 02 and 10 say telehealth."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.place_telehealth_but_in_person",
    title="Telehealth place for an in-person session",
    group="Place and telehealth",
    severity=Severity.STOP,
    message="Line {line} has place {line_place} (telehealth), but the session was in person.",
    remedy="Set the place where the session was held, 11 for the office.",
    sources=(Source("cms_pos_codes", "02 and 10"),),
    prevents=("5", "16"),
    level="line",
    when=(pl.col("modality") == "in_person") & x.TELEHEALTH_PLACE,
    facts=x.facts("code", "line_place"),
    claims="professional",
)
