"""A day of a programme is billed once."""

from __future__ import annotations

import polars as pl

from cleanclaim.codesets.programmes import programmes
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source

CODES = sorted({code for one in programmes().values() for _, code in one.pairs})


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_several_lines or not prepared.codes & set(CODES):
        return None
    return (
        prepared.lines.lazy()
        .filter(pl.col("code").is_in(CODES))
        .group_by("claim_row", "date_of_service", "code", maintain_order=True)
        .agg(pl.col("line_number").max(), pl.len().alias("times"))
        .filter(pl.col("times") > 1)
        .select("claim_row", "line_number", "code", "date_of_service", "times")
    )


EDIT = Edit(
    id="edits.programme_day_twice",
    title="Programme day twice on the bill",
    group="Programmes",
    severity=Severity.STOP,
    message="{code} on {date_of_service} stands {times} times on this claim: a per diem is paid once a day.",
    remedy="Remove the copy.",
    sources=(Source("nubc_ub04", "FL 45"),),
    prevents=("18",),
    find=_find,
    claims="institutional",
)
