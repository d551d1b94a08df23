"""Writing: what is computed, what is refused, and that reading gives it back."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest
from builders import ENVELOPE, file_of, set_body
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanclaim.x12.generic import from_generic, segment_from_generic, segment_to_generic, to_generic
from cleanclaim.x12.index import Delimiters, read_x12
from cleanclaim.x12.writer import Envelope, SetBody, WriteRefused, clean_text, write_x12


def test_isa_is_106_bytes_and_trailers_are_computed():
    data = write_x12(ENVELOPE, [set_body("837P"), set_body("837P", control_number="0002"), set_body("835")])
    assert data[105:106] == b"~" and data[:3] == b"ISA"
    text = data.decode().split("~")
    assert [one for one in text if one[:2] in ("GS", "GE", "SE", "IE")] == [
        "GS*HC*QUIETHARBOR*EVERGREEN*20261102*0930*7*X*005010X222A1",
        "SE*28*0001",
        "SE*28*0002",
        "GE*2*7",
        "GS*HP*QUIETHARBOR*EVERGREEN*20261102*0930*8*X*005010X221A1",
        "SE*23*0001",
        "GE*1*8",
        "IEA*2*000000041",
    ]
    assert "ST*835*0001" in text  # an 835 has no ST03


def test_trailing_empties_are_trimmed_and_line_ends_added():
    body = SetBody(
        "999", "005010X231A1", "FA", "0001", [("AK1", "HC", "7", "", None), ("IK4", ("1", "", ""), "2")]
    )
    data = write_x12(msgspec.structs.replace(ENVELOPE, line_ends=True), [body])
    assert b"~\nAK1*HC*7~\nIK4*1*2~\n" in data


REFUSED = [  # a change of the body, or of the envelope, and the code
    ({"segments": [("NM1", "A*B")]}, {}, "x12.write.delimiter"),
    ({"segments": [("NM1", ("A", "B~"))]}, {}, "x12.write.delimiter"),
    ({"segments": [("NM1", "A\nB")]}, {}, "x12.write.delimiter"),
    ({"segments": [("NM1", "\ud800")]}, {}, "x12.write.delimiter"),
    ({"segments": [("nm1", "A")]}, {}, "x12.write.segment_id"),
    ({"segments": [()]}, {}, "x12.write.segment_id"),
    ({"segments": [("NM1", "")]}, {}, "x12.write.empty_segment"),
    ({"control_number": "1"}, {}, "x12.write.envelope"),
    ({}, {"sender_id": "MUCH TOO LONG AN ID"}, "x12.write.envelope"),
    ({}, {"application_sender": "X"}, "x12.write.envelope"),
    ({}, {"receiver_qualifier": "Z"}, "x12.write.envelope"),
    ({}, {"control_number": 1_000_000_000}, "x12.write.envelope"),
    ({}, {"group_control_number": 0}, "x12.write.envelope"),
    ({}, {"usage": "X"}, "x12.write.envelope"),
    ({}, {"delimiters": Delimiters("*", "*", "^", "~")}, "x12.write.envelope"),
    ({}, {"delimiters": Delimiters("A", ":", "^", "~")}, "x12.write.envelope"),
]


@pytest.mark.parametrize(("body", "envelope", "code"), REFUSED)
def test_what_could_not_be_read_back_is_refused(body, envelope, code):
    body = msgspec.structs.replace(set_body("999"), **body)
    with pytest.raises(WriteRefused) as refused:
        write_x12(msgspec.structs.replace(ENVELOPE, **envelope), [body])
    assert code in {finding.code for finding in refused.value.findings}


def test_a_doubled_set_number_is_refused():
    with pytest.raises(WriteRefused) as refused:
        write_x12(ENVELOPE, [set_body("999"), set_body("999")])
    assert [finding.where.element for finding in refused.value.findings] == ["ST02"]


CLEANED = [
    ("José O’Brien", "Jose O'Brien"),
    ("A*B:C~D^E", "A B C D E"),
    ("  many   blanks\t\n", "many blanks"),
    ("em—dash", "em-dash"),
    ("漢字", ""),
    ("Keeps Case", "Keeps Case"),
]


@pytest.mark.parametrize(("text", "expected"), CLEANED)
def test_clean_text(text, expected):
    assert clean_text(text) == expected


# -- reading gives back what was written -----------------------------------------------------------------

MARKS = st.sampled_from(
    [Delimiters(), Delimiters("|", ">", "!", "\n"), Delimiters("\x1d", "\x1f", "\x1c", "\x1e")]
)
TEXT = st.text(st.sampled_from("ABCXYZabc0189 .,-/#'&()éß"), max_size=8)
FILLED = TEXT.filter(bool)
COMPOSITE = st.lists(TEXT, min_size=2, max_size=4).filter(lambda parts: bool(parts[-1])).map(tuple)
ONE = st.one_of(FILLED, COMPOSITE)
REPEATED = st.lists(ONE, min_size=2, max_size=3)
ELEMENT = st.one_of(st.just(""), ONE, REPEATED)
SEGMENT_ID = st.sampled_from(["NM1", "REF", "N3", "SVC", "CLM", "HI", "EB"])
SEGMENT = st.tuples(SEGMENT_ID, st.lists(ELEMENT, max_size=5), ONE).map(
    lambda parts: (parts[0], *parts[1], parts[2])
)


@settings(max_examples=300, deadline=None)
@given(st.lists(SEGMENT, min_size=1, max_size=8), MARKS)
def test_reading_gives_back_what_was_written(segments, marks):
    envelope = Envelope(
        sender_id="AA", receiver_id="BB", control_number=1, group_control_number=1,
        created_at=datetime(2026, 1, 2, 3, 4),  # noqa: DTZ001 - X12 carries no zone
        delimiters=marks,
    )  # fmt: skip
    file = read_x12(write_x12(envelope, [SetBody("837", "005010X222A1", "HC", "0001", segments)]))
    assert [finding for finding in file.all_findings() if finding.severity.stops] == []
    (transaction,) = file.transactions()
    read = [segment_from_generic(segment_to_generic(one)) for one in transaction.segments[1:-1]]
    assert read == segments
    assert from_generic(to_generic(file)) == write_x12(envelope, [set_of(segments)])


def set_of(segments):
    return SetBody("837", "005010X222A1", "HC", "0001", segments)


@pytest.mark.parametrize("kind", ["837P", "835", "999"])
def test_generic_view_writes_the_same_bytes(kind):
    data = file_of(kind)
    assert from_generic(to_generic(read_x12(data))) == data


@pytest.mark.parametrize("broken", [[{}], [[]], [{"isa": []}], ["x"], [None]])
def test_generic_view_of_a_wrong_shape_is_refused(broken):
    with pytest.raises(WriteRefused) as refused:
        from_generic(broken)
    assert refused.value.findings[0].code == "x12.write.shape"
