"""Modifiers that contradict one another."""

from __future__ import annotations

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.findings import Severity, Source

EDIT = Edit(
    id="edits.modifiers_conflict",
    title="Two modifiers contradict each other",
    group="Modifiers",
    severity=Severity.STOP,
    message="Line {line} ({code}) carries modifiers that contradict each other: {modifiers}.",
    remedy="Keep one of each kind: one telehealth, one distinct-service, one degree, one repeat modifier.",
    sources=(Source("cleanclaim_codesets", "modifiers"),),
    prevents=("4",),
    level="line",
    when=(x.count_of(("95", "93", "FQ", "GT", "GQ")) > 1)
    | (x.count_of(("59", "XE", "XP", "XS", "XU")) > 1)
    | (x.count_of(("HP", "HO", "HN", "HM")) > 1)
    | (x.count_of(("AH", "AJ")) > 1)
    | (x.count_of(("76", "77")) > 1)
    | (x.count_of(("GA", "GX", "GZ")) > 1)
    | (x.count_of(("Q5", "Q6")) > 1),
    facts=x.facts("code", "modifiers"),
    only=frozenset({"modifiers"}),
)
