"""Medicare pays audio-only sessions to patients at home."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.medicare_audio_place",
    title="Medicare audio-only session away from home",
    group="Place and telehealth",
    severity=Severity.OVERRIDE,
    message="Line {line} ({code}): Medicare pays audio-only sessions when the patient is at home (place 10).",
    remedy="Correct the place if the patient was at home.",
    sources=(Source("cfr_42_410_78", "paragraph (a)(3)"),),
    prevents=("96",),
    level="line",
    when=x.MEDICARE & x.AUDIO & (pl.col("line_place") == "02"),
    facts=x.facts("code", "line_place"),
    claims="professional",
    only=frozenset({"medicare", "remote"}),
)
