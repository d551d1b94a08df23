"""Health of the rule files: cited, unambiguous, compiled, at their paths."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from msgspec.structs import replace

from cleanclaim.codesets import payers
from cleanclaim.rules import Clock, RateSpan, Remedy, RuleFileInvalid, load_rule_book
from cleanclaim.rules.files import COMPILED, check_rule, compile_rules, read_rule_file, read_rule_files
from cleanclaim_data import loader


@pytest.fixture(scope="module")
def rules():
    return read_rule_files()


def test_every_file_is_valid(rules):
    assert len(rules) == len(loader.list_data("rules", ".yaml"))
    assert len({rule.id for rule in rules}) == len(rules)


def test_compiled_artefact_is_current():
    assert compile_rules() == loader.read_text(COMPILED), "run: python -m cleanclaim.rules"


def test_every_source_is_registered(rules):
    known = {source["id"] for source in loader.read_yaml("sources.yaml")}
    used = {source.id for rule in rules for value in rule.values for source in value.sources}
    used |= {item.source for rule in rules for item in rule.exceptions_not_encoded if item.source}
    assert used - known == set()
    assert all(source.at for rule in rules for value in rule.values for source in value.sources)


def _can_meet(one, other) -> bool:
    """Whether some context fits both rules."""

    def wanted(rule, key):
        value = rule.applies_to[key]
        return {value} if isinstance(value, str) else set(value)

    return all(
        wanted(one, key) & wanted(other, key) for key in one.applies_to.keys() & other.applies_to.keys()
    )


def test_no_two_rules_answer_alike(rules):
    by_topic = {}
    for rule in rules:
        by_topic.setdefault(rule.topic, []).append(rule)
    clashes = [
        (one.id, other.id)
        for alike in by_topic.values()
        for one, other in itertools.combinations(alike, 2)
        if one.specificity == other.specificity
        and _can_meet(one, other)
        and any(
            a.starts <= (b.ends or b.starts.max) and b.starts <= (a.ends or a.starts.max)
            for a in one.values
            for b in other.values
        )
    ]
    assert clashes == []


def remembered(rules):
    """Values marked as read whose own citation says that the number was only remembered."""
    return [
        rule.id
        for rule in rules
        for value in rule.values
        if value.confidence == "seen" and value.value is not None
        and any(_remembered_number(source.at) for source in value.sources)
    ]  # fmt: skip


def _remembered_number(at: str) -> bool:
    return any("recalled" in part and "id recalled" not in part for part in at.split(";"))


def test_what_was_only_remembered_is_never_marked_as_read(rules):
    assert [one for one in remembered(rules) if ".roles." not in one] == []


def test_a_remembered_number_marked_as_read_would_be_found(rules):
    rule = next(one for one in rules if one.id == "payer.molina_ohio.timely_filing.original_claim")
    faulty = replace(rule, values=(replace(rule.values[0], confidence="seen"),))
    assert remembered([faulty]) == [rule.id]


def test_book_loads_what_was_compiled(rules):
    assert load_rule_book().rules == tuple(rules)


FAULTS = [
    ({"id": "federal.other"}, "the path says"),
    ({"applies_to": {}}, "applies_to is empty"),
    ({"applies_to": {"moon": "full"}}, "unknown key moon"),
    ({"unit": "fortnights"}, "unknown unit"),
    ({"values": ()}, "no values"),
    ({"anchor": "full_moon"}, "unknown anchor full_moon"),
    ({"anchors": ("full_moon",)}, "unknown anchor full_moon"),
    ({"anchor_choice": "middle"}, "unknown anchor_choice"),
    ({"unit": "working_days"}, "working days without a calendar"),
    ({"calendar": "lunar"}, "unknown calendar"),
    ({"rolls_over": "back"}, "unknown rolls_over"),
]


@pytest.mark.parametrize(("change", "fault"), FAULTS)
def test_faults_are_found(change, fault):
    name = "rules/federal/medicare/timely_filing/original_claim.yaml"
    good = read_rule_file(name)
    with pytest.raises(RuleFileInvalid, match=fault):
        check_rule(replace(good, **change), name)


SPAN = RateSpan(date(2025, 1, 1), date(2025, 6, 30), "4.625")
VALUE_FAULTS = [
    ({"sources": ()}, "has no source"),
    ({"confidence": "certain"}, "unknown confidence"),
    ({"value": None}, "not_encoded"),
    ({"value": "one"}, "not a whole number"),
    ({"starts_basis": "felt"}, "unknown starts_basis"),
    ({"combine": "latest"}, "belong together"),
    ({"also": (Clock(1, "days", "denial"),)}, "belong together"),
    ({"also": (Clock(1, "moons", "denial"),), "combine": "latest"}, "unknown unit moons"),
    ({"also": (Clock(1, "days"),), "combine": "latest"}, "unknown anchor"),
    ({"remedy": Remedy("pleading")}, "unknown remedy"),
    ({"remedy": Remedy("interest")}, "interest and a rate"),
    ({"remedy": Remedy("none", rates=(SPAN,))}, "interest and a rate"),
    ({"remedy": Remedy("interest", "9", rates=(SPAN,))}, "not both"),
    ({"remedy": Remedy("interest", rates=(replace(SPAN, last_day=date(2024, 6, 30)),))}, "ends before it"),
    ({"remedy": Remedy("interest", rates=(SPAN, SPAN))}, "rates overlap"),
    ({"remedy": Remedy("tiered_penalty")}, "a tiered penalty and tiers"),
    ({"remedy": Remedy("not_encoded")}, "says what is known"),
]


@pytest.mark.parametrize(("change", "fault"), VALUE_FAULTS)
def test_faults_of_values_are_found(change, fault):
    name = "rules/federal/medicare/timely_filing/original_claim.yaml"
    good = read_rule_file(name)
    with pytest.raises(RuleFileInvalid, match=fault):
        check_rule(replace(good, values=(replace(good.values[0], **change),)), name)


def test_overlapping_values_are_found():
    name = "rules/federal/medicare/timely_filing/original_claim.yaml"
    good = read_rule_file(name)
    with pytest.raises(RuleFileInvalid, match="overlap"):
        check_rule(replace(good, values=good.values * 2), name)


def _unkinded(rules):
    """Rules of a payer id under which payers of several kinds are listed, that name no kind of plan."""
    found = []
    for rule in rules:
        ids = rule.applies_to.get("payer_id", ())
        for payer_id in [ids] if isinstance(ids, str) else ids:
            several = len({one.kind for one in payers(payer_id)}) > 1
            if several and not {"payer_kind", "program"} & rule.applies_to.keys():
                found.append(rule.id)
    return found


def test_a_rule_of_a_shared_payer_id_names_the_kind_of_plan(rules):
    assert _unkinded(rules) == []
    bluecare = next(rule for rule in rules if rule.applies_to.get("payer_id") == "00390")
    assert _unkinded([replace(bluecare, applies_to={"payer_id": "00390", "state": "TN"})]) == [bluecare.id]
