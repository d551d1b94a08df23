"""Layouts against their guides: every loop, segment and element that a guide has comes in and goes out again."""

from __future__ import annotations

import pytest
from builders import ENVELOPE
from questions import SETS, file_of_body, set_file, stops, transaction_of

from cleanclaim.x12.guide import find_guide
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets import read_typed, write_typed
from cleanclaim.x12.sets.authorization.layout import ANSWER as ANSWER_278
from cleanclaim.x12.sets.authorization.layout import REQUEST as REQUEST_278
from cleanclaim.x12.sets.claim_837i.layout import BATCH
from cleanclaim.x12.sets.eligibility.layout import ANSWER, QUESTION
from cleanclaim.x12.sets.layouts import read_layout
from cleanclaim.x12.sets.layouts.writing import layout_segments
from cleanclaim.x12.sets.status_request.sets import QUESTION as QUESTION_276
from cleanclaim.x12.writer import SetBody, write_x12

GUIDES = {
    "270": ("270", "005010X279A1", "13", "HS", QUESTION),
    "271": ("271", "005010X279A1", "11", "HB", ANSWER),
    "276": ("276", "005010X212", "13", "HR", QUESTION_276),
    "278 request": ("278", "005010X217", "13", "HI", REQUEST_278),
    "278 answer": ("278", "005010X217", "11", "HI", ANSWER_278),
    "837I": ("837", "005010X223A2", "00", "HC", BATCH),
}
# Events stand under the subscriber or under the dependent: each is filled in a run of its own.
TWICE = {"278 request", "278 answer"}


def value_of(rule, at, component):
    """Some value that an element may have."""
    if rule.codes:
        return sorted(rule.codes)[0]
    text = {"R": "12.5", "DT": "20261102", "TM": "0930"}.get(rule.type)
    if text is None:
        text = "7" if rule.type.startswith("N") else f"V{at}{component}"
    return text.ljust(rule.shortest, "1")[: rule.longest]


def fill(rule, number):
    """A segment with every element that its rule uses."""
    elements: dict[int, object] = {}
    for one in rule.elements:
        if not one.used:
            continue
        value = value_of(one, one.at, one.component)
        if one.component:
            parts = elements.setdefault(one.at, {})
            parts[one.component] = value
        else:
            elements[one.at] = value
    for at, value in elements.items():
        if isinstance(value, dict):
            elements[at] = tuple(value.get(part, "") for part in range(1, max(value) + 1))
    if rule.name == "BHT":
        elements[2] = number["purpose"]
    for qualifier, day in rule.formats:
        forms = {"D8": "20261102", "RD8": "20261101-20261102", "DT": "202611020930", "TM": "0930"}
        if elements.get(qualifier) in forms and day in elements:
            elements[day] = forms[elements[qualifier]]
    if rule.name == "HI":
        elements = {at: dated(value) for at, value in elements.items()}
    return (rule.name, *(elements.get(at, "") for at in range(1, max(elements) + 1)))


def dated(value):
    """A composite of an HI segment with a day where its format says so."""
    if not isinstance(value, tuple) or len(value) < 4:
        return value
    day = {"D8": "20261102", "RD8": "20261101-20261102"}.get(value[2])
    return (*value[:3], day, *value[4:]) if day else value


def fullest(guide, purpose, without=""):
    """A transaction with every loop and segment of a guide once."""
    segments = []

    def level(rule, parents):
        for child in rule.children:
            if child.loop is not None:
                if f"{parents[-1] if parents else ''}>{child.loop.name}" != without:
                    level(child.loop, (*parents, child.loop.name))
                continue
            if child.segment.name == "HL":
                segments.append(("HL", "", "", sorted(child.segment.elements[2].codes)[0], ""))
            else:
                segments.append(fill(child.segment, {"purpose": purpose}))

    level(guide.root, ())
    return segments


def compared(segments):
    """Segments without what the writer counts itself: the numbers of levels."""
    return [("HL", one[3]) if one[0] == "HL" else trimmed(one) for one in segments]


def trimmed(segment):
    kept = []
    for value in segment:
        if isinstance(value, list):
            value = value[0] if len(value) == 1 else value
        if isinstance(value, tuple):
            parts = list(value)
            while parts and not parts[-1]:
                parts.pop()
            value = tuple(parts) if len(parts) > 1 else (parts[0] if parts else "")
        kept.append(value or "")
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


CASES = [(kind, "") for kind in GUIDES if kind not in TWICE]
CASES += [(kind, without) for kind in sorted(TWICE) for without in ("2000C>2000D", "2000C>2000E")]


@pytest.mark.parametrize(("kind", "without"), CASES)
def test_every_element_of_the_guide_is_carried_both_ways(kind, without):
    set_id, guide_id, purpose, functional_id, layout = GUIDES[kind]
    guide = find_guide(set_id, guide_id, purpose)
    segments = fullest(guide, purpose, without)
    data = write_x12(ENVELOPE, [SetBody(set_id, guide_id, functional_id, "0001", segments)])
    (transaction,) = read_x12(data).transactions()
    record, findings = read_layout(layout, transaction, "x12.test")
    assert [(one.where.segment, one.where.loop, one.message) for one in findings] == []
    assert compared(layout_segments(layout, record)) == compared(segments)
    assert len(segments) > 40 or kind == "276"


@pytest.mark.parametrize("kind", [kind for kind in SETS if kind != "277"])
def test_samples_of_these_tests_are_right_and_come_back(kind):
    assert stops(set_file(kind)) == []
    transaction = transaction_of(kind)
    content, findings = read_typed(transaction)
    assert findings == []
    body = write_typed(transaction.guide, content, control_number="0001", set_id=transaction.set_id)
    assert file_of_body(body) == set_file(kind)


STRAYS = [  # a segment that the layout has no place for, where it is put, and what is told
    ("270", "EQ*30", "EQ*30\nMSG*HELLO", "MSG has no place in the typed record."),
    ("270", "DTP*291*D8*20261102\nEQ*30", "DTP*291*D8*20261102\nEQ*30****1:2:A", "EQ05 is not a list of diagnoses."),
    ("271", "EB*1*IND*30*PR*GOLD PPO", "EB*1*IND*30*PR*GOLD PPO********HC:1:::::::X9", "EB13 has no place in the typed record."),
    ("271", "MSG*TELEHEALTH AS IN THE OFFICE", "MSG*TELEHEALTH*SP", "MSG02 has no place in the typed record."),
    ("276", "AMT*T3*310", "AMT*T3*310.005", "AMT02 is not an amount: an amount has at most two decimals."),
    ("276", "DTP*472*RD8*20261015-20261016", "DTP*472*RD8*20261015", "DTP03 is not a calendar date."),
    ("837I", "HI*BH:11:D8:20261001", "HI*BH:11:D8:20261332", "HI01 is not a calendar date."),
    ("837I", "SV2*0905*HC:S9480*275*UN*1", "SV2*0905*HC:S9480*275*UN*ONE", "SV205 is not a number."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "old", "new", "message"), STRAYS)
def test_what_has_no_place_or_cannot_be_read_is_told(kind, old, new, message):
    _, findings = read_typed(transaction_of(kind, SETS[kind][3].replace(old, new, 1)))
    assert [one.message for one in findings] == [message]
    (finding,) = findings
    assert finding.where.segment_index and finding.where.loop and finding.remedy
