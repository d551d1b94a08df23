"""Medicare does not use 95 for ordinary telehealth."""

from __future__ import annotations

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.medicare_modifier_95",
    title="Modifier 95 on a Medicare telehealth claim",
    group="Place and telehealth",
    severity=Severity.OVERRIDE,
    message="Line {line}: Medicare takes no modifier 95 beside place {line_place}.",
    remedy="Take 95 off. It stays only when the clinician sits in a hospital and the patient at home.",
    sources=(Source("ngs_telehealth_95", "modifier 95"),),
    prevents=("4",),
    level="line",
    when=x.MEDICARE & x.TELEHEALTH_PLACE & x.has_modifier("95"),
    facts=x.facts("code", "line_place"),
    only=frozenset({"medicare"}),
)
