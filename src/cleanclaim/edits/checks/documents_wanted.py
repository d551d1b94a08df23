"""Arizona's agency wants the record with long days."""

from __future__ import annotations

from datetime import date

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if "medicaid" not in prepared.kinds or "AZ" not in prepared.states:
        return None
    quarter_hours = (pl.col("unit_minutes") == 15) & (pl.col("units_milli") > 4000)
    hours = (pl.col("time_rule") == "per_hour") & (pl.col("units_milli") > 2000)
    return (
        prepared.lines.lazy()
        .filter(
            x.MEDICAID
            & x.NOT_VOID
            & (pl.col("state") == "AZ")
            & (pl.col("program").is_in(["", "medicaid_ffs"]))
            & (pl.col("date_of_service") >= date(2023, 7, 17))
            & pl.col("code").str.contains("^[HTS]")
            & (quarter_hours | hours).fill_null(False)
        )
        .join(
            prepared.documents.lazy().select("claim_number").unique(),
            on="claim_number",
            how="anti",
            maintain_order="left",
        )
        .select("claim_row", "line_number", "code", (pl.col("units_milli") // 1000).alias("units_billed"))
    )


EDIT = Edit(
    id="edits.documents_wanted",
    title="Units that Arizona's agency pays only with the record",
    group="Disclosure",
    severity=Severity.TELL,
    message="Line {line}: {units_billed} units of {code} in a day; AHCCCS wants the record with the claim.",
    remedy="Send the progress note with it when the agency itself pays; a plan has its own rule.",
    sources=(
        Source("medicaid_manuals", "AHCCCS DFSM notice 2023-07-14"),
        Source("cleanclaim_rules", "state.az.prior_authorization.medicaid_ffs.listed_hcpcs"),
    ),
    prevents=("252", "226"),
    find=_find,
    needs=frozenset({"documents"}),
)
