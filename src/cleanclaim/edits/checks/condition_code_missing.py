"""Medicare wants to be told that the days are of a programme."""

from __future__ import annotations

import polars as pl

from cleanclaim.codesets.programmes import wanted_conditions
from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    wanted = [
        (kind, revenue, code)
        for kind in sorted(prepared.kinds)
        for revenue, code in wanted_conditions(kind).items()
    ]
    if not wanted:
        return None
    table = pl.DataFrame(wanted, schema=["payer_kind", "revenue_code", "wanted"], orient="row")
    return (
        prepared.lines.lazy()
        .join(table.lazy(), on=["payer_kind", "revenue_code"], maintain_order="left")
        .filter(~pl.col("conditions").list.contains(pl.col("wanted")))
        .group_by("claim_row", "wanted", maintain_order=True)
        .agg(pl.col("revenue_code").first())
        .with_columns(x.NO_LINE)
    )


EDIT = Edit(
    id="edits.condition_code_missing",
    title="Condition code of the programme missing",
    group="Programmes",
    severity=Severity.STOP,
    message="The days under {revenue_code} want the condition code {wanted} for this payer.",
    remedy="Add it to the episode: 92 for intensive outpatient care, 41 for partial hospitalization.",
    sources=(Source("medicare_iop_php", "condition codes 92 and 41"),),
    prevents=("16", "96"),
    find=_find,
    claims="institutional",
)
