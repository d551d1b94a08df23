"""Most plans want 02 or 10 for telehealth."""

from __future__ import annotations

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.place_not_telehealth",
    title="Telehealth without place 02 or 10",
    group="Place and telehealth",
    severity=Severity.TELL,
    message="Line {line}: a session by video or phone has place {line_place}.",
    remedy="Most plans want 10 (home) or 02 (elsewhere); a few still want the office.",
    sources=(Source("cms_pos_codes", "02 and 10"),),
    prevents=("5",),
    level="line",
    when=~x.MEDICARE & ~x.MEDICAID & x.REMOTE & ~x.TELEHEALTH_PLACE,
    facts=x.facts("code", "line_place"),
    claims="professional",
    only=frozenset({"remote"}),
)
