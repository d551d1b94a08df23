"""A person's word makes one value enforceable, as long as the value says the same."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from cleanclaim.rules import (
    Confirmation,
    Confirmed,
    RuleFileInvalid,
    fingerprint,
    load_rule_book,
    may_confirm,
    outdated,
    rule_context,
    weigh,
    with_confirmations,
)
from cleanclaim.rules.files import check_rule
from cleanclaim.rules.weighing import Weighed

DAY = date(2026, 11, 23)
KNOWN = "federal.medicaid.records.billing_mco"
WORD = Confirmed("Dana Whitlow", date(2026, 11, 20), "42 CFR 438.3(u), read at ecfr.gov")


def confirmation(rule_id: str) -> Confirmation:
    rule = load_rule_book().find(rule_id)
    return Confirmation(rule_id, fingerprint(rule, rule.values[-1]), WORD)


def test_a_confirmed_value_is_enforceable_and_says_by_whom():
    shipped = load_rule_book()
    context = rule_context(payer_kind="medicaid", program="medicaid_mco")
    topic = shipped.find(KNOWN).topic
    before = shipped.resolve(topic, context, DAY)
    after = with_confirmations(shipped, [confirmation(KNOWN)]).resolve(topic, context, DAY)
    assert (before.enforceable, after.enforceable) == (False, True)
    assert after.value == before.value == 10
    assert any("Dana Whitlow" in step and "2026-11-20" in step for step in after.steps)
    assert shipped.resolve(topic, context, DAY) == before, "the book that ships is untouched"


def test_only_what_nothing_vouches_for_can_be_confirmed():
    book = load_rule_book()
    kinds = {
        (value.value is None, value.confidence): may_confirm(rule, value)
        for rule in book.rules
        for value in rule.values
    }
    assert kinds[False, "known"] and kinds[False, "uncertain"]
    assert not kinds[False, "seen"]
    assert not any(may for (empty, _), may in kinds.items() if empty)


def test_a_word_ends_when_a_release_changes_the_value():
    rule = load_rule_book().find(KNOWN)
    value = rule.values[-1]
    same = [
        {"note": "other words"},
        {"sources": ()},
        {"confidence": "seen"},
        {"disputed": "someone doubts it"},
    ]
    other = [{"value": 45}, {"starts": date(2003, 1, 1)}, {"combine": "latest"}]
    mark = fingerprint(rule, value)
    assert {fingerprint(rule, msgspec.structs.replace(value, **change)) for change in same} == {mark}
    assert mark not in {fingerprint(rule, msgspec.structs.replace(value, **change)) for change in other}
    assert mark != fingerprint(msgspec.structs.replace(rule, unit="working_days"), value)
    old = Confirmation(KNOWN, "0" * 64, WORD)
    assert outdated(load_rule_book(), [old, confirmation(KNOWN)]) == (old,)
    assert with_confirmations(load_rule_book(), [old]).find(KNOWN).values[-1].confirmed is None


def test_no_rule_file_carries_a_confirmation():
    rule = with_confirmations(load_rule_book(), [confirmation(KNOWN)]).find(KNOWN)
    with pytest.raises(RuleFileInvalid, match="belong to an agency"):
        check_rule(rule, f"rules/{KNOWN.replace('.', '/')}.yaml")


@pytest.mark.parametrize(
    ("context", "first", "verdict"),
    [
        (rule_context(payer_kind="commercial", program="insured_plan", state="TX"), "answers", "not_for"),
        (rule_context(payer_kind="commercial", program="self_funded", state="TX"), None, "not_for"),
    ],
)
def test_what_was_weighed_names_the_winner_first(context, first, verdict):
    found = weigh(load_rule_book(), "prompt_pay.clean_claim.electronic", context, DAY)
    assert (found[0].verdict == "answers") == (first == "answers")
    assert verdict in {one.verdict for one in found} or first
    winners = [one for one in found if one.verdict == "answers"]
    assert len(winners) == (1 if first else 0)


def test_weighing_agrees_with_resolving_on_every_rule_of_the_book():
    """Law: a rule answers when it is asked for its own context, exactly where `resolve` says so."""
    book, wrong = load_rule_book(), []
    for rule in book.rules:
        context = {key: one if isinstance(one, str) else one[0] for key, one in rule.applies_to.items()}
        found: tuple[Weighed, ...] = weigh(book, rule.topic, context, DAY)
        winner = book.lookup(rule.topic, book.named(context), DAY)
        answers = [one.rule.id for one in found if one.verdict == "answers"]
        if answers != ([winner[0].id] if winner else []):
            wrong.append(rule.id)
    assert wrong == []
