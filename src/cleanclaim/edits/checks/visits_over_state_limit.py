"""States that pay a number of visits a year and then want an authorization, or another payer."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import by_rule, tables
from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if "medicaid" not in prepared.kinds or not prepared.has_earlier_lines:
        return None
    limits = by_rule.yearly_limits(prepared.rules).lazy()
    families = tables.codes().lazy().select("code", "family")
    year = pl.col("date_of_service").dt.year()
    earlier = (
        prepared.history.lazy()
        .filter(pl.col("patient_id") != "")
        .join(families, on="code")
        .select("patient_id", "family", year.alias("year"), pl.col("date_of_service").alias("visited"))
    )
    day = pl.col("date_of_service")
    born = pl.col("patient_birth_date")
    mine = (
        prepared.lines.lazy()
        .filter(x.MEDICAID & x.NOT_VOID & (pl.col("authorization_number") == ""))
        .join(limits, on="state", maintain_order="left")
        .filter(
            pl.col("families").list.contains(pl.col("family"))
            & ((pl.col("levels").list.len() == 0) | pl.col("levels").list.contains(pl.col("line_credential")))
            & ((pl.col("program") == "") | pl.col("programs").list.contains(pl.col("program")))
            & (pl.col("age_under").is_null() | (born.dt.offset_by(pl.format("{}y", "age_under")) > day))
            & (pl.col("rule_starts") <= day)
        )
        .with_columns(year.alias("year"))
    )
    return (
        mine.join(earlier, on=["patient_id", "year"], suffix="_earlier")
        .filter(pl.col("families").list.contains(pl.col("family_earlier")) & (pl.col("visited") < day))
        .group_by("claim_row", "line_number", "state", "limit", "rule_id", maintain_order=True)
        .agg(day.first(), pl.col("visited").n_unique().alias("visits"))
        .filter(pl.col("visits") >= pl.col("limit"))
        .select("claim_row", "line_number", "date_of_service", "state", "visits", "limit", "rule_id")
    )


EDIT = Edit(
    id="edits.visits_over_state_limit",
    title="More visits in the year than the state pays without authorization",
    group="History",
    severity=Severity.TELL,
    message="Line {line}: {visits} visits of the year lie before {date_of_service}; {state} Medicaid takes "
    "{limit}.",
    remedy="Ask for an authorization, or bill the payer that takes over from there.",
    sources=(Source("cleanclaim_rules", "prior_authorization"),),
    prevents=("119", "197"),
    find=_find,
    needs=frozenset({"history"}),
)
