"""Audio-only modifiers say that there was no picture."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.audio_modifier_on_video",
    title="Audio-only modifier on a video session",
    group="Place and telehealth",
    severity=Severity.STOP,
    message="Line {line} ({code}) says audio-only, but the session was held by video.",
    remedy="Take 93 or FQ off, or correct how the session was held.",
    sources=(Source("cleanclaim_codesets", "modifiers"),),
    prevents=("4",),
    level="line",
    when=(pl.col("modality") == "video") & x.has_modifier("93", "FQ"),
    facts=x.facts("code", "modifiers"),
    only=frozenset({"remote"}),
)
