"""Two diagnoses that exclude each other."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits import tables
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not (prepared.claims.get_column("diagnosis_count") > 1).any():
        return None
    ours = (
        prepared.diagnoses.lazy()
        .filter(pl.col("last_service_on") >= pl.col("releases_from"))
        .select("claim_row", "diagnosis", "diagnosis_number")
    )
    pairs = (
        ours.join(ours, on="claim_row", suffix="_2")
        .filter(pl.col("diagnosis_number") < pl.col("diagnosis_number_2"))
        .select("claim_row", "diagnosis", pl.col("diagnosis_2").alias("other_diagnosis"))
        .collect()
    )
    # A month has few distinct pairs: each is judged once.
    distinct = pairs.select("diagnosis", "other_diagnosis").unique()
    excluded = [pair for pair in distinct.iter_rows() if tables.excludes_one(*pair)]
    if not excluded:
        return None
    bad = pl.DataFrame(excluded, schema=["diagnosis", "other_diagnosis"], orient="row")
    return (
        pairs.lazy()
        .join(bad.lazy(), on=["diagnosis", "other_diagnosis"], how="semi")
        .select("claim_row", x.NO_LINE, "diagnosis", "other_diagnosis")
    )


EDIT = Edit(
    id="edits.diagnosis_pair_excluded",
    title="Diagnoses exclude each other",
    group="Diagnoses",
    severity=Severity.OVERRIDE,
    message="{diagnosis} and {other_diagnosis} exclude each other (Excludes1).",
    remedy="Keep the one that the note supports.",
    sources=(Source("cdc_icd10cm_2026", "Excludes1 notes"),),
    prevents=("16", "11"),
    find=_find,
)
