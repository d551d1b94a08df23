"""G2211 is not paid when the visit carries modifier 25."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if "medicare" not in prepared.kinds or "G2211" not in prepared.codes:
        return None
    lines = prepared.lines.lazy().filter(x.MEDICARE)
    visits = lines.filter(x.OFFICE_VISIT & x.has_modifier("25")).select(
        "claim_row", "date_of_service", pl.col("code").alias("visit_code")
    )
    return (
        lines.filter(pl.col("code") == "G2211")
        .join(visits, on=["claim_row", "date_of_service"])
        .select("claim_row", "line_number", "code", "visit_code")
    )


EDIT = Edit(
    id="edits.complexity_addon_with_modifier_25",
    title="G2211 beside a visit with modifier 25",
    group="Modifiers",
    severity=Severity.OVERRIDE,
    message="Medicare does not pay G2211 when the visit {visit_code} carries modifier 25.",
    remedy="A visit with psychotherapy needs no 25: take it off, or take G2211 out.",
    sources=(Source("cms_pub_100_04", "chapter 12, section 30.6.7"),),
    prevents=("97", "234"),
    find=_find,
)
