"""What the rule book answers and what it does not: a matrix of state, topic and payer kind.

``python -m cleanclaim.rules.coverage`` writes ``docs/reference/coverage-matrix.md`` and one page a state;
a test fails when they are stale, and when a cell is neither a value nor a sourced ``not_encoded``.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import msgspec

from cleanclaim.findings import Source
from cleanclaim.rules.book import RuleBook, rule_context
from cleanclaim.rules.files import load_rule_book
from cleanclaim.rules.model import Rule, RuleValue
from cleanclaim_data import loader

STATES = ("DE", "GA", "AZ", "NC", "CT", "IL", "OH", "RI", "TN", "TX", "VA", "NH", "FL")
PROGRAMS: dict[str, tuple[str, str]] = {
    "insured_plan": ("commercial", "commercial, insured"),
    "self_funded": ("commercial", "self-funded (ERISA)"),
    "medicaid_ffs": ("medicaid", "Medicaid agency"),
    "medicaid_mco": ("medicaid", "Medicaid plan"),
    "medicare_ffs": ("medicare", "Medicare"),
    "medicare_advantage": ("medicare", "Medicare Advantage"),
}
"""Programme -> payer kind and what people call it."""

TOPICS: dict[str, tuple[str, ...]] = {
    "Prompt pay": ("prompt_pay.clean_claim.electronic", "prompt_pay.clean_claim.any", "prompt_pay.rbha.any"),
    "Late payment remedy": ("prompt_pay.clean_claim.electronic", "prompt_pay.clean_claim.any"),
    "Filing, original": ("timely_filing.original_claim",),
    "Filing, corrected": ("timely_filing.corrected_claim",),
    "Filing, secondary": ("timely_filing.secondary_claim",),
    "Telehealth coverage": ("telehealth.coverage_parity",),
    "Telehealth payment": ("telehealth.payment_parity",),
    "Telehealth audio-only": ("telehealth.audio_only",),
    "Telehealth coding": ("telehealth.claim_coding.*",),
    "Credential modifiers": ("credential_modifiers.*",),
    "Prior authorization": ("prior_authorization.*",),
    "Parity": ("parity.state_law", "parity.federal"),
    "First appeal": ("appeal.internal", "appeal.enrollee", "appeal.redetermination",
                     "appeal.plan_reconsideration", "appeal.clinical_level_1", "appeal.fair_hearing"),
    "Provider dispute": ("appeal.provider_dispute", "appeal.overpayment"),
    "External review": ("appeal.external_review", "appeal.fair_hearing"),
    "Recoupment": ("recoupment.lookback",),
    "Overpayment return": ("overpayment.return",),
    "Records, billing": ("records.billing",),
}  # fmt: skip
"""Row of the matrix -> topics that answer it, the first that fits; ``*`` means any of the family."""

STATE_TOPICS: dict[str, tuple[str, ...]] = {
    "Records, clinical": ("records.clinical",),
    "Surprise and balance billing": ("patient_billing.surprise_bills", "patient_billing.balance_billing"),
    "Credit reporting": ("patient_billing.credit_reporting", "patient_billing.credit_bureau_policy"),
    "PSYPACT": ("licensure.psypact",),
    "Counseling Compact": ("licensure.counseling_compact",),
    "Social Work Compact": ("licensure.social_work_compact",),
    "Medicaid plans": ("medicaid_program.*",),
}
"""Rows that do not turn on the payer."""


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """One cell.

    Attributes:
        status: value, not_encoded or missing.
        confidence: seen, known or uncertain, of the value or of what is known instead.
        text: The value with its unit, or what is known although no value can be given.
        rules: Ids of the rules that answer, the most specific first.
    """

    state: str
    topic: str
    program: str
    status: str
    confidence: str = ""
    text: str = ""
    rules: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


def coverage(rules: RuleBook, on: date, states: Iterable[str] = STATES) -> tuple[Cell, ...]:
    """Every cell of the matrix, by state, row and programme.

    Args:
        on: The day whose values count.
    """
    cells = []
    for state in states:
        for row, topics in TOPICS.items():
            for program, (kind, _) in PROGRAMS.items():
                context = rule_context(payer_kind=kind, program=program, state=state)
                cells.append(_cell(rules, state, row, topics, program, context, on))
        for row, topics in STATE_TOPICS.items():
            cells.append(_cell(rules, state, row, topics, "", rule_context(state=state), on))
    return tuple(cells)


def _cell(
    rules: RuleBook,
    state: str,
    row: str,
    topics: tuple[str, ...],
    program: str,
    context: dict[str, str],
    on: date,
) -> Cell:
    known: tuple[Rule, RuleValue] | None = None
    for topic in topics:
        fitting = _fitting(rules, topic, context)
        answers = [(rule, value) for rule, value in _valued(fitting, on) if value.value is not None]
        if answers:
            rule, value = answers[0]
            return Cell(
                state, row, program, *_said(row, rule, value, len(answers), on),
                rules=tuple(rule.id for rule, _ in answers), sources=value.sources,
            )  # fmt: skip
        known = known or next(((rule, value) for rule, value in _valued(fitting, on)), None)
    if known is None:
        return Cell(state, row, program, "missing")
    rule, value = known
    return Cell(
        state, row, program, "not_encoded", value.confidence, value.not_encoded, (rule.id,), value.sources
    )


def _said(row: str, rule: Rule, value: RuleValue, count: int, on: date) -> tuple[str, str, str]:
    if row == "Late payment remedy":
        remedy = value.remedy
        if remedy is None or remedy.kind == "not_encoded":
            return "not_encoded", value.confidence, remedy.note if remedy else "the rule names no remedy"
        rate, confidence = remedy.rate_on(on)
        if remedy.rates and not rate:
            return "not_encoded", remedy.confidence, remedy.note
        return (
            "value",
            confidence,
            remedy.kind.replace("_", " ") + (f" {rate}% a year" if rate else ""),
        )
    text = (
        str(value.value) if rule.unit in ("text", "code") else f"{value.value} {rule.unit.replace('_', ' ')}"
    )
    if count > 1:
        text = f"{count} rules; first: {text}" if len(text) < 40 else f"{count} rules"
    return "value", value.confidence, text


def _fitting(rules: RuleBook, topic: str, context: dict[str, str]) -> list[Rule]:
    if topic.endswith(".*"):
        # A family: any rule for this state and programme, whatever service or licence it is narrowed to.
        # One payer's own rule fills no cell: the cell speaks for every payer of the programme.
        narrowed = [
            rule
            for rule in rules.select(topic=topic.removesuffix(".*"))
            if all(
                key in ("service", "provider_class", "network")
                or context.get(key, "") in ([wanted] if isinstance(wanted, str) else wanted)
                for key, wanted in rule.applies_to.items()
            )
        ]
        return sorted(narrowed, key=lambda rule: "state" not in rule.applies_to)
    found = [rule for rule in rules.select(topic=topic) if rule.topic == topic and rule.fits(context)]
    return sorted(found, key=lambda rule: tuple(not named for named in rule.specificity))


def _valued(fitting: list[Rule], on: date) -> list[tuple[Rule, RuleValue]]:
    return [(rule, value) for rule in fitting for value in rule.values if value.covers(on)]


def where_to_look(state: str) -> dict[str, tuple[str, str, bool]]:
    """Where a person finds what the book does not say.

    Args:
        state: Two letters; rows without a state hold for every one.

    Returns:
        Programme -> document, address ('' for none), and whether the address was opened.
    """
    return {
        row["program"]: (row["look_in"], row["address"], row["opened"] == "yes")
        for row in loader.read_csv("rules/where_to_look.csv")
        if row["state"] in ("", state)
    }


_SHOWN = {"seen": "", "known": " ·k", "uncertain": " ·u"}


def matrix(rules: RuleBook, on: date) -> str:
    """The page as Markdown: counts, then one table a state."""
    cells = coverage(rules, on)
    parts = [
        "# What the rule book covers",
        "",
        "Generated by `python -m cleanclaim.rules.coverage`; do not edit. "
        f"Values in force on {on.isoformat()}. {len(rules.rules)} rules, "
        f"{sum(len(rule.values) for rule in rules.rules)} dated values.",
        "",
        "Marks: no mark was read in its source; `·k` is known but was not read, `·u` is uncertain: neither "
        "stops a claim. **–** is said not to be encoded; the list below each table says what is known.",
        "",
        "| state | cells | value | seen | known | uncertain | not encoded |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for state in STATES:
        mine = [cell for cell in cells if cell.state == state]
        valued = [cell for cell in mine if cell.status == "value"]
        marks = Counter(cell.confidence for cell in valued)
        parts.append(
            f"| {state} | {len(mine)} | {len(valued)} | {marks['seen']} | {marks['known']} | "
            f"{marks['uncertain']} | {sum(cell.status == 'not_encoded' for cell in mine)} |"
        )
    for state in STATES:
        parts += _state_table(state, [cell for cell in cells if cell.state == state])
    return "\n".join(parts) + "\n"


def _state_table(state: str, cells: list[Cell]) -> list[str]:
    heads = [said for _, said in PROGRAMS.values()]
    parts = [
        "",
        f"## {state}",
        "",
        "| topic | " + " | ".join(heads) + " |",
        "| --- " * (len(heads) + 1) + "|",
    ]
    by_key = {(cell.topic, cell.program): cell for cell in cells}
    for row in TOPICS:
        parts.append(f"| {row} | " + " | ".join(_shown(by_key[row, program]) for program in PROGRAMS) + " |")
    parts += ["", "| topic | whoever pays |", "| --- | --- |"]
    parts += [f"| {row} | {_shown(by_key[row, ''])} |" for row in STATE_TOPICS]
    missing = [cell for cell in cells if cell.status == "not_encoded"]
    if missing:
        parts += ["", "Not encoded:", ""]
    told: dict[str, list[str]] = {}
    for cell in missing:
        where = f"{cell.topic} ({PROGRAMS[cell.program][1] if cell.program else 'any payer'})"
        cited = "; ".join(f"{source.id}, {source.at}" for source in cell.sources)
        told.setdefault(f"{cell.text}. [{cited}]", []).append(where)
    parts += [f"- {', '.join(where)}: {text}" for text, where in told.items()]
    parts += ["", "Where to read on:", ""]
    places = where_to_look(state)
    parts += [f"- {said}: {_place(*places[program])}" for program, (_, said) in PROGRAMS.items()]
    return parts


def _place(document: str, address: str, opened: bool) -> str:
    if not address:
        return document
    return f"{document} <{address}>" + ("" if opened else " (address not opened)")


def _shown(cell: Cell) -> str:
    if cell.status != "value":
        return "–" if cell.status == "not_encoded" else "**missing**"
    text = cell.text if len(cell.text) <= 60 else cell.text[:57].rsplit(" ", 1)[0] + "…"
    return text.replace("|", "/") + _SHOWN[cell.confidence]


PAGE = Path("docs/reference/coverage-matrix.md")
AS_OF = date(2026, 11, 23)
"""The day that the published page speaks for; move it when the book is reviewed."""


def main() -> None:
    """Write the page."""
    PAGE.write_text(matrix(load_rule_book(), AS_OF), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
