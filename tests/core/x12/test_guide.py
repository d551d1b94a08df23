"""The guide tables are sound: a linter, and proof that it catches what it looks for."""

from __future__ import annotations

import pytest

from cleanclaim.x12.guide import (
    find_guide,
    guide_rows,
    interchange_acknowledgment_rule,
    load_guide,
    parse_type_length,
)
from cleanclaim.x12.validate.balance import CLAIM_CHECKS, WHOLE_CHECKS
from cleanclaim_data.loader import list_data, read_csv

GUIDES = [row["folder"] for row in guide_rows()]
CONFIDENCES = {"seen", "known", "inferred"}


def faults_of(loops, segments, elements, standard) -> list[str]:
    """What is wrong with the tables of one guide."""
    faults = []
    names = {row["loop"] for row in loops} | {""}
    rules = [row["rule"] for row in segments if row["kind"] == "segment"]
    known = {(row["segment"], int(row["element"])) for row in standard}
    for row in (*loops, *segments, *elements):
        if not row["source"] or row["confidence"] not in CONFIDENCES:
            faults.append(f"no source or confidence: {list(row.values())[:4]}")
    for row in loops:
        if row["usage"] not in ("R", "S"):
            faults.append(f"loop {row['loop']}: usage {row['usage']!r}")
        if not set(row["parents"].split()) <= names:
            faults.append(f"loop {row['loop']}: unknown parent")
        if not row["label"]:
            faults.append(f"loop {row['loop']}: no label")
        if not [one for one in segments if one["kind"] == "loop" and one["name"] == row["loop"]]:
            faults.append(f"loop {row['loop']}: never placed")
    if len(set(rules)) != len(rules):
        faults.append("a rule stands twice")
    for row in segments:
        if row["loop"] not in names:
            faults.append(f"{row['name']}: unknown loop {row['loop']}")
        if row["kind"] == "segment" and row["usage"] not in ("R", "S"):
            faults.append(f"{row['rule']}: usage {row['usage']!r}")
        if row["kind"] == "segment" and not row["label"]:
            faults.append(f"{row['rule']}: no label")
        if row["max"] and not row["max"].isdigit():
            faults.append(f"{row['name']}: max {row['max']!r}")
    first: dict[str, str] = {}
    for row in segments:
        first.setdefault(row["loop"], row["kind"])
    faults += [
        f"loop {loop} does not begin with a segment" for loop, kind in first.items() if kind != "segment"
    ]
    used = {row["rule"] for row in elements}
    faults += [f"{rule}: no elements" for rule in rules if rule not in used]
    faults += [f"{rule}: no such rule" for rule in used if rule not in rules]
    for row in elements:
        name = row["rule"].split(".")[1]
        if (name, int(row["element"])) not in known:
            faults.append(f"{row['rule']}: element {row['element']} is not in the standard layer")
        if row["usage"] not in ("R", "S") or row["element_usage"] not in ("R", "S"):
            faults.append(f"{row['rule']} {row['element']}: usage")
        kind, shortest, longest = parse_type_length(row["type_length"])
        if shortest > longest:
            faults.append(f"{row['rule']} {row['element']}: lengths")
        for code in row["codes"].split("|") if row["codes"] else ():
            if kind == "ID" and not shortest <= len(code) <= longest:
                faults.append(f"{row['rule']} {row['element']}: code {code} does not fit its length")
    return faults


def tables(guide: str):
    folder = f"x12/guides/{guide}"
    return [read_csv(f"{folder}/{name}.csv") for name in ("loops", "segments", "elements")] + [
        (*read_csv("x12/standard/elements.csv"), *read_csv("x12/standard/more_elements.csv"))
    ]


@pytest.mark.parametrize("guide", GUIDES)
def test_tables_are_sound(guide):
    assert faults_of(*tables(guide)) == []


def test_the_linter_can_fail():
    loops, segments, elements, standard = tables("005010X231A1")
    bad_loop = [{**loops[0], "usage": "Q", "parents": "9999", "label": ""}, *loops[1:]]
    assert len(faults_of(bad_loop, segments, elements, standard)) == 3
    bad_segment = [{**segments[0], "label": ""}, *segments[1:]]
    assert faults_of(loops, bad_segment, elements, standard) == [f"{segments[0]['rule']}: no label"]
    bad_code = [{**elements[0], "codes": "TOOLONG"}, *elements[1:]]
    assert len(faults_of(loops, segments, bad_code, standard)) == 1
    assert len(faults_of(loops, segments, (*elements[1:], {**elements[0], "source": ""}), standard)) == 1
    assert len(faults_of(loops, segments, elements, standard[3:])) >= 1


@pytest.mark.parametrize("guide", GUIDES)
def test_guides_load_and_rivals_can_be_told_apart(guide):
    loaded = load_guide(guide)
    assert set(loaded.balance) <= set(CLAIM_CHECKS) | set(WHOLE_CHECKS)
    for loop in loaded.loops.values():
        for children in loop.by_name.values():
            for one in children:
                others = [child for child in children if child is not one and child.rank == one.rank]
                for other in others:
                    # The same place and overlapping codes would make the second rule unreachable.
                    assert not one.head.key_codes & other.head.key_codes, (loop, one.head.name)


def test_every_guide_folder_is_registered():
    folders = {name.split("/")[2] for name in list_data("x12/guides", ".csv")}
    assert folders == {*GUIDES, "TA1"}


def test_guides_are_found_by_base_and_set():
    assert find_guide("837", "005010X222A1").label == "professional claim"
    assert find_guide("835", "005010X221").id == "005010X221A1"
    assert find_guide("277", "005010X214").id == "005010X214"
    assert find_guide("276", "005010X212").label == "claim status question"
    assert find_guide("271", "005010X279").label == "eligibility answer"
    assert find_guide("278", "005010X217", "13").label == "authorization request"
    assert find_guide("278", "005010X217", "11").label == "authorization answer"
    assert find_guide("278", "005010X217", "??").label == "authorization request"
    assert find_guide("837", "005010X221A1") is None
    assert find_guide("837", "004010X098A1") is None
    with pytest.raises(LookupError):
        load_guide("005010X999")


def test_a_claim_loop_has_two_parents():
    assert load_guide("005010X222A1").loops["2300"].parents == ("2000B", "2000C")
    assert load_guide("005010X212").loops["2000E"].parents == ("2000D",)


def test_the_rule_of_ta1():
    rule = interchange_acknowledgment_rule()
    assert [element.required for element in rule.elements] == [True] * 5
    assert "025" in rule.elements[4].codes
