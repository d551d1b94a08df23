"""No psychotherapy or SUD counseling note leaves in a remark (NTE) of a claim or line."""

from __future__ import annotations

import polars as pl

from cleanclaim.coding.notes import refuse_separate_note
from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    found = []
    for frame, column, line in (
        (prepared.claims, "claim_note", x.NO_LINE),
        (prepared.lines, "line_note", pl.col("line_number")),
    ):
        bad = [text for text in frame.get_column(column).unique().to_list() if _is_separate(text)]
        if bad:
            rows = frame.lazy().filter(pl.col(column).is_in(bad) & x.NOT_VOID)
            found.append(rows.select("claim_row", line))
    return pl.concat(found) if found else None


def _is_separate(text: str) -> bool:
    return len(text) > 8 and refuse_separate_note(text) is not None


EDIT = Edit(
    id="edits.remark_is_separate_note",
    title="A remark reads as a psychotherapy note",
    group="Disclosure",
    severity=Severity.STOP,
    message="The remark that would leave with the claim reads as a psychotherapy or SUD counseling note.",
    remedy="Take it out (NTE of the claim or line). A payer may neither ask for such a note nor get it.",
    sources=(Source("cfr_45_164_508", "paragraph (a)(2)"), Source("cfr_42_2_31")),
    find=_find,
)
