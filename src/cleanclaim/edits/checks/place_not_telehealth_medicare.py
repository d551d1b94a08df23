"""Medicare wants 02 or 10 for telehealth."""

from __future__ import annotations

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.place_not_telehealth_medicare",
    title="Medicare telehealth without place 02 or 10",
    group="Place and telehealth",
    severity=Severity.OVERRIDE,
    message="Line {line}: a session by video or phone has place {line_place}; Medicare wants 10 or 02.",
    remedy="10 when the patient was at home, 02 elsewhere. Hospital clinicians have their own rule.",
    sources=(Source("cms_pos_codes", "02 and 10"), Source("cfr_42_410_78", "telehealth")),
    prevents=("5", "16"),
    level="line",
    when=x.MEDICARE & x.REMOTE & ~x.TELEHEALTH_PLACE,
    facts=x.facts("code", "line_place"),
    claims="professional",
    only=frozenset({"medicare"}),
)
