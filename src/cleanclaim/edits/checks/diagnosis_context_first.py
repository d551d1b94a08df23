"""Life circumstances are never the first diagnosis."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not any(code.startswith("Z") for code in prepared.diagnosis_codes):
        return None
    therapy = prepared.lines.lazy().filter(x.SESSION_FAMILIES).select("claim_row").unique()
    return (
        prepared.diagnoses.lazy()
        .filter(
            (pl.col("diagnosis_number") == 1) & pl.col("diagnosis").str.contains(r"^Z(?:5[5-9]|6[0-5]|71)")
        )
        .join(therapy, on="claim_row", how="semi")
        .select(
            "claim_row",
            x.NO_LINE,
            "diagnosis",
            pl.when(x.MEDICARE)
            .then(pl.lit(str(Severity.OVERRIDE)))
            .otherwise(pl.lit(str(Severity.TELL)))
            .alias("severity"),
        )
    )


EDIT = Edit(
    id="edits.diagnosis_context_first",
    title="A life circumstance stands first",
    group="Diagnoses",
    severity=Severity.OVERRIDE,
    message="The first diagnosis {diagnosis} describes a circumstance; payers want the treated "
    "disorder first.",
    remedy="Put the mental disorder first and this one after it.",
    sources=(Source("cdc_icd10cm_2026", "guideline section I.C.21"),),
    prevents=("167", "11"),
    find=_find,
)
