"""What the rule book says of the lines of a batch, looked up once per distinct question.

Edits that follow a state's rule ask here: thousands of lines share a few states, payers and dates.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from cleanclaim.edits import expressions as x
from cleanclaim.findings import Severity
from cleanclaim.rules import Rule, RuleBook, RuleValue, rule_context

if TYPE_CHECKING:
    from cleanclaim.edits.prepare import Prepared

Ask = Callable[..., tuple[object, ...]]

_TEXT, _WORDS = pl.String(), pl.List(pl.String())
_CODING: dict[str, pl.DataType] = {
    "accepted_modifiers": _WORDS,
    "accepted_places": _WORDS,
    "place_as_in_person": pl.Boolean(),
    "rule_id": _TEXT,
    "severity": _TEXT,
}
_LEVEL: dict[str, pl.DataType] = {
    "state": _TEXT,
    "line_credential": _TEXT,
    "family": _TEXT,
    "wanted": _TEXT,
    "one_of": _WORDS,
    "rule_starts": pl.Date(),
    "rule_ends": pl.Date(),
    "rule_id": _TEXT,
    "severity": _TEXT,
}


def medicaid(
    rules: RuleBook, topic: str, state: str, payer_id: str, program: str, on: date
) -> tuple[Rule, RuleValue] | None:
    """The answer for a Medicaid claim; when its programme is not told, only what agency and plans share.

    A claim itself does not say whether the agency or a plan pays; the coverage on file may.
    """
    found = []
    for one in (program,) if program else ("medicaid_ffs", "medicaid_mco"):
        context = rule_context(payer_kind="medicaid", program=one, state=state, payer_id=payer_id)
        answer = rules.lookup(topic, context, on)
        if answer is None:
            return None
        found.append(answer)
    return found[0] if len({rule.id for rule, _ in found}) == 1 else None


_FEW = 64


def answered(frame: pl.DataFrame, keys: list[str], ask: Ask, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """The frame with the answers to its rows' questions; each distinct question is asked once.

    Args:
        keys: Columns that make a row's question.
        ask: Answers one question, with one value per column of `schema`.
    """
    if frame.height <= _FEW:
        # A few rows are answered in place: a join would cost more than the answers.
        known: dict[tuple[Any, ...], tuple[object, ...]] = {}
        rows = [
            known[row] if row in known else known.setdefault(row, ask(*row))
            for row in frame.select(keys).iter_rows()
        ]
        return frame.hstack(pl.DataFrame(rows, schema=schema, orient="row"))
    asked = frame.select(keys).unique()
    answers = pl.DataFrame(
        [(*row, *ask(*row)) for row in asked.iter_rows()], schema={**asked.schema, **schema}, orient="row"
    )
    return frame.join(answers, on=keys, how="left", nulls_equal=True, maintain_order="left")


def telehealth_coding(prepared: Prepared) -> pl.DataFrame:
    """Remote lines of Medicaid claims with the modifiers and places that their state takes.

    Columns: those of the lines, accepted_modifiers (``["none"]`` when none is wanted), accepted_places,
    place_as_in_person, rule_id, severity (``unknown`` when no rule says it for that date).
    """
    lines = prepared.lines.filter(x.MEDICAID & x.REMOTE & x.NOT_VOID)
    keys = ["state", "payer_id", "program", "modality", "date_of_service"]
    return answered(lines, keys, partial(_coding, prepared.rules), _CODING)


def _coding(
    rules: RuleBook, state: str, payer_id: str, program: str, modality: str, on: date
) -> tuple[object, ...]:
    found = medicaid(rules, f"telehealth.claim_coding.{modality}", state, payer_id, program, on)
    if found is None or "accepted_modifiers" not in found[1].details:
        return [], [], False, "", "unknown"
    rule, value = found
    details = value.details
    stops = rule.is_enforceable(value) and bool(program)
    return (
        details["accepted_modifiers"].split(),
        details.get("accepted_places", "").split(),
        details.get("place_as_in_person") == "yes",
        rule.id,
        # Without the programme a plan's own manual may differ: it is told, not stopped.
        (Severity.OVERRIDE if stops else Severity.TELL).value,
    )


def licence_modifiers(prepared: Prepared) -> pl.LazyFrame:
    """Medicaid lines whose state wants a modifier for the clinician's licence, with that modifier.

    Columns: those of the lines, wanted, one_of (modifiers of which a line carries exactly one), rule_id,
    severity.
    """
    rows = [
        (state, level, family, str(value.value), value.details.get("one_of", "").split(),
         value.starts, value.ends, rule.id,
         (Severity.OVERRIDE if rule.is_enforceable(value) else Severity.TELL).value)
        for rule in prepared.rules.select(topic="credential_modifiers")
        if isinstance(state := rule.applies_to.get("state"), str) and state in prepared.states
        for value in rule.values
        if "levels" in value.details
        for level in value.details["levels"].split()
        for family in value.details.get("families", "").split()
    ]  # fmt: skip
    wanted = pl.LazyFrame(rows, schema=_LEVEL, orient="row")
    day = pl.col("date_of_service")
    return (
        prepared.lines.lazy()
        .filter(x.MEDICAID & x.NOT_VOID)
        .join(wanted, on=["state", "line_credential", "family"], maintain_order="left")
        .filter(
            (pl.col("rule_starts") <= day) & (pl.col("rule_ends").is_null() | (pl.col("rule_ends") >= day))
        )
        .with_columns(
            # Without the programme a plan's own manual may differ: it is told, not stopped.
            pl.when(pl.col("program") == "")
            .then(pl.lit(Severity.TELL.value))
            .otherwise("severity")
            .alias("severity")
        )
    )


_LIMIT: dict[str, pl.DataType] = {
    "state": _TEXT,
    "limit": pl.Int64(),
    "families": _WORDS,
    "levels": _WORDS,
    "programs": _WORDS,
    "age_under": pl.Int32(),
    "rule_starts": pl.Date(),
    "rule_id": _TEXT,
}


def yearly_limits(rules: RuleBook) -> pl.DataFrame:
    """Visits a year that states pay without more: one row per rule that says for which services.

    Columns: state, limit, families, levels (empty for every licence), programs, age_under (null for every
    age), rule_starts, rule_id.
    """
    rows = [
        (state, int(value.value), value.details["families"].split(), value.details.get("levels", "").split(),
         [programs] if isinstance(programs := rule.applies_to.get("program", ""), str) else list(programs),
         int(value.details["age_under"]) if "age_under" in value.details else None, value.starts, rule.id)
        for rule in rules.select(topic="prior_authorization")
        if rule.unit in ("encounters_per_calendar_year", "visits_per_year")
        and isinstance(state := rule.applies_to.get("state"), str)
        for value in rule.values
        if value.ends is None and isinstance(value.value, int) and "families" in value.details
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_LIMIT, orient="row")
