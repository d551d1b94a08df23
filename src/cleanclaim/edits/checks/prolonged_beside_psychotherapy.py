"""Prolonged service belongs to a visit chosen by time."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if "prolonged" not in prepared.families:
        return None
    lines = prepared.lines.lazy().filter(x.NOT_VOID)
    keys = ["claim_row", "date_of_service", "line_rendering_npi"]
    therapy = lines.filter(x.PSYCHOTHERAPY).select(*keys, pl.col("code").alias("other_code"))
    return (
        lines.filter(pl.col("family") == "prolonged")
        .join(therapy.unique(subset=keys, keep="first", maintain_order=True), on=keys)
        .select("claim_row", "line_number", "code", "other_code", "date_of_service")
    )


EDIT = Edit(
    id="edits.prolonged_beside_psychotherapy",
    title="Prolonged service beside psychotherapy",
    group="Codes",
    severity=Severity.STOP,
    message="Line {line}: {code} beside psychotherapy {other_code} on {date_of_service}.",
    remedy="Remove it: with psychotherapy the visit is chosen by decision making, and time may not "
    "prolong it.",
    sources=(Source("cleanclaim_handbook_coding", "section 5, E/M with psychotherapy"),),
    prevents=(
        "97",
        "B15",
    ),
    find=_find,
)
