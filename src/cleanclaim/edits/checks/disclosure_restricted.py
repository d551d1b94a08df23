"""What a patient paid in full, the plan need not know."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.consents.height:
        return None
    asked = (
        prepared.consents.lazy()
        .filter(pl.col("kind") == "restriction")
        .select("patient_id", pl.col("payer_id").alias("named"), "starts", "ends")
    )
    return (
        prepared.lines.lazy()
        .filter(pl.col("patient_id") != "")
        .join(asked, on="patient_id", maintain_order="left")
        .filter(
            ((pl.col("named") == "") | (pl.col("named") == pl.col("payer_id")))
            & (pl.col("starts").is_null() | (pl.col("starts") <= pl.col("date_of_service")))
            & (pl.col("ends").is_null() | (pl.col("ends") >= pl.col("date_of_service")))
        )
        .select("claim_row", "line_number", "date_of_service", "payer_id")
    )


EDIT = Edit(
    id="edits.disclosure_restricted",
    title="The patient asked that this payer not be told",
    group="Disclosure",
    severity=Severity.STOP,
    message="Line {line}: the patient paid for {date_of_service} in full and asked that payer {payer_id} "
    "not be told.",
    remedy="Do not bill: the restriction must be honoured, also in a claim for another day that names "
    "the service.",
    sources=(Source("cleanclaim_handbook_compliance", "section 3.4, 45 CFR 164.522(a)(1)(vi)"),),
    find=_find,
    needs=frozenset({"consents"}),
)
