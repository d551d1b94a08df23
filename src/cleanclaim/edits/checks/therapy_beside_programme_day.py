"""A per diem holds the day's therapy."""

from __future__ import annotations

import polars as pl

from cleanclaim.codesets.programmes import programmes
from cleanclaim.edits import expressions as x
from cleanclaim.edits import tables
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source

CODES = sorted({code for one in programmes().values() for _, code in one.pairs})
NO_NUMBER = pl.lit(None, dtype=pl.Int32).alias("line_number")
_INSIDE = ["psychotherapy_individual", "group", "family"]


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    """Therapy of a day, on this claim or another, beside a programme day of the same patient and day."""
    known = prepared.context.get("history")
    if not (prepared.codes | prepared.past_codes) & set(CODES):
        return None
    mine = prepared.lines.lazy().filter(
        x.NOT_VOID & (pl.col("code").is_in(CODES) | pl.col("family").is_in(_INSIDE))
    )
    keys = ["patient_id", "date_of_service"]
    others = [mine.select(*keys, pl.col("code").alias("other_code"), "claim_number", "line_number")]
    if known is not None:
        others.append(
            known.lazy()
            .filter(~pl.col("claim_number").is_in(prepared.claims.get_column("claim_number").implode()))
            .select(*keys, pl.col("code").alias("other_code"), "claim_number", NO_NUMBER)
        )
    families = (
        tables.codes().lazy().select(pl.col("code").alias("other_code"), pl.col("family").alias("beside"))
    )
    day = pl.col("code").is_in(CODES)
    other_day = pl.col("other_code").is_in(CODES)
    return (
        mine.filter(pl.col("patient_id") != "")
        .join(pl.concat(others).join(families, on="other_code", how="left"), on=keys)
        .filter(
            (day & ~other_day & pl.col("beside").is_in(_INSIDE))
            | (pl.col("family").is_in(_INSIDE) & ~day & other_day)
        )
        .group_by("claim_row", "line_number", "code", "date_of_service", maintain_order=True)
        .agg(pl.col("other_code").min())
        .sort("claim_row", "line_number")
    )


EDIT = Edit(
    id="edits.therapy_beside_programme_day",
    title="Therapy beside a programme day",
    group="Programmes",
    severity=Severity.OVERRIDE,
    message="{code} on {date_of_service} stands beside {other_code} of the same day: the per diem holds it.",
    remedy="Leave the therapy to the per diem; override where the contract pays both.",
    sources=(Source("cleanclaim_handbook_coding", "section 15, per diem and its parts"),),
    prevents=("97",),
    find=_find,
)
