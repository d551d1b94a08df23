"""An in-person session has no telehealth modifier."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.telehealth_modifier_in_person",
    title="Telehealth modifier on an in-person session",
    group="Place and telehealth",
    severity=Severity.STOP,
    message="Line {line} ({code}) carries a telehealth modifier, but the session was in person.",
    remedy="Take the modifier off, or correct how the session was held.",
    sources=(Source("cleanclaim_codesets", "modifiers"),),
    prevents=("4",),
    level="line",
    when=(pl.col("modality") == "in_person") & x.has_modifier("95", "93", "FQ", "GT", "GQ"),
    facts=x.facts("code", "modifiers"),
    topic="modality",
    unknown=x.blank("modality"),
)
