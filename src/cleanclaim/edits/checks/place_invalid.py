"""Place-of-service codes."""

from __future__ import annotations

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.place_invalid",
    title="Place of service not valid",
    group="Place and telehealth",
    severity=Severity.STOP,
    message="Line {line} has the place of service {line_place}, which is not in the code set.",
    remedy="Choose a place from the list.",
    sources=(Source("cms_pos_codes", "code set"),),
    prevents=("16",),
    level="line",
    when=x.known_place().not_(),
    facts=x.fact("line_place"),
    claims="professional",
)
