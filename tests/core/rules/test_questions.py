"""Deadlines as a biller asks for them: every row of the table, successes and refusals."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from cleanclaim.rules import KINDS, deadline, load_rule_book

with (Path(__file__).parent / "deadline_cases.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))


def ask(case):
    facts = dict(fact.split("=", 1) for fact in case["facts"].split(";") if fact)
    return deadline(
        case["kind"],
        payer_kind=case["payer_kind"],
        on=date.fromisoformat(case["from"]),
        rules=load_rule_book(),
        state=case["state"],
        program=case["program"],
        medium=case["medium"],
        plan=case["plan"],
        facts=facts,
    )


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{number}-{case['kind']}-{case['state']}" for number, case in enumerate(CASES, 2)]
)
def test_case(case):
    expected = case["enforceable"]
    if expected.startswith("refused:"):
        with pytest.raises(Exception) as refusal:
            ask(case)
        assert type(refusal.value).__name__ == expected.removeprefix("refused:"), case["why"]
        return
    answer = ask(case)
    assert answer.day.isoformat() == case["due"], case["why"]
    assert answer.enforceable == (expected == "yes"), case["why"]
    assert answer.kind == case["kind"]
    assert answer.sources and answer.steps
    if case["rule_id"]:
        assert answer.rule_id == case["rule_id"]


def test_every_kind_has_cases():
    assert set(KINDS) <= {case["kind"] for case in CASES}


def test_what_was_assumed_is_said():
    answer = deadline(
        "prompt_pay", payer_kind="commercial", state="TX", on=date(2026, 3, 2), rules=load_rule_book()
    )
    assert answer.assumes == answer.steps[:1]
    assert "self-funded" in answer.assumes[0]
    asked = deadline(
        "prompt_pay", payer_kind="insured_plan", state="TX", on=date(2026, 3, 2), rules=load_rule_book()
    )
    assert asked.assumes == ()


def test_stacked_clocks_are_told_apart():
    answer = deadline(
        "prompt_pay", payer_kind="insured_plan", state="AZ", on=date(2026, 3, 2), rules=load_rule_book()
    )
    assert [clock.ends for clock in answer.clocks] == [date(2026, 4, 1), date(2026, 5, 1)]


def test_a_late_claim_loses_its_remedy():
    asked = {"payer_kind": "insured_plan", "state": "TN", "rules": load_rule_book()}
    kept = deadline("prompt_pay", on=date(2026, 3, 2), facts={"date_of_service": "2025-12-02"}, **asked)
    lost = deadline("prompt_pay", on=date(2026, 3, 3), facts={"date_of_service": "2025-12-02"}, **asked)
    assert kept.remedy.annual_rate_pct == "12"
    assert lost.remedy is None
    assert "no longer counts it as clean" in lost.steps[-1]
