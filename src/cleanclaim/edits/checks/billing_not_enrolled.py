"""The practice itself is enrolled, too."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.enrollments.height:
        return None
    known = prepared.enrollments.lazy().filter(pl.col("role") == "billing")
    payers = known.select("payer_id").unique()
    mine = (
        prepared.claims.lazy()
        .filter((pl.col("frequency") != "8") & (pl.col("billing_npi") != ""))
        .join(payers, on="payer_id", how="semi", maintain_order="left")
    )
    enrolled = (
        mine.join(known, left_on=["billing_npi", "payer_id"], right_on=["npi", "payer_id"])
        .filter(
            (pl.col("starts").is_null() | (pl.col("starts") <= pl.col("first_service_on")))
            & (pl.col("ends").is_null() | (pl.col("ends") >= pl.col("first_service_on")))
        )
        .select("claim_row")
    )
    return mine.join(enrolled, on=["claim_row"], how="anti", maintain_order="left").select(
        "claim_row", x.NO_LINE, "billing_npi", "payer_id", "first_service_on"
    )


EDIT = Edit(
    id="edits.billing_not_enrolled",
    title="Billing provider is not enrolled with the payer",
    group="Credentials",
    severity=Severity.OVERRIDE,
    message="Billing NPI {billing_npi} has no enrollment with payer {payer_id} on {first_service_on}.",
    remedy="Finish the enrollment of the practice, or bill under the NPI that is enrolled.",
    sources=(Source("cleanclaim_handbook_denials", "credentialing"),),
    prevents=(
        "B7",
        "299",
    ),
    find=_find,
    needs=frozenset({"enrollments"}),
)
