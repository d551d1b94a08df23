"""`cleanclaim deadline` and `cleanclaim rules`."""

from __future__ import annotations

import json

import pytest

MEDICARE_FILING = "federal.medicare.timely_filing.original_claim"
KEYS = {
    "due",
    "enforceable",
    "kind",
    "rule_id",
    "value",
    "unit",
    "anchor",
    "remedy",
    "sources",
    "confidence",
    "steps",
}

DEADLINES = [  # words, due, rule
    (
        "timely_filing --payer-kind medicare --from 2026-03-10",
        "2027-03-10",
        MEDICARE_FILING,
    ),
    (
        "prompt_pay --state TX --payer-kind commercial_insured --from 2026-03-02",
        "2026-04-01",
        "state.tx.prompt_pay.insured_plan.clean_claim_electronic",
    ),
    (
        "prompt_pay --state TX --payer-kind commercial_insured --medium paper --from 2026-03-02",
        "2026-04-16",
        "state.tx.prompt_pay.insured_plan.clean_claim_paper",
    ),
]


@pytest.mark.parametrize(("words", "due", "rule"), DEADLINES)
def test_a_deadline_comes_with_its_rule(run, words, due, rule):
    answer = run("deadline", *words.split(), "--json")
    document = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert document.keys() >= KEYS
    assert (document["due"], document["rule_id"]) == (due, rule)
    assert document["sources"] and document["steps"]
    assert run("deadline", *words.split()).stdout.startswith(due)


def test_what_the_book_lacks_is_refused_with_what_is_near(run):
    words = ("deadline", "timely_filing", "--payer-kind", "medicare", "--from", "2006-03-10")
    answer = run(*words, "--json")
    document = json.loads(answer.stdout)
    assert answer.exit_code == 1
    assert (document["error"], document["on"]) == ("RuleNotEncoded", "2006-03-10")
    assert [one["rule_id"] for one in document["nearby"]] == [MEDICARE_FILING]
    text = run(*words)
    assert (text.exit_code, text.stdout) == (1, "")
    assert "RuleNotEncoded" in text.stderr


WRONG = [
    ("deadline moon --payer-kind medicare --from 2026-03-10", "moon"),
    ("deadline prompt_pay --payer-kind friends --from 2026-03-10", "friends"),
    ("deadline prompt_pay --payer-kind medicare --from 10.3.2026", "not a date"),
    ("deadline prompt_pay --payer-kind medicare --from 2026-03-10 --fact x", "name=value"),
    ("rules show federal.medicare.timely_filing.original", MEDICARE_FILING),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_a_wrong_call_is_2_and_says_what_is_wrong(run, words, said):
    answer = run(*words.split())
    assert answer.exit_code == 2
    assert said in answer.stderr


def test_rules_are_listed_by_state_topic_and_date(run):
    words = ("rules", "list", "--state", "TX", "--topic", "prompt_pay.clean_claim")
    found = json.loads(run(*words, "--json").stdout)
    ids = {rule["id"] for rule in found}
    assert {one[2] for one in DEADLINES[1:]} <= ids
    assert all(rule["applies_to"].get("state", "TX") == "TX" for rule in found)
    assert json.loads(run(*words, "--on", "1950-01-01", "--json").stdout) == []
    assert run(*words).stdout.count("\n") == len(found)


def test_a_rule_is_shown_whole(run):
    document = json.loads(run("rules", "show", MEDICARE_FILING, "--json").stdout)
    assert (document["topic"], document["unit"]) == ("timely_filing.original_claim", "calendar_years")
    text = run("rules", "show", MEDICARE_FILING).stdout
    assert "source: cfr_42_424_44, paragraph (a)" in text and "not encoded:" in text


def test_explain_names_the_rule_that_answers(run):
    words = ("rules", "explain", "--rule", MEDICARE_FILING, "--on", "2026-11-02")
    document = json.loads(run(*words, "--json").stdout)
    assert document["is_this_rule"] is True
    assert document["answer"]["steps"]
    assert run("rules", "explain", "--rule", MEDICARE_FILING, "--on", "2006-11-02").exit_code == 1
