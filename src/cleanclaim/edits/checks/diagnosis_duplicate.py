"""Each diagnosis once."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if len(prepared.diagnosis_codes) == prepared.diagnoses.height:
        return None
    return (
        prepared.diagnoses.lazy()
        .group_by("claim_row", "diagnosis", maintain_order=True)
        .agg(pl.len().alias("times"))
        .filter(pl.col("times") > 1)
        .select("claim_row", x.NO_LINE, "diagnosis", "times")
    )


EDIT = Edit(
    id="edits.diagnosis_duplicate",
    title="Diagnosis listed twice",
    group="Diagnoses",
    severity=Severity.STOP,
    message="Diagnosis {diagnosis} stands {times} times on the claim.",
    remedy="Keep it once and mend the pointers.",
    sources=(Source("x12_837p", "HI of loop 2300"),),
    prevents=("16",),
    find=_find,
)
