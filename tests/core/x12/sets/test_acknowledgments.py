"""999, 997 and TA1."""

from __future__ import annotations

import pytest
from claims import ENVELOPE
from hypothesis import given, settings
from hypothesis import strategies as st
from pyx12_judge import pyx12_errors

from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.acknowledgments import read_999, read_ta1, ta1_segment, write_999
from cleanclaim.x12.sets.records import GroupAck, InterchangeAck, SegmentError, TransactionAck
from cleanclaim.x12.writer import WriteRefused, write_x12

ACCEPTED = GroupAck(
    "HC", "7", "005010X222A1", "A", 1, 1, 1,
    transactions=(TransactionAck("837", "0001", "005010X222A1", "A"),), control_number="0001",
)  # fmt: skip
REJECTED = TransactionAck(
    "837", "0002", "005010X222A1", "R", ("5",),
    (
        SegmentError("CLM", 20, "2300", "8", (("2", "6", ""), ("5:1", "7", "XX")), "A1003"),
        SegmentError("HI", 21, "2300", "3"),
    ),
)  # fmt: skip
PARTLY = GroupAck(
    "HC", "7", "005010X222A1", "P", 2, 2, 1,
    transactions=(*ACCEPTED.transactions, REJECTED), control_number="0001",
)  # fmt: skip
GROUP_REFUSED = GroupAck("HC", "7", "005010X222A1", "R", 1, 1, 0, ("4", "5"), control_number="0001")


def file_of(ack: GroupAck) -> bytes:
    return write_x12(ENVELOPE, [write_999(ack, control_number="0001")])


def read_back(data: bytes):
    (transaction,) = read_x12(data).transactions()
    return read_999(transaction)


@pytest.mark.parametrize(
    "ack", [ACCEPTED, PARTLY, GROUP_REFUSED], ids=["accepted", "partly", "group_refused"]
)
def test_clean_and_reads_back(ack):
    data = file_of(ack)
    assert pyx12_errors(data) == []
    assert read_back(data) == (ack, [])


def test_errors_stand_with_their_transaction():
    text = file_of(PARTLY).decode().split("~")[3:-3]
    assert text == [
        "AK1*HC*7*005010X222A1",
        "AK2*837*0001*005010X222A1",
        "IK5*A",
        "AK2*837*0002*005010X222A1",
        "IK3*CLM*20*2300*8",
        "CTX*CLM01:A1003",
        "IK4*2**6",
        "IK4*5:1**7*XX",
        "IK3*HI*21*2300*3",
        "IK5*R*5",
        "AK9*P*2*2*1",
        "SE*13*0001",
    ]


REFUSED = [
    (GroupAck("", "7", "G", "A"), "AK102"),
    (GroupAck("HC", "7", "G", "Z"), "AK901"),
    (GroupAck("HC", "7", "G", "R", transactions=(TransactionAck("837", "0001", "G", "P"),)), "IK501"),
]


@pytest.mark.parametrize(("ack", "element"), REFUSED)
def test_what_says_nothing_is_refused(ack, element):
    with pytest.raises(WriteRefused) as refusal:
        write_999(ack, control_number="0001")
    assert [one.where.element for one in refusal.value.findings] == [element]


def test_an_answer_without_group_or_result_is_a_stop():
    data = file_of(ACCEPTED).replace(b"AK9*A*1*1*1~", b"")
    ack, findings = read_back(data)
    assert (ack.result, ack.group_control_number) == ("", "7")
    assert [one.code for one in findings] == ["x12.999.answer_missing"]


def test_every_sample_999_and_997_is_read(samples_dir):
    read = {}
    for path in sorted([*samples_dir.glob("999/*"), *samples_dir.glob("mixed/*997*")]):
        for transaction in read_x12(path.read_bytes()).transactions():
            ack, findings = read_999(transaction)
            # One 997 writes words where a segment count belongs.
            words = ["x12.999.count_unreadable"] if "extraDelimiter" in path.name else []
            assert [one.code for one in findings] == words, path.name
            errors = sum(len(one.errors) for one in ack.transactions)
            elements = sum(len(error.elements) for one in ack.transactions for error in one.errors)
            read.setdefault(path.name, []).append(
                (
                    ack.functional_id,
                    ack.result,
                    ack.received,
                    ack.accepted,
                    len(ack.transactions),
                    errors,
                    elements,
                )
            )
    assert read == {
        "apimeister___999_test__9bd27d.edi": [("HC", "A", 1, 1, 1, 0, 0)],
        "azoner__834_lui_id_5010.999__c4df9a.edi": [("BE", "A", 1, 1, 1, 0, 0)] * 4,
        "azoner__x12testdata__de9d59.edi": [("BE", "R", 1, 0, 1, 1, 1)],
        "cosyte__999__a5cf5b.edi": [("HC", "A", 1, 1, 1, 0, 0)],
        "cosyte__builder-segment-type.test__4ac690.edi": [("HC", "A", 1, 1, 1, 0, 0)],
        "imsweb__x12_999_rejected__9f8eed.edi": [("HC", "R", 1, 0, 1, 1, 0)],
        "xlate__extraDelimiter997__a11bba.edi": [("HC", "R", 1, 0, 1, 1, 1)],
        "xlate__invalid997__dd800b.edi": [("HC NOT IN CODESET", "R", 1, 0, 1, 1, 1)],
        "xlate__simple997-multiple-interchanges__0f3be5.edi": [("HC", "R", 1, 0, 1, 1, 1)] * 3,
        "xlate__simple997__59dac9.edi": [("HC", "R", 1, 0, 1, 1, 1)],
    }


TA1 = InterchangeAck("000000041", "261123", "0930", "R", "025", position=2)


def test_ta1_reads_back():
    data = write_x12(ENVELOPE, [], ta1s=[ta1_segment(TA1)])
    (interchange,) = read_x12(data).interchanges
    assert [read_ta1(segment) for segment in interchange.ta1s] == [TA1]


def test_every_sample_ta1_is_read(samples_dir):
    read = {
        path.name: [
            (one.interchange_control_number, one.result, one.code)
            for interchange in read_x12(path.read_bytes()).interchanges
            for one in map(read_ta1, interchange.ta1s)
        ]
        for path in sorted(samples_dir.glob("ta1/*"))
    }
    assert read == {
        "cosyte__ta1__5e9ac4.edi": [("000000019", "A", "000")],
        "cosyte__transactions-ack-ta1.test__0fc329.edi": [("000000019", "A", "000")],
        "own__rejected_duplicate.edi": [("000000077", "R", "025")],
        "xlate__StructureTypeTest__0baa72.edi": [("000000050", "A", "000")],
    }


_id = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=9)
_element = st.tuples(
    st.sampled_from(["1", "5:1", "12:2:3"]),
    st.sampled_from(["1", "6", "7", "I10"]),
    st.sampled_from(["", "XX"]),
)
_error = st.builds(
    SegmentError, st.sampled_from(["CLM", "NM1", "HI", "N3"]), st.integers(1, 999_999), st.sampled_from(["", "2300", "2010"]),
    st.sampled_from(["1", "3", "8", "I9"]), st.lists(_element, max_size=3).map(tuple), st.sampled_from(["", "A1003"]),
)  # fmt: skip
_transaction = st.builds(
    TransactionAck, st.just("837"), st.from_regex(r"[0-9]{4,9}", fullmatch=True), st.just("005010X222A1"),
    st.sampled_from("AER"), st.lists(st.sampled_from(["1", "5", "I5"]), max_size=5, unique=True).map(tuple),
    st.lists(_error, max_size=3).map(tuple),
)  # fmt: skip
_ack = st.builds(
    GroupAck, st.sampled_from(["HC", "HP", "HR"]), st.integers(1, 999_999_999).map(str), st.just("005010X222A1"),
    st.sampled_from("AEPR"), st.integers(0, 999), st.integers(0, 999), st.integers(0, 999),
    st.lists(st.sampled_from(["1", "4", "5"]), max_size=5, unique=True).map(tuple),
    st.lists(_transaction, max_size=4).map(tuple), st.just("0001"),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(_ack)
def test_write_then_read_is_identity(ack):
    assert read_back(file_of(ack)) == (ack, [])
