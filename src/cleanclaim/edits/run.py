"""Running the edits over a batch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from cleanclaim.edits.model import HIT_SCHEMA, Edit, EditReport, NotChecked
from cleanclaim.edits.prepare import Prepared, prepare
from cleanclaim.edits.registry import all_edits
from cleanclaim.frames import ClaimFrames

if TYPE_CHECKING:
    from cleanclaim.rules import RuleBook

_TOPIC_OF_FRAME = {
    "coverage": ("eligibility", "no coverage frame was given"),
    "authorizations": ("authorization", "no authorizations frame was given"),
    "history": ("history", "no history of other claims and sessions was given"),
    "consents": ("consent", "no consents and restrictions were given"),
    "documents": ("documents", "no documents that go with the claims were given"),
    "charges": ("charges", "no charge master was given"),
    "enrollments": ("enrollment", "no enrollments with payers were given"),
}


def run_edits(
    frames: ClaimFrames,
    *,
    today: date,
    rules: RuleBook | None = None,
    history: pl.DataFrame | None = None,
    coverage: pl.DataFrame | None = None,
    authorizations: pl.DataFrame | None = None,
    consents: pl.DataFrame | None = None,
    documents: pl.DataFrame | None = None,
    charges: pl.DataFrame | None = None,
    enrollments: pl.DataFrame | None = None,
    edits: Iterable[Edit] | None = None,
) -> EditReport:
    """Check claims before they are sent.

    Edits of single rows become boolean columns of one pass over the claims and one over the lines;
    edits that relate rows run together in one `collect_all`.

    Args:
        frames: The batch, from `frames_from_claims`; one claim or a hundred thousand.
        today: The day of checking, a calendar date of the agency.
        rules: The rule book; None takes the one that ships.
        history: Lines charged before or beside this batch (`schema.HISTORY`), or None when unknown.
        coverage: Coverages of the batch's patients (`schema.COVERAGE`), or None when unknown.
        authorizations: Their authorizations (`schema.AUTHORIZATIONS`), or None when unknown.
        consents: Their consents and restrictions (`schema.CONSENTS`), or None when unknown.
        documents: What would go to the payer with the claims (`schema.DOCUMENTS`), or None when unknown.
        charges: The practices' prices (`schema.CHARGES`), or None when unknown.
        enrollments: With which payers the clinicians are enrolled (`schema.ENROLLMENTS`), or None.
        edits: The edits to run; None takes all of the catalogue.

    Returns:
        The report. What a missing frame leaves unchecked stands in ``not_checked``, never in silence.
    """
    if rules is None:
        from cleanclaim.rules import load_rule_book

        rules = load_rule_book()
    given = {
        "history": history,
        "coverage": coverage,
        "authorizations": authorizations,
        "consents": consents,
        "documents": documents,
        "charges": charges,
        "enrollments": enrollments,
    }
    chosen = tuple(all_edits() if edits is None else edits)
    missing = {name for name, frame in given.items() if frame is None}
    running = [edit for edit in chosen if not edit.needs & missing]
    prepared = prepare(
        frames,
        today=today,
        rules=rules,
        context={name: frame for name, frame in given.items() if frame is not None},
    )

    running = [
        edit
        for edit in running
        if (edit.claims == "any" or edit.claims in prepared.claim_kinds) and edit.only <= prepared.traits
    ]
    hits: list[pl.DataFrame] = []
    open_rows: list[pl.DataFrame] = []
    for level, frame in (
        ("claim", prepared.claims),
        ("line", prepared.lines),
        ("diagnosis", prepared.diagnoses),
    ):
        of_level = [edit for edit in running if edit.level == level]
        hits += _row_hits(of_level, frame, open_rows, mixed=len(prepared.claim_kinds) > 1)
    hits += _relational_hits([edit for edit in running if edit.find is not None], prepared, open_rows)

    open_topics = _open_topics(open_rows)
    if prepared.has_void:
        voids = set(prepared.claims.filter(pl.col("frequency") == "8").get_column("claim_row"))
        hits, open_topics = _without_services_of(voids, running, hits, open_topics)
    return EditReport(
        hits=_ordered(hits),
        claim_numbers=frames.claims.get_column("claim_number").to_list(),
        edits={edit.id: edit for edit in chosen},
        not_checked=tuple(
            NotChecked(topic=topic, why=why, edits=tuple(e.id for e in chosen if name in e.needs))
            for name, (topic, why) in _TOPIC_OF_FRAME.items()
            if name in missing
        ),
        open_topics=open_topics,
    )


_IS_KIND = {"professional": pl.col("bill_type") == "", "institutional": pl.col("bill_type") != ""}


def _of_its_kind(edit: Edit, when: pl.Expr, mixed: bool) -> pl.Expr:
    """The condition on claims of the edit's kind; a batch of one kind needs no such look."""
    return when & _IS_KIND[edit.claims] if mixed and edit.claims != "any" else when


def _without_services_of(
    voids: set[int], running: list[Edit], hits: list[pl.DataFrame], open_topics: dict[int, tuple[str, ...]]
) -> tuple[list[pl.DataFrame], dict[int, tuple[str, ...]]]:
    """Without what was said of voids by edits that judge services; see `model.JUDGES_VOIDS`."""
    strange = [edit.id for edit in running if not edit.judges_voids]
    about_void = pl.col("claim_row").is_in(list(voids)) & pl.col("edit").is_in(strange)
    asked = {edit.topic for edit in running if edit.judges_voids and edit.topic}
    topics = {
        row: tuple(one for one in names if row not in voids or one in asked)
        for row, names in open_topics.items()
    }
    return [one.filter(~about_void) for one in hits], {row: names for row, names in topics.items() if names}


_UNKNOWN = "?"


def _row_hits(
    edits: list[Edit], frame: pl.DataFrame, open_rows: list[pl.DataFrame], *, mixed: bool
) -> list[pl.DataFrame]:
    """One pass: every edit is a boolean column, and every "could not judge" another.

    Only those that fired are looked at again.
    """
    firing = {edit.id: (edit, edit.when) for edit in edits if edit.when is not None}
    firing |= {edit.id + _UNKNOWN: (edit, edit.unknown) for edit in edits if edit.unknown is not None}
    if not firing or not frame.height:
        return []
    fired = frame.select(
        _of_its_kind(edit, when, mixed).fill_null(False).alias(name) for name, (edit, when) in firing.items()
    )
    hits = []
    for name in _ever(fired):
        edit, _ = firing[name]
        found = frame.filter(fired.get_column(name))
        if name.endswith(_UNKNOWN):
            open_rows.append(found.select("claim_row", pl.lit(edit.topic).alias("topic")))
            continue
        number = pl.col("line_number") if edit.level == "line" else pl.lit(None, dtype=pl.Int32)
        rows = found.select(
            "claim_row",
            number.alias("line_number"),
            *(value.alias(name) for name, value in edit.facts.items()),
        )
        hits.append(_as_hits(edit, rows))
    return hits


def _ever(fired: pl.DataFrame) -> list[str]:
    """The columns that are true anywhere."""
    if fired.height == 1:
        return [name for name, here in zip(fired.columns, fired.row(0), strict=True) if here]
    return [column.name for column in fired.iter_columns() if column.any()]


def _relational_hits(
    edits: list[Edit], prepared: Prepared, open_rows: list[pl.DataFrame]
) -> list[pl.DataFrame]:
    """One `collect_all`. A row whose severity is 'unknown' says that the edit could not judge its claim."""
    plans = [(edit, plan) for edit in edits if (plan := edit.find(prepared)) is not None]  # type: ignore[misc]
    hits = []
    for (edit, _), rows in zip(plans, pl.collect_all([plan for _, plan in plans]), strict=True):
        if rows.height and edit.claims != "any" and len(prepared.claim_kinds) > 1:
            kind = prepared.claims.lazy().filter(_IS_KIND[edit.claims]).select("claim_row").collect()
            rows = rows.filter(pl.col("claim_row").is_in(kind.get_column("claim_row").implode()))
        if not rows.height:
            continue
        if "severity" in rows.columns:
            unknown = pl.col("severity") == "unknown"
            open_rows.append(rows.filter(unknown).select("claim_row", pl.lit(edit.topic).alias("topic")))
            rows = rows.filter(~unknown)
        if rows.height:
            hits.append(_as_hits(edit, rows))
    return hits


def _as_hits(edit: Edit, rows: pl.DataFrame) -> pl.DataFrame:
    names = [name for name in rows.columns if name not in ("claim_row", "line_number", "severity")]
    text = pl.struct(names).struct.json_encode() if names else pl.lit("{}")
    severity = pl.col("severity") if "severity" in rows.columns else pl.lit(edit.severity.value)
    return rows.select(
        pl.col("claim_row").cast(pl.UInt32),
        pl.col("line_number").cast(pl.Int32),
        pl.lit(edit.id).alias("edit"),
        severity.alias("severity"),
        text.alias("facts"),
    )


def _ordered(hits: list[pl.DataFrame]) -> pl.DataFrame:
    if not hits:
        return pl.DataFrame(schema=HIT_SCHEMA)
    return pl.concat(hits).unique().sort("claim_row", "line_number", "edit", "facts", nulls_last=False)


def _open_topics(found: list[pl.DataFrame]) -> dict[int, tuple[str, ...]]:
    if not found:
        return {}
    topics = (
        pl.concat(found)
        .unique()
        .sort("claim_row", "topic")
        .group_by("claim_row", maintain_order=True)
        .agg("topic")
    )
    return {row: tuple(names) for row, names in topics.iter_rows()}
