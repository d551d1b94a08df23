"""A circumstance is no disorder."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not any(code.startswith("Z") for code in prepared.diagnosis_codes):
        return None
    pointed = (
        prepared.lines.lazy()
        .filter(x.SESSION_FAMILIES & x.NOT_VOID & (pl.col("diagnosis_pointers").list.len() > 0))
        .select("claim_row", "line_number", "line_row", "code", "diagnosis_pointers")
        .explode("diagnosis_pointers", empty_as_null=True, keep_nulls=True)
        .rename({"diagnosis_pointers": "diagnosis_number"})
        .join(
            prepared.diagnoses.lazy().select("claim_row", "diagnosis_number", "diagnosis"),
            on=["claim_row", "diagnosis_number"],
            maintain_order="left",
        )
    )
    return (
        pointed.group_by("claim_row", "line_number", "line_row", "code", maintain_order=True)
        .agg(
            pl.col("diagnosis").str.contains(r"^Z(5[5-9]|6[0-9]|7[0-1])").all().alias("only"),
            pl.col("diagnosis").first(),
        )
        .filter(pl.col("only"))
        .select("claim_row", "line_number", "code", "diagnosis")
    )


EDIT = Edit(
    id="edits.diagnosis_circumstance_only",
    title="Only circumstances are pointed to",
    group="Diagnoses",
    severity=Severity.TELL,
    message="Line {line}: {code} points only to circumstances ({diagnosis}); plans pay treatment of a "
    "disorder.",
    remedy="Point to the disorder that is treated; a problem of relationship or housing alone is not "
    "covered by most plans.",
    sources=(Source("cleanclaim_handbook_coding", "section 9, couples without a diagnosis"),),
    prevents=(
        "11",
        "167",
        "50",
    ),
    find=_find,
)
