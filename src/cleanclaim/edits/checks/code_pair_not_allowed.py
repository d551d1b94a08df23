"""Two codes that Medicare never pays together."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if "medicare" not in prepared.kinds or not prepared.has_several_lines:
        return None
    return x.forbidden_pairs(prepared, "0").select(
        "claim_row", "line_number", "code", "other_code", "date_of_service", "edits_as_of"
    )


EDIT = Edit(
    id="edits.code_pair_not_allowed",
    title="Code pair never paid together",
    group="Codes",
    severity=Severity.OVERRIDE,
    message="Line {line}: {code} is part of {other_code} on {date_of_service}; no modifier separates them.",
    remedy="Keep the code that describes the session; the other cannot be paid the same day.",
    sources=(Source("cms_ncci_ptp_2024q3", "modifier indicator 0"),),
    prevents=("97", "236"),
    find=_find,
    claims="professional",
)
