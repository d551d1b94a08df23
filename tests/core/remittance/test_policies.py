"""Policies as data: which row wins and why; and what no policy can change."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.remittance.building import CODES, clp, go, line, moves, prior, remittances

from cleanclaim.ledger import ClaimIds, Source, cash_cents, entries_for_plan
from cleanclaim.remittance import (
    Automation,
    CodeRule,
    Effect,
    PolicySetting,
    PriorClaim,
    PriorState,
    default_policy,
    load_policy_book,
    plan,
    policy_for,
    resolve_rule,
)
from cleanclaim.remittance.policies import rule_order
from cleanclaim_data.loader import DataInvalid, read_yaml

HOLD, LOOK, POST = Effect.HOLD, Effect.POST_AND_QUEUE, Effect.POST
PAYER = ("1999999999",)

WINS = [  # rules, adjustment, winner, why
    ([CodeRule(HOLD, "", id="a", carc="45"), CodeRule(POST, "", id="b", payer_id=PAYER[0])], "CO-45", "b", "the payer's row beats a code's"),
    ([CodeRule(HOLD, "", id="a", payer_id=PAYER[0]), CodeRule(POST, "", id="b", payer_id=PAYER[0], carc="45")], "CO-45", "b", "payer and code beat the payer alone"),
    ([CodeRule(HOLD, "", id="a", carc="45"), CodeRule(POST, "", id="b", group="CO", carc="45")], "CO-45", "b", "group and code beat the code"),
    ([CodeRule(POST, "", id="a", carc="45"), CodeRule(HOLD, "", id="b", group="CO")], "CO-45", "a", "the code beats the group"),
    ([CodeRule(POST, "", id="a", carc="45"), CodeRule(HOLD, "", id="b", carc="45")], "CO-45", "b", "alike: the stricter effect"),
    ([CodeRule(HOLD, "", id="b", carc="45"), CodeRule(HOLD, "", id="a", carc="45")], "CO-45", "a", "alike: the smaller id"),
    ([CodeRule(POST, "", id="a", payer_id=PAYER[0], carc="192"), CodeRule(HOLD, "", id="s", carc="192", stop=True)], "CO-192", "s", "the stop-list cannot be outvoted"),
    ([CodeRule(HOLD, "", id="a", payer_id="other")], "CO-45", None, "another payer's row is silent"),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "adjustment", "winner", "why"), WINS)
def test_most_specific_row_wins_in_any_order(rules, adjustment, winner, why):
    for order in (rules, rules[::-1]):
        found = resolve_rule(order, PAYER, *adjustment.split("-"))
        assert (found.rule.id if found.rule else None) == winner, why
        assert [step.wins for step in found.trace] == [True] + [False] * (len(found.trace) - 1) or not winner


SETTINGS = [
    PolicySetting("kind", Automation.OFF, 0, payer_kind="medicaid"),
    PolicySetting("payer", Automation.SAFE_LINES, payer_id="77"),
    PolicySetting("practice", variance_tolerance_cents=50, practice_id="north"),
]
LEVELS = [  # scope, automation, tolerance, why
    ({}, Automation.ALL, 0, "the product's own"),
    ({"payer_kind": "medicaid"}, Automation.OFF, 0, "by kind of payer"),
    ({"payer_kind": "medicaid", "payer_ids": ["77"]}, Automation.SAFE_LINES, 0, "the payer before its kind"),
    ({"practice_id": "north", "payer_ids": ["77"]}, Automation.SAFE_LINES, 50, "each value from the best row that has it"),
]  # fmt: skip


@pytest.mark.parametrize(("scope", "level", "tolerance", "why"), LEVELS)
def test_level_and_tolerance_come_from_the_most_specific_setting(scope, level, tolerance, why):
    policy = policy_for(load_policy_book(SETTINGS), **scope).policy
    assert (policy.automation, policy.variance_tolerance_cents) == (level, tolerance), why


def test_rules_of_another_practice_or_kind_are_left_out():
    rules = [
        CodeRule(HOLD, "", id="p", practice_id="north", carc="45"),
        CodeRule(HOLD, "", id="k", payer_kind="medicaid", carc="45"),
    ]
    book = load_policy_book(rules=rules)
    kept = {rule.id for rule in policy_for(book, practice_id="south", payer_kind="medicaid").policy.rules}
    assert "p" not in kept and "k" in kept


REFUSED = [
    ({"rules": [CodeRule(POST, "", id="x", stop=True)]}, "a stop row holds"),
    ({"rules": [CodeRule(POST, "", id="x"), CodeRule(POST, "", id="x")]}, "an id of its own"),
    ({"rules": [CodeRule(POST, "")]}, "an id of its own"),
    ({"settings": [PolicySetting("x", variance_tolerance_cents=-1)]}, "never negative"),
]


@pytest.mark.parametrize(("rows", "message"), REFUSED)
def test_bad_rows_are_refused(rows, message):
    with pytest.raises(DataInvalid, match=message):
        load_policy_book(**rows)


def test_every_shipped_row_has_source_confidence_and_reason():
    document = read_yaml("posting/policies.yaml")
    for row in document["settings"] + document["rules"]:
        assert row["source"] and row["confidence"] in ("seen", "known", "uncertain") and row["reason"], row[
            "id"
        ]


def test_stop_list_holds_even_when_the_payer_is_trusted():
    book = load_policy_book(rules=[CodeRule(POST, "trusted", id="t", payer_id="1999999999", carc="192")])
    result = go(clp(150, 90, "CO-192 60"), policy=policy_for(book, payer_ids=PAYER).policy)
    assert moves(result) == [("SUSPENSE", "", 9000)]
    assert [(held.rule_id, held.amount_cents) for held in result.held] == [("stop.carc_192", 9000)]
    assert result.bank_deposit_cents == 9000 and result.claims_after["A1"].insurance_balance_cents == 15000


def test_a_rule_about_a_payer_alone_reaches_a_line_without_adjustments():
    policy = msgspec.structs.replace(default_policy(), rules=(CodeRule(HOLD, "new payer", id="n"),))
    assert moves(go(clp(150, 150), policy=policy)) == [("SUSPENSE", "", 15000)]


def test_held_lines_wait_each_with_its_reason_and_the_others_post():
    rules = (CodeRule(HOLD, "ask", id="h", carc="144"), CodeRule(LOOK, "look", id="l", carc="45"))
    policy = msgspec.structs.replace(default_policy(), rules=rules)
    lines = [line(100, 60, "CO-45 40"), line(50, 55, "CO-144 -5", code="90785")]
    result = go(clp(150, 115, lines=lines), policy=policy)
    assert moves(result) == [("ADJ_CONTRACT", "CO-45", 4000), ("PMT_INS", "", 6000), ("SUSPENSE", "", 5500)]
    assert [(held.line, held.reason, held.rule_id) for held in result.held] == [(2, "ask", "h")]
    assert [(look.line, look.carc, look.rule_id) for look in result.queued] == [(1, "CO-45", "l")]


def test_reversals_post_at_safe_lines_only_when_a_rule_names_them():
    careful = msgspec.structs.replace(default_policy(), automation=Automation.SAFE_LINES)
    back = clp(-150, -90, "CO-45 -60", status="22")
    assert moves(go(back, policy=careful)) == [("SUSPENSE", "", -9000)]
    allowed = msgspec.structs.replace(careful, rules=(CodeRule(POST, "", id="r", status="22"),))
    assert moves(go(back, policy=allowed)) == [("ADJ_CONTRACT", "CO-45", -6000), ("PMT_INS", "", -9000)]


TOLERANCE = [  # tolerance cents, postings, why
    (0, [("ADJ_CONTRACT", "CO-45", 3000), ("DENY_HOLD", "CO-45", 100)], "a dollar beyond the contract is disputed"),
    (100, [("ADJ_CONTRACT", "CO-45", 3100)], "within the tolerance it is written off whole"),
    (99, [("ADJ_CONTRACT", "CO-45", 3000), ("DENY_HOLD", "CO-45", 100)], "a cent above: disputed whole"),
]  # fmt: skip


@pytest.mark.parametrize(("tolerance", "postings", "why"), TOLERANCE)
def test_tolerance_is_about_the_contract_only(tolerance, postings, why):
    policy = msgspec.structs.replace(default_policy(), variance_tolerance_cents=tolerance)
    result = go(clp(150, 119, "CO-45 31"), before=prior(expected_allowed_cents=120), policy=policy)
    assert moves(result) == [*postings, ("PMT_INS", "", 11900)], why
    off = go(clp(150, 119, "CO-45 30"), policy=policy)
    assert (off.balanced, off.postings) == (False, ()), "no tolerance makes a bad payment balance"


RULES = st.builds(
    CodeRule,
    st.sampled_from(list(Effect)),
    st.just("because"),
    payer_id=st.sampled_from(("", "1999999999", "5")),
    group=st.sampled_from(("", "CO", "PR")),
    carc=st.sampled_from(("", *(code.split("-")[1] for code in CODES))),
    status=st.sampled_from(("", "1", "22")),
    id=st.uuids().map(str),
)


@settings(max_examples=300, deadline=None)
@given(remittances(), st.sampled_from(list(Automation)), st.lists(RULES, max_size=5), st.integers(0, 500))
def test_whatever_the_policy_cash_is_the_payment_and_nothing_is_invented(remittance, level, rules, tolerance):
    policy = msgspec.structs.replace(
        default_policy(), automation=level, rules=tuple(rules), variance_tolerance_cents=tolerance
    )
    before = PriorState(
        tuple(PriorClaim(number, 40000, expected_allowed_cents=20000) for number in ("A1", "A2"))
    )
    result = plan(remittance, before, policy)
    assert result.balanced
    source = Source("p", date(2026, 11, 23), datetime(2026, 11, 23, tzinfo=UTC), file_hash="f" * 64)
    entries = entries_for_plan(
        result, remittance, {"A1": ClaimIds("1"), "A2": ClaimIds("2")}, source, key="k"
    )
    assert cash_cents(entries) == remittance.paid_cents
    assert all(sum(leg.amount_cents for leg in entry.legs) == 0 for entry in entries)
    assert result.bank_deposit_cents == remittance.paid_cents
    held = {(one.clp_index, one.line) for one in result.held}
    for index, claim in enumerate(remittance.claims):
        if claim.status == "25" or result.matched[index] is None:
            continue
        for number, level_of in enumerate((claim.adjustments, *(one.adjustments for one in claim.lines))):
            waits = (index, number) in held or (index, 0) in held
            for cas in {(one.group, one.reason) for one in level_of}:
                sent = sum(one.amount_cents for one in level_of if (one.group, one.reason) == cas)
                posted = sum(
                    one.amount_cents
                    for one in result.postings
                    if (one.clp_index, one.line, one.carc) == (index, number, "-".join(cas))
                )
                assert posted == (0 if waits else sent)
        cash = sum(
            one.amount_cents
            for one in result.postings
            if one.clp_index == index and one.type in ("PMT_INS", "SUSPENSE")
        )
        assert cash == claim.paid_cents
    for rule_id in {one.rule_id for one in result.held} - {""}:
        assert rule_id in {rule.id for rule in rules}


@given(st.lists(RULES, max_size=6), st.randoms(use_true_random=False))
def test_order_of_rows_means_nothing(rules, random):
    shuffled = list(rules)
    random.shuffle(shuffled)
    assert rule_order(shuffled) == rule_order(rules)
