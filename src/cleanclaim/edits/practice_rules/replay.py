"""What would this rule have done to the claims of the past, and what became of them?"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import polars as pl

from cleanclaim.edits.practice_rules.compiling import CompiledRule, View
from cleanclaim.edits.practice_rules.model import PracticeRule
from cleanclaim.edits.practice_rules.reading import rule_hash
from cleanclaim.frames import ClaimFrames

OUTCOME_SCHEMA: dict[str, Any] = {
    "claim_row": pl.UInt32(),
    "outcome": pl.String(),
    "paid_cents": pl.Int64(),
}
"""One row per claim: what became of it (a word of `OUTCOMES`), and what payers paid; null when unanswered."""

OUTCOMES = {
    "paid": "Paid",
    "partly_paid": "Partly paid",
    "patient_share": "Patient share only",
    "denied": "Denied",
    "rejected": "Rejected",
    "reversed": "Reversed",
    "waiting": "No answer yet",
    "not_sent": "Not sent",
}
EXAMPLES = 12


class Share(msgspec.Struct, frozen=True):
    """Claims of one kind among those that the rule would have changed. Amounts in cents."""

    label: str
    claims: int
    charge_cents: int
    paid_cents: int


class Example(msgspec.Struct, frozen=True):
    """One claim that the rule would have changed, and its lines (empty: the claim as a whole)."""

    claim_row: int
    claim_number: str
    line_numbers: tuple[int, ...]
    outcome: str
    charge_cents: int
    paid_cents: int | None


class Replay(msgspec.Struct, frozen=True):
    """The answer of `replay_rule`.

    Attributes:
        rule_hash: Of what the rule does; saving compares it, so that what was tried is what is saved.
        first_on, last_on: Dates of service of the claims looked at; None when there were none.
        looked_at: Claims looked at.
        matched: Claims that meet the conditions.
        changed: Claims that the action would have changed; a repair that was already so changes nothing.
        lines: Service lines among those.
        charge_cents, paid_cents: Of the changed claims: billed, and in fact paid by payers.
        unanswered: Changed claims that no payer has answered: their money is not known yet.
        outcomes: What became of the changed claims, in the order of `OUTCOMES`.
        payers: Their payers by number of claims, at most eight.
        months: Their months of service ("2026-11"), in order.
        examples: The newest of them.
    """

    rule_hash: str
    first_on: date | None
    last_on: date | None
    looked_at: int
    matched: int
    changed: int
    lines: int
    charge_cents: int
    paid_cents: int
    unanswered: int
    outcomes: tuple[Share, ...]
    payers: tuple[Share, ...]
    months: tuple[Share, ...]
    examples: tuple[Example, ...]


def replay_rule(rule: PracticeRule, frames: ClaimFrames, outcomes: pl.DataFrame, *, today: date) -> Replay:
    """Try a rule on claims as they were built.

    Args:
        rule: The rule, saved or not.
        frames: The claims of the past as they left; nothing is changed.
        outcomes: What became of them; see `OUTCOME_SCHEMA`. A claim without a row was not sent.
        today: For conditions that count days.

    Raises:
        RuleInvalid: The rule is outside the closed lists.
    """
    compiled = CompiledRule(rule)
    view = View(frames, today)
    matched = compiled.fired(view).get_column("claim_row").n_unique()
    hits = compiled.changing(view)
    lines = hits.group_by("claim_row", maintain_order=True).agg(pl.col("line_number").drop_nulls())
    claims = (
        frames.claims.select(
            "claim_row", "claim_number", "payer_name", "total_charge_cents", "first_service_on"
        )
        .join(lines, on="claim_row", how="inner", maintain_order="left")
        .join(outcomes, on="claim_row", how="left", maintain_order="left")
        .with_columns(pl.col("outcome").fill_null("not_sent"))
    )
    days = frames.claims.get_column("first_service_on").drop_nulls()
    whole = frames.lines.join(claims.select("claim_row"), on="claim_row", how="semi").height
    return Replay(
        rule_hash=rule_hash(compiled.rule),
        first_on=days.min(),  # type: ignore[arg-type]
        last_on=days.max(),  # type: ignore[arg-type]
        looked_at=frames.height,
        matched=matched,
        changed=claims.height,
        lines=hits.get_column("line_number").drop_nulls().len() or whole,
        charge_cents=int(claims.get_column("total_charge_cents").sum()),
        paid_cents=int(claims.get_column("paid_cents").sum()),
        unanswered=claims.get_column("paid_cents").null_count(),
        outcomes=_outcomes(claims),
        payers=_shares(claims, pl.col("payer_name"), by_size=True)[:8],
        months=_shares(
            claims, pl.col("first_service_on").dt.strftime("%Y-%m").fill_null("unknown"), by_size=False
        ),
        examples=_examples(claims),
    )


def _shares(claims: pl.DataFrame, key: pl.Expr, *, by_size: bool) -> tuple[Share, ...]:
    table = (
        claims.group_by(key.alias("label"))
        .agg(
            pl.len().alias("claims"),
            pl.col("total_charge_cents").sum().alias("charge_cents"),
            pl.col("paid_cents").sum().alias("paid_cents"),
        )
        .sort(["claims", "label"] if by_size else ["label"], descending=[True, False] if by_size else [False])
    )
    return tuple(Share(**row) for row in table.iter_rows(named=True))


def _outcomes(claims: pl.DataFrame) -> tuple[Share, ...]:
    found = {share.label: share for share in _shares(claims, pl.col("outcome"), by_size=False)}
    return tuple(found[name] for name in OUTCOMES if name in found)


def _examples(claims: pl.DataFrame) -> tuple[Example, ...]:
    newest = claims.sort(["first_service_on", "claim_row"], descending=[True, False], nulls_last=True).head(
        EXAMPLES
    )
    return tuple(
        Example(
            claim_row=row["claim_row"],
            claim_number=row["claim_number"],
            line_numbers=tuple(row["line_number"]),
            outcome=row["outcome"],
            charge_cents=row["total_charge_cents"],
            paid_cents=row["paid_cents"],
        )
        for row in newest.iter_rows(named=True)
    )
