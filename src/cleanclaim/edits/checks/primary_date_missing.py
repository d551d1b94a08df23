"""An earlier payer's answer has a date."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.has_other_payer:
        return None
    return (
        prepared.frames.other_payers.lazy()
        .filter(pl.col("other_paid_cents").is_not_null() & pl.col("other_adjudicated_on").is_null())
        .select("claim_row", x.NO_LINE, "other_payer_id")
    )


EDIT = Edit(
    id="edits.primary_date_missing",
    title="First payer's decision has no date",
    group="Coordination of benefits",
    severity=Severity.STOP,
    message="The claim carries what payer {other_payer_id} paid, but not when it decided.",
    remedy="Take the date from the remittance.",
    sources=(Source("x12_837p", "DTP*573 of loops 2330B, 2430"),),
    prevents=("16",),
    find=_find,
)
