"""A line has one clinician, so one licence modifier."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import by_rule
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if "medicaid" not in prepared.kinds:
        return None
    return (
        by_rule.licence_modifiers(prepared)
        .with_columns(pl.col("modifiers").list.set_intersection("one_of").alias("found"))
        .filter(pl.col("found").list.len() > 1)
        .select("claim_row", "line_number", "code", "found", "state", "rule_id", "severity")
    )


EDIT = Edit(
    id="edits.credential_modifiers_conflict",
    title="Two licence modifiers on one line",
    group="Modifiers",
    severity=Severity.OVERRIDE,
    message="Line {line}: {state} Medicaid takes exactly one licence modifier on {code}; found {found}.",
    remedy="Keep the one of the clinician who rendered the service.",
    sources=(Source("cleanclaim_rules", "credential_modifiers"),),
    prevents=("4",),
    find=_find,
    only=frozenset({"medicaid", "modifiers"}),
)
