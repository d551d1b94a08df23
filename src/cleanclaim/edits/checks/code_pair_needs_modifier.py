"""Two codes that need a modifier to stand side by side."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if "medicare" not in prepared.kinds or not prepared.has_several_lines:
        return None
    return (
        x.forbidden_pairs(prepared, "1")
        .filter(~pl.col("separated"))
        .select("claim_row", "line_number", "code", "other_code", "date_of_service", "edits_as_of")
    )


EDIT = Edit(
    id="edits.code_pair_needs_modifier",
    title="Code pair needs a modifier",
    group="Codes",
    severity=Severity.OVERRIDE,
    message="Line {line}: {code} beside {other_code} on {date_of_service} needs a modifier for "
    "separate sessions.",
    remedy="If two separate sessions are documented, put 59 or an X modifier on {code}; else remove it.",
    sources=(
        Source("cms_ncci_ptp_2024q3", "modifier indicator 1"),
        Source("cms_change_request_11168", "either code"),
    ),
    prevents=("97", "236"),
    find=_find,
    claims="professional",
)
