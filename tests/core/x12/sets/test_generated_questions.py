"""What is written is read as what was meant, and written again is the same bytes: for all shapes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyx12_judge import pyx12_errors
from question_strategies import answers_271, authorizations, batches_837i, questions_270, questions_276
from questions import file_of_body, stops

from cleanclaim.x12.documents import show_document, write_document
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets import from_json, read_typed, to_json, write_typed

ORDINARY = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
PLACES = ("position", "end_position", "guide", "control_number")
KINDS = {
    "270": (questions_270(), "005010X279A1"),
    "271": (answers_271(), "005010X279A1"),
    "276": (questions_276(), "005010X212"),
    "278 request": (authorizations(answer=False), "005010X217"),
    "278 answer": (authorizations(answer=True), "005010X217"),
    "837I": (batches_837i(), "005010X223A2"),
}


def meaning(content: Any) -> Any:
    """Content without where it stood."""
    if isinstance(content, msgspec.Struct):
        fields = msgspec.structs.asdict(content)
        return {name: meaning(value) for name, value in fields.items() if name not in PLACES}
    if isinstance(content, list | tuple):
        return [meaning(one) for one in content]
    return content


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read_as_it_was_meant(kind):
    strategy, guide = KINDS[kind]

    @ORDINARY
    @given(strategy)
    def holds(content):
        data = file_of_body(write_typed(guide, content, control_number="0001"))
        assert stops(data) == []
        (transaction,) = read_x12(data).transactions()
        again, findings = read_typed(transaction)
        assert findings == []
        assert meaning(again) == meaning(content)
        body = write_typed(guide, again, control_number="0001", set_id=transaction.set_id)
        assert file_of_body(body) == data
        assert from_json(guide, to_json(again), transaction.set_id) == again
        document = show_document(read_x12(data))
        assert "segments" not in document["interchanges"][0]["groups"][0]["transactions"][0]
        assert write_document(document) == (data, [])

    holds()


@settings(parent=ORDINARY, max_examples=5)
@given(batches_837i())
def test_generated_institutional_claims_are_accepted_by_pyx12(claims):
    data = file_of_body(write_typed("005010X223A2", claims, control_number="0001"))
    assert pyx12_errors(data) == []


@settings(parent=ORDINARY, max_examples=40)
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_reading_is_total_whatever_is_damaged(kind, data):
    strategy, guide = KINDS[kind]
    text = file_of_body(write_typed(guide, data.draw(strategy), control_number="0001"))
    segments = text.split(b"~")
    at = data.draw(st.integers(2, len(segments) - 4))
    damage = data.draw(st.sampled_from(["drop", "double", "swap", "cut", "noise"]))
    if damage == "drop":
        del segments[at]
    elif damage == "double":
        segments.insert(at, segments[at])
    elif damage == "swap":
        other = data.draw(st.integers(2, len(segments) - 4))
        segments[at], segments[other] = segments[other], segments[at]
    elif damage == "cut":
        segments[at] = segments[at][: data.draw(st.integers(2, len(segments[at])))]
    else:
        segments[at] = segments[at].replace(b"*", data.draw(st.sampled_from([b"*:", b"*^", b"**", b"*\xff"])))
    file = read_x12(b"~".join(segments))
    for transaction in file.transactions():
        typed = read_typed(transaction)
        assert typed is None or isinstance(typed[1], list)
    document = show_document(file)
    assert msgspec.json.encode(document)
