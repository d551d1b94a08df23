"""Each Medicaid programme has its own telehealth modifiers."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if "medicaid" not in prepared.kinds:
        return None
    lines = prepared.telehealth_coding.lazy()
    none_wanted = pl.col("accepted_modifiers").list.contains("none")
    telehealth = ["95", "93", "GT", "GQ", "G0", "FQ", "KX"]
    carries = pl.col("modifiers").list.set_intersection("accepted_modifiers").list.len() > 0
    odd = pl.col("modifiers").list.eval(pl.element().is_in(telehealth)).list.any()
    return lines.filter(
        (pl.col("severity") == "unknown") | (none_wanted & odd) | (~none_wanted & ~carries)
    ).select(
        "claim_row",
        "line_number",
        "code",
        "modality",
        pl.col("accepted_modifiers").list.join(" or ").alias("wanted"),
        "state",
        "rule_id",
        "severity",
    )


EDIT = Edit(
    id="edits.medicaid_telehealth_modifier",
    title="Telehealth modifier that this Medicaid programme does not take",
    group="Place and telehealth",
    severity=Severity.OVERRIDE,
    message="Line {line}: {state} Medicaid wants modifier {wanted} on {code} held by {modality}.",
    remedy="Put the programme's own modifier; what other payers take is denied here.",
    sources=(Source("cleanclaim_rules", "telehealth.claim_coding"),),
    prevents=("4", "182"),
    find=_find,
    topic="telehealth coding",
    only=frozenset({"medicaid", "remote"}),
)
