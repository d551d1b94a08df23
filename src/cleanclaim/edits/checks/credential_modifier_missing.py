"""Medicaid programmes that price by licence read it in a modifier."""

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
        .filter(~pl.col("modifiers").list.contains(pl.col("wanted")))
        .select(
            "claim_row", "line_number", "code", "line_credential", "wanted", "state", "rule_id", "severity"
        )
    )


EDIT = Edit(
    id="edits.credential_modifier_missing",
    title="Licence modifier missing",
    group="Modifiers",
    severity=Severity.OVERRIDE,
    message="Line {line}: {state} Medicaid wants {wanted} on {code} by a clinician of level "
    "{line_credential}.",
    remedy="Add the modifier of the clinician who rendered the service.",
    sources=(Source("cleanclaim_rules", "credential_modifiers"),),
    prevents=("4", "185"),
    find=_find,
    claims="professional",
)
