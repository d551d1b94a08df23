"""Substance use records go to a payer only with consent."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.claims.get_column("part2").any():
        return None
    told = (
        prepared.consents.lazy()
        .filter(pl.col("kind") == "disclosure")
        .select("patient_id", pl.col("payer_id").alias("named"), "starts", "ends")
    )
    bound = prepared.claims.lazy().filter(pl.col("part2") & (pl.col("payer_kind") != "self_pay"))
    covered = (
        bound.join(told, on="patient_id")
        .filter(
            ((pl.col("named") == "") | (pl.col("named") == pl.col("payer_id")))
            & (pl.col("starts").is_null() | (pl.col("starts") <= pl.lit(prepared.today)))
            & (pl.col("ends").is_null() | (pl.col("ends") >= pl.lit(prepared.today)))
        )
        .select("claim_row")
    )
    return bound.join(covered, on="claim_row", how="anti", maintain_order="left").select(
        "claim_row", x.NO_LINE, "payer_id"
    )


EDIT = Edit(
    id="edits.part2_consent_missing",
    title="No consent to disclose a Part 2 record",
    group="Disclosure",
    severity=Severity.STOP,
    message="The claim comes from a Part 2 programme and no consent to tell payer {payer_id} is in force.",
    remedy="Obtain the consent or collect from the patient: nothing may be sent without it.",
    sources=(
        Source("cfr_42_part_2", "2.31 and 2.33"),
        Source("cleanclaim_handbook_compliance", "section 4"),
    ),
    find=_find,
    needs=frozenset({"consents"}),
)
