"""Psychotherapy notes never leave."""

from __future__ import annotations

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.edits.model import Edit
from cleanclaim.edits.prepare import Prepared
from cleanclaim.findings import Severity, Source


def _find(prepared: Prepared) -> pl.LazyFrame | None:
    if not prepared.documents.height:
        return None
    return (
        prepared.claims.lazy()
        .join(
            prepared.documents.lazy()
            .filter(pl.col("kind") == "psychotherapy_notes")
            .select("claim_number")
            .unique(),
            on="claim_number",
            how="semi",
        )
        .select("claim_row", x.NO_LINE)
    )


EDIT = Edit(
    id="edits.psychotherapy_notes_attached",
    title="Psychotherapy notes are attached",
    group="Disclosure",
    severity=Severity.STOP,
    message="A document of the claim is marked as psychotherapy notes; a payer may not ask for them nor "
    "get them.",
    remedy="Take it off. A progress note, the plan and start and stop times support the claim.",
    sources=(Source("cfr_45_164_508", "paragraph (a)(2)"),),
    find=_find,
    needs=frozenset({"documents"}),
)
