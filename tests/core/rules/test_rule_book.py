"""The rule book answers the most specific rule, with its trace, or refuses."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from cleanclaim.findings import Source
from cleanclaim.rules import (
    AnchorMissing,
    Rule,
    RuleBook,
    RuleConflict,
    RuleNotEncoded,
    RuleValue,
    UnitNotCountable,
    count_from,
    load_rule_book,
    prompt_pay_day,
    rule_context,
    timely_filing_day,
)

CITED = (Source("cleanclaim_policy", "test"),)


def rule(rule_id, applies_to, value=90, starts=date(2025, 1, 1), ends=None, confidence="seen"):
    return Rule(
        id=rule_id,
        title=rule_id,
        topic="timely_filing.original_claim",
        applies_to=applies_to,
        dated_by="date_of_service",
        unit="days",
        values=(RuleValue(starts=starts, ends=ends, value=value, confidence=confidence, sources=CITED),),
    )


WIDE = rule("wide", {"payer_kind": "medicaid"}, 365)
STATE = rule("state", {"payer_kind": "medicaid", "state": "TX"}, 95)
PAYER = rule("payer", {"payer_id": "123"}, 180, ends=date(2026, 6, 30))
BOOK = RuleBook([WIDE, STATE, PAYER])

ANSWERS = [  # context, date, rule, why
    ({"payer_kind": "medicaid", "state": "OH"}, date(2026, 1, 1), "wide", "only the wide rule fits"),
    ({"payer_kind": "medicaid", "state": "TX"}, date(2026, 1, 1), "state", "the state is more specific"),
    (
        {"payer_kind": "medicaid", "state": "TX", "payer_id": "123"},
        date(2026, 1, 1),
        "payer",
        "the payer wins",
    ),
]


@pytest.mark.parametrize(("context", "on", "rule_id", "why"), ANSWERS)
def test_most_specific_wins(context, on, rule_id, why):
    found = BOOK.resolve("timely_filing.original_claim", context, on)
    assert found.rule_id == rule_id, why
    assert found.enforceable
    assert found.sources == CITED
    assert rule_id in found.steps[0]


def test_payers_that_share_an_id_never_answer_for_each_other():
    """One rule of each names the id and the kind of plan; the other names the payer alone."""
    book = RuleBook(
        rule(f"payer.{slug}.{name}", applies_to, days)
        for slug, kind, days in (("care", "medicaid", 120), ("cross", "commercial", 180))
        for name, applies_to in (
            ("filing", {"payer_id": "00390", "payer_kind": kind, "state": "TN"}),
            ("network", {"payer": slug, "payer_kind": kind, "network": "out_of_network"}),
        )
    )
    asked = {"payer_id": "00390", "state": "TN"}
    for kind, slug, days in (("medicaid", "care", 120), ("commercial", "cross", 180)):
        for more in ({}, {"network": "out_of_network"}):
            context = {**asked, "payer_kind": kind, **more}
            assert book.named(context)["payer"] == slug
            assert book.resolve("timely_filing.original_claim", context, date(2026, 1, 1)).value == days
    for kind in ("", "medicare"):
        assert "payer" not in book.named({**asked, "payer_kind": kind}), "unknown is nobody"


@pytest.mark.parametrize(("kind", "other"), [("commercial", "bluecare"), ("medicaid", "bcbs_tennessee")])
def test_bluecare_and_its_insurer_share_an_id_and_no_rule(kind, other):
    book = load_rule_book()
    context = rule_context(payer_kind=kind, payer_id="00390", state="TN")
    for program in ("", "insured_plan", "self_funded", "medicaid_mco"):
        named = book.named({**context, "program": program})
        fitting = [one.id for one in book.rules if one.id.startswith("payer.") and one.fits(named)]
        assert fitting and not [one for one in fitting if other in one]


def test_trace_names_what_was_passed_over():
    found = BOOK.resolve(
        "timely_filing.original_claim", {"payer_kind": "medicaid", "state": "TX"}, date(2026, 1, 1)
    )
    assert found.steps[-1] == "It is more specific than wide."


REFUSALS = [
    (
        {"payer_kind": "medicaid", "payer_id": "123"},
        date(2026, 7, 1),
        "a gap of the narrow rule is not filled by a wider",
    ),
    ({"payer_kind": "medicaid"}, date(2024, 12, 31), "before the first value"),
    ({"payer_kind": "commercial"}, date(2026, 1, 1), "nobody's rule"),
]


@pytest.mark.parametrize(("context", "on", "why"), REFUSALS)
def test_refusals(context, on, why):
    with pytest.raises(RuleNotEncoded) as refusal:
        BOOK.resolve("timely_filing.original_claim", context, on)
    assert refusal.value.topic == "timely_filing.original_claim", why


def test_refusal_says_what_is_nearby():
    with pytest.raises(RuleNotEncoded) as refusal:
        BOOK.resolve(
            "timely_filing.original_claim", {"payer_kind": "medicaid", "payer_id": "123"}, date(2026, 7, 1)
        )
    assert refusal.value.nearby[0] == ("payer", "has values from 2025-01-01, none on 2026-07-01")


def test_two_equal_rules_are_a_fault():
    book = RuleBook([STATE, replace(STATE, id="state2")])
    with pytest.raises(RuleConflict, match="state, state2"):
        book.resolve(
            "timely_filing.original_claim", {"payer_kind": "medicaid", "state": "TX"}, date(2026, 1, 1)
        )


def test_what_was_not_read_informs_only():
    book = RuleBook([rule("known", {"payer_kind": "tricare"}, confidence="known")])
    found = book.resolve("timely_filing.original_claim", {"payer_kind": "tricare"}, date(2026, 1, 1))
    assert not found.enforceable
    confirmed = RuleBook([replace(book.rules[0], verified=replace(book.rules[0].verified, by="A. Manager"))])
    assert confirmed.resolve(
        "timely_filing.original_claim", {"payer_kind": "tricare"}, date(2026, 1, 1)
    ).enforceable


PERIODS = [  # anchor, value, unit, last day
    (date(2026, 3, 10), 1, "calendar_years", date(2027, 3, 10)),
    (date(2028, 2, 29), 1, "calendar_years", date(2029, 2, 28)),
    (date(2026, 8, 31), 6, "months", date(2027, 2, 28)),
    (date(2026, 1, 1), 95, "days", date(2026, 4, 6)),
    (date(2026, 3, 10), 6, "months_after_service_month", date(2026, 9, 30)),
    (date(2026, 8, 31), 6, "months_after_service_month", date(2027, 2, 28)),
]


@pytest.mark.parametrize(("anchor", "value", "unit", "last"), PERIODS)
def test_periods(anchor, value, unit, last):
    assert count_from(anchor, value, unit) == last


def test_working_days_need_a_calendar():
    with pytest.raises(UnitNotCountable):
        count_from(date(2026, 1, 1), 15, "working_days")


DEADLINES = [  # context, date of service, last day, enforceable, why
    (
        {"payer_kind": "medicare", "claim_filing_code": "MB"},
        date(2026, 3, 10),
        date(2027, 3, 10),
        True,
        "42 CFR 424.44",
    ),
    (
        {"payer_kind": "commercial", "payer_id": "47073"},
        date(2026, 3, 10),
        date(2026, 9, 6),
        True,
        "plan's page: 180 days",
    ),
    (
        {"payer_kind": "medicaid", "payer_id": "77799", "state": "DE"},
        date(2026, 3, 10),
        date(2026, 7, 8),
        True,
        "plan's page: 120 days",
    ),
    (
        {"payer_kind": "medicaid", "program": "medicaid_ffs", "state": "GA"},
        date(2026, 3, 10),
        date(2026, 9, 30),
        True,
        "six months after the service month",
    ),
    (
        {"payer_kind": "medicaid", "program": "medicaid_ffs", "state": "VA"},
        date(2026, 3, 10),
        date(2027, 3, 10),
        True,
        "12VAC30-95-10",
    ),
    ({"payer_kind": "tricare"}, date(2026, 3, 10), date(2027, 3, 10), False, "not read in a source"),
]


@pytest.mark.parametrize(("keys", "day", "last", "enforceable", "why"), DEADLINES)
def test_filing_days(keys, day, last, enforceable, why):
    deadline = timely_filing_day(day, rule_context(**keys), rules=load_rule_book())
    assert (deadline.day, deadline.enforceable) == (last, enforceable), why
    assert deadline.sources and deadline.steps[-1].startswith(f"Counted from {day.isoformat()}")


@pytest.mark.parametrize(
    "keys",
    [
        {"payer_kind": "medicare", "claim_filing_code": "16"},
        {"payer_kind": "medicaid", "state": "GA"},
        {"payer_kind": "commercial", "state": "TX"},
    ],
)
def test_unknown_programmes_are_not_guessed(keys):
    with pytest.raises(RuleNotEncoded):
        timely_filing_day(date(2026, 3, 10), rule_context(**keys), rules=load_rule_book())


def test_refusal_for_a_state_names_what_the_programme_would_decide():
    with pytest.raises(RuleNotEncoded) as refusal:
        timely_filing_day(
            date(2026, 3, 10), rule_context(payer_kind="medicaid", state="GA"), rules=load_rule_book()
        )
    assert [rule_id for rule_id, _ in refusal.value.nearby] == [
        "state.ga.timely_filing.medicaid_ffs.original_claim",
        "state.ga.timely_filing.medicaid_mco.original_claim",
    ]


def insured(state):
    return rule_context(payer_kind="commercial", program="insured_plan", state=state)


PAY_DAYS = [  # state, medium, received, last day, why
    ("TX", "electronic", date(2026, 3, 2), date(2026, 4, 1), "30 days"),
    ("TX", "paper", date(2026, 3, 2), date(2026, 4, 16), "45 days"),
    ("DE", "electronic", date(2026, 3, 2), date(2026, 4, 1), "any medium: 30 days"),
]


@pytest.mark.parametrize(("state", "medium", "received", "last", "why"), PAY_DAYS)
def test_prompt_pay(state, medium, received, last, why):
    deadline = prompt_pay_day(received, insured(state), rules=load_rule_book(), medium=medium)
    assert deadline.day == last, why
    assert deadline.details["remedy_kind"]


def test_prompt_pay_in_working_days_wants_holidays():
    with pytest.raises(UnitNotCountable):
        prompt_pay_day(date(2026, 11, 20), insured("GA"), rules=load_rule_book())
    deadline = prompt_pay_day(
        date(2026, 11, 20), insured("GA"), rules=load_rule_book(), holidays={date(2026, 11, 26)}
    )
    assert deadline.day == date(2026, 12, 14), "15 working days, Thanksgiving left out"


def test_a_self_funded_plan_follows_no_states_rule():
    plan = rule_context(payer_kind="commercial", program="self_funded", state="TX")
    deadline = prompt_pay_day(date(2026, 3, 2), plan, rules=load_rule_book())
    assert deadline.rule_id == "federal.erisa.prompt_pay.clean_claim_any"
    assert deadline.enforceable
    assert deadline.remedy.kind == "none"


def test_secondary_claims_count_from_the_first_payers_decision():
    context = rule_context(payer_kind="medicaid", payer_id="77799", state="DE")
    asked = {"rules": load_rule_book(), "submission": "secondary_claim"}
    with pytest.raises(AnchorMissing, match="primary adjudication"):
        timely_filing_day(date(2026, 3, 10), context, **asked)
    decided = {"primary_adjudication": date(2026, 5, 1)}
    assert timely_filing_day(date(2026, 3, 10), context, other_dates=decided, **asked).day == date(
        2026, 6, 30
    )
