"""A secondary claim carries what the first payer said."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_later_payer:
        return None
    answered = prepared.frames.other_payers.lazy().filter(pl.col("other_paid_cents").is_not_null())
    return (
        prepared.claim_keys.lazy()
        .filter(pl.col("sequence").is_in(["S", "T"]))
        .join(answered, on="claim_row", how="anti")
        .select("claim_row", x.NO_LINE, "sequence")
    )


EDIT = Edit(
    id="edits.primary_answer_missing",
    title="Secondary claim without the first payer's answer",
    group="Coordination of benefits",
    severity=Severity.STOP,
    message="This payer is not first, and the claim does not carry what the payer before it paid.",
    remedy="Post the first payer's remittance; the secondary claim is built from it.",
    sources=(Source("x12_837p", "loops 2320, 2430"),),
    prevents=("22", "252"),
    find=_find,
)
