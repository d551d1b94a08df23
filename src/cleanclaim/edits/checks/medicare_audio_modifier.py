"""Medicare audio-only sessions carry 93."""

from __future__ import annotations

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.medicare_audio_modifier",
    title="Medicare audio-only session without modifier 93",
    group="Place and telehealth",
    severity=Severity.STOP,
    message="Line {line} ({code}) was held by phone; Medicare wants modifier 93.",
    remedy="Add 93 and record why video was not used.",
    sources=(Source("cfr_42_410_78", "paragraph (a)(3)"),),
    prevents=("4",),
    level="line",
    when=x.MEDICARE & x.AUDIO & ~x.has_modifier("93", "FQ"),
    facts=x.fact("code"),
    only=frozenset({"medicare", "remote"}),
)
