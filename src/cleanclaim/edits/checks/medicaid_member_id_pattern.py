"""The shape of a Medicaid programme's number, where the agency publishes it."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits import tables
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    known = tables.member_numbers()
    if not prepared.states & set(known.get_column("state").to_list()):
        return None
    wrong = [
        x.mismatch("member_id", pattern) & (pl.col("state") == state)
        for state, pattern in known.select("state", "pattern").iter_rows()
    ]
    return (
        prepared.claims.lazy()
        # A plan of the programme may print its own number on its card.
        .filter(x.MEDICAID & x.NOT_VOID & (pl.col("program") != "medicaid_mco"))
        .filter(pl.any_horizontal(wrong))
        .join(known.lazy().select("state", "in_words"), on="state", maintain_order="left")
        .select("claim_row", x.NO_LINE, "state", "in_words")
    )


EDIT = Edit(
    id="edits.medicaid_member_id_pattern",
    title="Member id is not shaped like the Medicaid programme's number",
    group="Subscriber and payer",
    severity=Severity.TELL,
    message="A {state} Medicaid number has {in_words}; this member id has another shape.",
    remedy="Copy the number from the programme's own card or its last eligibility answer.",
    sources=(Source("hfs_notice_2013_06_03", "number on the card"),),
    prevents=("31",),
    find=_find,
    only=frozenset({"medicaid"}),
)
