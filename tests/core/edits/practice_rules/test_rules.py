"""Rules that billers write: read, told, run, replayed; and refused."""

from __future__ import annotations

import json
from datetime import date

import msgspec
import polars as pl
import pytest

from cleanclaim.claim import Claim, ServiceLine
from cleanclaim.edits.practice_rules import (
    FIELDS,
    OPERATORS,
    OUTCOME_SCHEMA,
    PAYMENT_MODIFIERS,
    SETTABLE,
    CompiledRule,
    Kind,
    PracticeRule,
    RuleInvalid,
    View,
    encode_rule,
    judge_claims,
    read_rule,
    replay_rule,
    rule_hash,
    sentence,
)
from cleanclaim.frames import frames_from_claims, schema

TODAY = date(2026, 11, 23)
WARN = {"kind": "warn", "message": "Look here"}


def rule(*conditions: tuple, action: dict | None = None, match: str = "all", **more) -> PracticeRule:
    """A rule from ("field", "operator", *values) words."""
    return read_rule(
        {
            "name": "A rule",
            "match": match,
            "conditions": [
                {"field": field, "operator": operator, "values": values}
                for field, operator, *values in conditions
            ],
            "action": action or WARN,
            **more,
        }
    )


def changed(claim: Claim, **changes) -> Claim:
    return msgspec.structs.replace(claim, **changes)


@pytest.fixture
def two_lines(good_claim) -> Claim:
    first = good_claim.lines[0]
    second = ServiceLine(
        number=2,
        control_number="A1003L2",
        code="90785",
        date_of_service=date(2026, 11, 2),
        charge_cents=2000,
        modifiers=("HO",),
    )
    return changed(
        good_claim, lines=(first, second), total_charge_cents=17000, modality="video", place_of_service="02"
    )


MATCHES = [  # conditions, lines that match (None: the claim), why
    ([("payer_id", "is", "47073")], [None], "a claim field"),
    ([("payer_id", "is_not", "47073")], [], "not equal"),
    ([("payer_id", "one_of", "1", "47073")], [None], "one of"),
    ([("payer_name", "contains", "caritas")], [None], "case does not count"),
    ([("payer_name", "begins_with", "AETNA", "AMERI")], [None], "any beginning"),
    ([("authorization_number", "is_empty")], [None], "empty"),
    ([("authorization_number", "is_present")], [], "present"),
    ([("payer_kind", "is", "commercial")], [None], "a closed choice"),
    ([("total_charge_cents", "over", "169.99")], [None], "dollars"),
    ([("total_charge_cents", "over", "170")], [], "over is not at least"),
    ([("total_charge_cents", "between", "100", "170")], [None], "between holds at both ends"),
    ([("line_count", "is", "2")], [None], "a count"),
    ([("patient_age", "is", "36")], [None], "age on the date of service"),
    ([("patient_age", "under", "18")], [], "a minor"),
    ([("days_since_service", "over", "20")], [None], "21 days"),
    ([("first_service_on", "before", "2026-11-03")], [None], "a day"),
    ([("signed_note", "yes")], [None], "a flag"),
    ([("has_supervising", "no")], [None], "a flag that is off"),
    ([("codes", "has", "90785")], [None], "the claim has the code on some line"),
    ([("codes", "has_none_of", "90839")], [None], "none of"),
    ([("diagnoses", "has_beginning", "F41")], [None], "a family of diagnoses"),
    ([("diagnoses", "has", "F411")], [None], "points do not count"),
    ([("first_diagnosis", "is", "F41.1")], [None], "the first diagnosis"),
    ([("code", "is", "90837")], [1], "a line field"),
    ([("code", "one_of", "90837", "90785")], [1, 2], "both lines"),
    ([("modifiers", "is_empty")], [1], "no modifiers"),
    ([("modifiers", "has", "ho")], [2], "a modifier, in any case"),
    ([("units", "is", "1")], [1, 2], "units are whole for people"),
    ([("session_minutes", "over", "50")], [1], "unknown minutes meet no condition"),
    ([("session_minutes", "under", "50")], [], "nor the opposite one"),
    ([("code", "is", "90837"), ("modality", "is", "video")], [1], "line and claim together"),
    ([("code", "is", "90837"), ("modality", "is", "audio")], [], "the claim's condition fails"),
    ([("code", "is", "90837"), ("modifiers", "has", "HO")], [], "conditions on lines hold on the same line"),
]


@pytest.mark.parametrize(("conditions", "lines", "why"), MATCHES)
def test_conditions(two_lines, conditions, lines, why):
    fired = CompiledRule(rule(*conditions)).fired(View(frames_from_claims([two_lines]), TODAY))
    assert fired.get_column("line_number").to_list() == lines, why


def test_any_of_the_conditions(two_lines):
    view = View(frames_from_claims([two_lines]), TODAY)
    either = rule(("code", "is", "90785"), ("modality", "is", "audio"), match="any")
    assert CompiledRule(either).fired(view).rows() == [(0, 2)]


def test_slices_do_not_change_the_answer(good_claim):
    claims = [
        changed(good_claim, claim_number=f"A{n}", place_of_service="02" if n % 3 else "11") for n in range(30)
    ]
    compiled = CompiledRule(rule(("place_of_service", "is", "02"), ("code", "is", "90837")))
    whole = compiled.fired(View(frames_from_claims(claims), TODAY)).get_column("claim_row").to_list()
    alone = [
        n for n, claim in enumerate(claims) if compiled.fired(View(frames_from_claims([claim]), TODAY)).height
    ]
    assert whole == alone == [n for n in range(30) if n % 3]


REFUSED = [  # change of a good document, what is said
    (
        {"conditions": [{"field": "colour", "operator": "is", "values": ["red"]}]},
        "field 'colour' is not known",
    ),
    ({"conditions": [{"field": "patient_last_name", "operator": "is", "values": ["DOE"]}]}, "is not known"),
    ({"conditions": [{"field": "code", "operator": "like", "values": ["9"]}]}, "'like' does not fit"),
    ({"conditions": [{"field": "code", "operator": "over", "values": ["9"]}]}, "'over' does not fit"),
    ({"conditions": [{"field": "code", "operator": "is", "values": []}]}, "takes 1 values, not 0"),
    ({"conditions": [{"field": "code", "operator": "is_empty", "values": ["x"]}]}, "takes 0 values"),
    ({"conditions": [{"field": "payer_kind", "operator": "is", "values": ["blue"]}]}, "'blue' is no value"),
    (
        {"conditions": [{"field": "charge_cents", "operator": "over", "values": ["1.234"]}]},
        "'1.234' is no value",
    ),
    (
        {"conditions": [{"field": "date_of_service", "operator": "before", "values": ["soon"]}]},
        "'soon' is no value",
    ),
    (
        {"conditions": [{"field": "units", "operator": "between", "values": ["4", "2"]}]},
        "first value is above",
    ),
    ({"conditions": []}, "1 to 20 conditions"),
    ({"match": "some"}, "all or any"),
    ({"name": " "}, "needs a name"),
    ({"action": {"kind": "pay"}}, "action 'pay' cannot be used"),
    ({"action": {"kind": "set", "field": "total_charge_cents", "value": "1"}}, "cannot be used"),
    ({"action": {"kind": "set", "field": "place_of_service", "value": "00"}}, "cannot be used"),
    ({"action": {"kind": "set", "field": "accept_assignment", "value": "Z"}}, "cannot be used"),
    ({"action": {"kind": "add_modifier", "value": "25"}}, "cannot be used"),
    ({"action": {"kind": "add_modifier", "value": "??"}}, "cannot be used"),
    ({"action": {"kind": "route", "role": "nobody"}}, "cannot be used"),
    ({"action": {"kind": "hold_until"}}, "cannot be used"),
    ({"action": {"kind": "hold_until", "until": "2026-13-01"}}, "cannot be used"),
    ({"action": {"kind": "hold_until", "days_after_service": 900}}, "cannot be used"),
    ({"action": {"kind": "warn", "colour": "red"}}, "shape of a rule"),
    ({"extra": 1}, "shape of a rule"),
]


@pytest.mark.parametrize(("change", "says"), REFUSED)
def test_what_is_not_in_the_closed_lists_is_refused(change, says):
    good = {
        "name": "A",
        "conditions": [{"field": "code", "operator": "is", "values": ["90837"]}],
        "action": WARN,
    }
    read_rule(good)
    with pytest.raises(RuleInvalid, match=says.replace("?", r"\?")):
        read_rule({**good, **change})


def test_every_fault_is_told_at_once():
    with pytest.raises(RuleInvalid) as refused:
        read_rule(
            json.dumps(
                {
                    "name": "",
                    "match": "x",
                    "conditions": [{"field": "x", "operator": "y"}],
                    "action": {"kind": "z"},
                }
            )
        )
    assert [finding.code for finding in refused.value.findings] == [
        "practice_rules.name_invalid",
        "practice_rules.match_invalid",
        "practice_rules.field_invalid",
        "practice_rules.action_invalid",
    ]


def test_no_payment_modifier_is_ever_added():
    for modifier in PAYMENT_MODIFIERS:
        with pytest.raises(RuleInvalid):
            rule(("code", "is", "90837"), action={"kind": "add_modifier", "value": modifier})


def test_the_catalogue_of_fields_is_columns_of_the_frames():
    derived = {"codes", "diagnoses", "first_diagnosis", "patient_age", "days_since_service", "units"}
    for level, columns in (("claim", schema.CLAIMS), ("line", schema.LINES)):
        types = {column.name: column.dtype for column in columns}
        expected = {
            Kind.TEXT: {pl.String()}, Kind.CODES: {pl.List(pl.String())}, Kind.CENTS: {pl.Int64()}, Kind.DAY: {pl.Date()},
            Kind.FLAG: {pl.Boolean()}, Kind.NUMBER: {pl.Int32(), pl.Int64()},
        }  # fmt: skip
        for field in FIELDS.values():
            if field.level == level and field.name not in derived:
                assert types[field.name] in expected[field.kind], field.name
    assert set(SETTABLE) <= {column.name for column in (*schema.CLAIMS, *schema.LINES)}
    assert not [
        name for name in FIELDS if any(word in name for word in ("last_name", "first_name", "birth", "line1"))
    ]


def test_every_operator_of_every_kind_runs(two_lines):
    view = View(frames_from_claims([two_lines]), TODAY)
    sample = {Kind.TEXT: ("A", "B"), Kind.CODES: ("A", "B"), Kind.NUMBER: ("1", "2"), Kind.CENTS: ("1.00", "2.00"),
              Kind.DAY: ("2026-01-01", "2026-12-31"), Kind.FLAG: ()}  # fmt: skip
    ran = 0
    for field in FIELDS.values():
        for operator in OPERATORS[field.kind].values():
            values = sample[field.kind][: operator.values if operator.values >= 0 else 2]
            if field.choices:
                values = tuple(key for key, _ in field.choices)[: len(values)]
            made = rule((field.name, operator.name, *values))
            CompiledRule(made).fired(view)
            assert sentence(made).startswith("When ")
            ran += 1
    assert ran > 200


SENTENCES = [
    (rule(("payer_id", "is", "60054"), ("modality", "is", "audio"), action={"kind": "add_modifier", "value": "93"}),
     "When the payer id is 60054 and the way the session was held is audio only: add modifier 93 to the line."),
    (rule(("charge_cents", "over", "300"), action={"kind": "stop"}), "When the line’s charge is over $300: stop the claim."),
    (rule(("has_supervising", "no"), ("rendering_credential", "one_of", "LMSW", "LPC-associate"),
          action={"kind": "ask", "message": "Who supervises?"}),
     "When no supervising provider is named and the rendering provider’s credential is LMSW or LPC-associate: stop the claim until a named person gives a reason and say “Who supervises?”."),
    (rule(("codes", "has_none_of", "90791"), action={"kind": "route", "role": "denial_specialist"}),
     "When the claim’s codes include none of 90791: hold the claim for the denial specialist."),
    (rule(("state", "is", "OH"), action={"kind": "hold_until", "days_after_service": 5}),
     "When the state is OH: hold the claim until 5 days after the last service."),
    (rule(("units", "between", "2", "4"), action={"kind": "set", "field": "accept_assignment", "value": "A"}),
     "When the line’s units is between 2 and 4: set the assignment code to A."),
]  # fmt: skip


@pytest.mark.parametrize(("made", "told"), SENTENCES)
def test_sentences(made, told):
    assert sentence(made) == told


def test_a_rule_survives_writing_and_its_hash_is_what_it_does():
    made = rule(("code", "is", " 90837 "), action=WARN, reason="Denied in May")
    assert read_rule(encode_rule(made)) == made
    assert rule_hash(made) == rule_hash(msgspec.structs.replace(made, name="Other", reason=""))
    assert rule_hash(made) != rule_hash(rule(("code", "is", "90834")))


# --- running ---------------------------------------------------------------------------------------


ADD_95 = rule(
    ("modality", "is", "video"),
    ("code", "begins_with", "908"),
    action={"kind": "add_modifier", "value": "95"},
)


def test_a_modifier_is_added_once_and_the_diff_is_shown(two_lines):
    (judged,) = judge_claims([two_lines], [("7", ADD_95)], today=TODAY)
    assert [line.modifiers for line in judged.claim.lines] == [("95",), ("HO",)]
    (change,) = judged.changes
    assert (change.rule_key, change.field, change.before, change.after, change.line_number) == (
        "7",
        "modifiers",
        "",
        "95",
        1,
    )
    assert [(one.code, one.severity) for one in judged.findings] == [("practice_rules.7", "tell")]
    assert two_lines.lines[0].modifiers == (), "the value given is untouched"
    (again,) = judge_claims([judged.claim], [("7", ADD_95)], today=TODAY)
    assert (again.claim, again.changes, again.findings) == (judged.claim, (), ())


def test_a_full_line_takes_no_fifth_modifier(two_lines):
    full = changed(
        two_lines, lines=(msgspec.structs.replace(two_lines.lines[0], modifiers=("GT", "HO", "U1", "U2")),)
    )
    (judged,) = judge_claims([full], [("7", ADD_95)], today=TODAY)
    assert judged.claim == full and judged.changes == ()


def test_a_place_is_set_and_a_person_confirms(two_lines):
    made = rule(
        ("payer_id", "is", "47073"),
        ("modality", "is", "video"),
        action={"kind": "set", "field": "place_of_service", "value": "10"},
    )
    (judged,) = judge_claims([two_lines], [("3", made)], today=TODAY)
    assert judged.claim.place_of_service == "10"
    (finding,) = judged.findings
    assert finding.severity == "stop_unless_overridden"
    assert (finding.facts["before"], finding.facts["after"]) == ("02", "10")


def test_the_filing_code_is_the_payers(good_claim):
    made = rule(
        ("payer_id", "is", "47073"), action={"kind": "set", "field": "claim_filing_code", "value": "HM"}
    )
    (judged,) = judge_claims([good_claim], [("3", made)], today=TODAY)
    assert judged.claim.payer.claim_filing_code == "HM"


def test_rules_that_disagree_change_nothing_and_ask(two_lines):
    sets = [
        rule(("modality", "is", "video"), action={"kind": "set", "field": "place_of_service", "value": place})
        for place in ("10", "11")
    ]
    (judged,) = judge_claims([two_lines], [("1", sets[0]), ("2", sets[1])], today=TODAY)
    assert judged.claim == two_lines and judged.changes == ()
    assert [(one.code, one.severity) for one in judged.findings] == [
        ("practice_rules.1.disagree", "stop_unless_overridden")
    ]


def test_rules_that_undo_each_other_change_nothing_and_ask(two_lines):
    there = rule(
        ("place_of_service", "is", "02"), action={"kind": "set", "field": "place_of_service", "value": "10"}
    )
    back = rule(
        ("place_of_service", "is", "10"), action={"kind": "set", "field": "place_of_service", "value": "02"}
    )
    (judged,) = judge_claims([two_lines], [("1", there), ("2", back)], today=TODAY)
    assert judged.claim == two_lines and judged.changes == ()
    assert judged.findings[0].code == "practice_rules.1.disagree"


def test_later_rules_see_the_repaired_claim(two_lines):
    stop = rule(
        ("modifiers", "has", "95"),
        ("payer_id", "is", "47073"),
        action={"kind": "stop", "message": "No 95 here"},
        reason="Letter of May",
    )
    (judged,) = judge_claims([two_lines], [("1", stop), ("2", ADD_95)], today=TODAY)
    assert [(one.code, one.severity) for one in judged.findings] == [
        ("practice_rules.2", "tell"),
        ("practice_rules.1", "stop"),
    ]
    assert (judged.findings[1].message, judged.findings[1].remedy) == ("No 95 here.", "Letter of May")
    assert judged.findings[1].facts["line_number"] == 1


def test_routes_and_holds(good_claim):
    route = rule(("state", "is", "DE"), action={"kind": "route", "role": "coder", "message": "New state"})
    hold = rule(("state", "is", "DE"), action={"kind": "hold_until", "days_after_service": 30})
    past = rule(("state", "is", "DE"), action={"kind": "hold_until", "until": "2026-11-23"})
    (judged,) = judge_claims([good_claim], [("1", route), ("2", hold), ("3", past)], today=TODAY)
    assert (judged.route_to, judged.held_until) == ("coder", "2026-12-02")
    assert [one.code for one in judged.findings] == ["practice_rules.1", "practice_rules.2"], (
        "a hold that is over says nothing"
    )


def test_a_rule_that_cannot_be_understood_asks_on_every_claim(good_claim, two_lines):
    strange = PracticeRule(
        "A", conditions=(msgspec.structs.replace(ADD_95.conditions[0], field="moon"),), action=ADD_95.action
    )
    judged = judge_claims([good_claim, two_lines], [("9", strange)], today=TODAY)
    assert [[(one.code, one.severity) for one in mine.findings] for mine in judged] == [
        [("practice_rules.9.unreadable", "stop_unless_overridden")]
    ] * 2


def test_without_rules_nothing_happens(good_claim):
    (judged,) = judge_claims([good_claim], [], today=TODAY)
    assert judged.claim is good_claim and judged.findings == ()


# --- replay ----------------------------------------------------------------------------------------


def test_replay_counts_claims_dollars_and_what_became_of_them(good_claim):
    def one(number: int, **changes) -> Claim:
        return changed(good_claim, claim_number=f"A{number}", **changes)

    claims = [
        one(0, modality="video"),
        one(1, modality="video"),
        one(2, modality="video", lines=(msgspec.structs.replace(good_claim.lines[0], modifiers=("95",)),)),
        one(3),
        one(4, modality="video"),
    ]
    outcomes = pl.DataFrame(
        [(0, "paid", 9000), (1, "denied", 0), (2, "paid", 9000), (3, "paid", 9000)],
        schema=OUTCOME_SCHEMA,
        orient="row",
    )
    found = replay_rule(ADD_95, frames_from_claims(claims), outcomes, today=TODAY)
    assert (found.looked_at, found.matched, found.changed, found.lines) == (5, 4, 3, 3)
    assert (found.charge_cents, found.paid_cents, found.unanswered) == (45000, 9000, 1)
    assert [
        (share.label, share.claims, share.charge_cents, share.paid_cents) for share in found.outcomes
    ] == [
        ("paid", 1, 15000, 9000),
        ("denied", 1, 15000, 0),
        ("not_sent", 1, 15000, 0),
    ]
    assert [(share.label, share.claims) for share in found.months] == [("2026-11", 3)]
    assert [example.claim_number for example in found.examples] == ["A0", "A1", "A4"]
    assert found.rule_hash == rule_hash(ADD_95)
    assert (found.first_on, found.last_on) == (date(2026, 11, 2), date(2026, 11, 2))


def test_replay_of_nothing(good_claim):
    empty = pl.DataFrame(schema=OUTCOME_SCHEMA)
    found = replay_rule(ADD_95, frames_from_claims([]), empty, today=TODAY)
    assert (found.looked_at, found.changed, found.charge_cents, found.first_on) == (0, 0, 0, None)
