"""The claim and the coverage name different members."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    on_file = (
        prepared.coverage.lazy()
        .filter((pl.col("member_id") != "") & (pl.col("patient_id") != ""))
        .select("patient_id", "payer_id", pl.col("member_id").str.to_uppercase().alias("number"))
    )
    keys = ["patient_id", "payer_id"]
    return (
        prepared.claims.lazy()
        .filter((pl.col("frequency") != "8") & (pl.col("member_id") != ""))
        .select("claim_row", *keys, pl.col("member_id").str.to_uppercase().alias("number"))
        .join(on_file, on=keys, how="semi", maintain_order="left")
        .join(on_file, on=[*keys, "number"], how="anti", maintain_order="left")
        .select("claim_row", x.NO_LINE, "payer_id")
    )


EDIT = Edit(
    id="edits.member_id_differs_from_coverage",
    title="Member number differs from the coverage",
    group="Coverage",
    severity=Severity.OVERRIDE,
    message="The claim's member number is not the one of the coverage on file with payer {payer_id}.",
    remedy="Take the number from the last answer of the payer or from the card.",
    sources=(Source("cleanclaim_handbook_denials", "eligibility"),),
    prevents=(
        "31",
        "140",
    ),
    find=_find,
    needs=frozenset({"coverage"}),
)
