"""Psychotherapy beside an office visit has its own codes."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if "psychotherapy_individual" not in prepared.families or not prepared.families & set(x.VISITS):
        return None
    lines = prepared.lines.lazy()
    visits = lines.filter(x.OFFICE_VISIT).select(
        "claim_row", "date_of_service", "line_rendering_npi", pl.col("code").alias("visit_code")
    )
    return (
        lines.filter(pl.col("family") == "psychotherapy_individual")
        .join(visits, on=["claim_row", "date_of_service", "line_rendering_npi"])
        .select("claim_row", "line_number", "code", "visit_code", "date_of_service")
    )


EDIT = Edit(
    id="edits.psychotherapy_beside_visit",
    title="Stand-alone psychotherapy beside a visit",
    group="Codes",
    severity=Severity.STOP,
    message="Line {line}: {code} stands beside the visit {visit_code} of the same clinician and day.",
    remedy="Bill the add-on for psychotherapy with a visit (90833, 90836 or 90838) instead.",
    sources=(
        Source("cms_ncci_ptp_2024q3", "modifier indicator 0"),
        Source("apa_services_psychotherapy", "with E/M"),
    ),
    prevents=("97", "236"),
    find=_find,
)
