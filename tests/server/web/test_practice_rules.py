"""The screens of rules: list, builder, trial, history; who may write."""

from __future__ import annotations

import re

import pytest

from cleanclaim_server.claimrules.models import BillingRule, RuleVersion

FORM = {
    "name": "No 90834 by paper", "reason": "Letter of May", "match": "all", "field": ["code", "payer_kind"],
    "operator": ["one_of", "is"], "values": ["90834, 90837", "commercial"], "kind": "stop", "message": "Paper only",
    "practice": "AA", "based_on": "0",
}  # fmt: skip


@pytest.fixture
def biller(client_for, make_user, practice_a, records_a):
    return client_for(make_user("biller", [practice_a]))


def tried(client, form) -> str:
    page = client.post("/practice-rules/trial", form).content.decode()
    return re.search(r'name="tried" value="([0-9a-f]{16})"', page)[1]


def test_the_way_of_a_rule(biller, practice_a):
    assert "A rule" in biller.get("/practice-rules").content.decode()
    assert "No rules" in biller.get("/practice-rules?state=on").content.decode()
    builder = biller.get("/practice-rules/new").content.decode()
    assert "Try it on the last 12 months" in builder and "Save the rule" not in builder
    fields = biller.post("/practice-rules/fields", FORM).content.decode()
    assert (
        "When the line’s code is 90834 or 90837 and the kind of payer is commercial: stop the claim" in fields
    )
    trial = biller.post("/practice-rules/trial", FORM).content.decode()
    assert "1 claim" in trial and "AA0001" in trial and "Save the rule" in trial
    saved = biller.post("/practice-rules/new", FORM | {"tried": tried(biller, FORM)})
    rule = BillingRule.objects.get(number=2)
    assert (saved.status_code, saved["Location"]) == (302, f"/practice-rules/{rule.pk}")
    page = biller.get(saved["Location"]).content.decode()
    assert "No 90834 by paper" in page and "Version 1: Written" in page and "Letter of May" in page
    biller.post(f"/practice-rules/{rule.pk}/off")
    assert "Version 2: Turned off" in biller.get(saved["Location"]).content.decode()
    changed = FORM | {"values": ["90834", "commercial"], "based_on": "2"}
    biller.post(f"/practice-rules/{rule.pk}/write", changed | {"tried": tried(biller, changed)})
    assert [row.number for row in RuleVersion.objects.filter(rule=rule).order_by("number")] == [1, 2, 3]
    assert "Changed and turned on" in biller.get(saved["Location"]).content.decode()


def test_conditions_are_added_and_removed(biller):
    page = biller.post("/practice-rules/fields", FORM | {"add": "1"}).content.decode()
    assert page.count('name="field"') == 3
    page = biller.post("/practice-rules/fields", FORM | {"remove": "0"}).content.decode()
    assert page.count('name="field"') == 1 and "90834, 90837" not in page


def test_faults_stand_beside_their_condition(biller):
    bad = FORM | {"field": ["total_charge_cents"], "operator": ["over"], "values": ["lots"], "name": ""}
    page = biller.post("/practice-rules/trial", bad).content.decode()
    assert "Condition 1" in page and "dollars such as 150.00" in page and "needs a name" in page
    assert "Save the rule" not in page
    assert biller.post("/practice-rules/new", bad | {"tried": "0" * 16}).status_code == 200
    assert BillingRule.objects.count() == 1


def test_what_was_not_tried_is_not_saved(biller):
    token = tried(biller, FORM)
    page = biller.post("/practice-rules/new", FORM | {"values": ["90834", "commercial"], "tried": token})
    assert "Try the rule on the last 12 months first" in page.content.decode()
    assert BillingRule.objects.count() == 1


def test_a_changed_value_redraws_only_the_sentence(biller):
    page = biller.post("/practice-rules/sentence", FORM).content.decode()
    assert 'id="rule-sentence"' in page and 'name="field"' not in page


def test_a_changed_rule_takes_its_trial_back(biller):
    token = tried(biller, FORM)
    same = biller.post(
        "/practice-rules/fields", FORM | {"tried": token, "name": "Another name"}
    ).content.decode()
    other = biller.post(
        "/practice-rules/fields", FORM | {"tried": token, "message": "Other"}
    ).content.decode()
    assert 'id="rule-trial"' not in same and 'id="rule-trial"' in other


def test_unknown_fields_and_operators_of_a_form_are_not_taken(biller):
    page = biller.post(
        "/practice-rules/fields", FORM | {"field": ["patient_last_name", "x"], "operator": ["like", "y"]}
    )
    assert page.status_code == 200 and "patient_last_name" not in page.content.decode()


@pytest.mark.parametrize(
    ("role", "writes"),
    [
        ("biller", True),
        ("manager", True),
        ("coder", False),
        ("poster", False),
        ("practice_owner", False),
        ("auditor", False),
    ],
)
def test_who_reads_and_who_writes(role, writes, client_for, make_user, practice_a, records_a):
    client = client_for(make_user(role, [practice_a]))
    page = client.get("/practice-rules")
    assert page.status_code == 200
    assert ("Write a rule" in page.content.decode()) is writes
    answers = {client.get("/practice-rules/new").status_code, client.post("/practice-rules/trial", FORM).status_code,
               client.post("/practice-rules/fields", FORM).status_code}  # fmt: skip
    assert answers == ({200} if writes else {403})


def test_a_person_writes_only_for_his_practices(biller, practice_b):
    form = FORM | {"practice": "BB"}
    biller.post("/practice-rules/new", form | {"tried": tried(biller, form)})
    assert BillingRule.objects.get(number=2).practice.code == "AA"


def test_no_page_has_inline_script_or_style(biller):
    for page in (biller.get("/practice-rules/new"), biller.post("/practice-rules/trial", FORM)):
        text = page.content.decode()
        assert " style=" not in text and "<script>" not in text and " onclick" not in text
