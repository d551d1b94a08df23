"""Acknowledgments: what is accepted, rejected, and how a fault is named in the answer."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from builders import ENVELOPE, changed, file_of, set_body

from cleanclaim.x12.ack import (
    AckPolicy,
    acknowledge_groups,
    acknowledge_interchanges,
    answering_envelope,
    interchange_code,
)
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.acknowledgments import ta1_segment, write_999
from cleanclaim.x12.validate import validate
from cleanclaim.x12.writer import SetBody, write_x12


def groups_of(data: bytes, policy: AckPolicy = AckPolicy()):  # noqa: B008 - frozen
    file = read_x12(data)
    return acknowledge_groups(file, validate(file), policy)


def test_a_good_group_is_accepted():
    (group,) = groups_of(file_of("837P"))
    assert (group.functional_id, group.group_control_number, group.guide) == ("HC", "7", "005010X222A1")
    assert (group.result, group.included, group.received, group.accepted, group.codes) == ("A", 1, 1, 1, ())
    (answer,) = group.transactions
    assert (answer.set_id, answer.control_number, answer.guide) == ("837", "0001", "005010X222A1")
    assert (answer.result, answer.codes, answer.errors) == ("A", (), ())


ANSWERS = [  # old, new, IK3 (id, position, loop, code), IK4s, claim
    ("HI*ABK:F331", "", ("HI", 20, "2300", "3"), (), "A1003"),
    ("HI*ABK:F331", "ZZZ*1\nHI*ABK:F331", ("ZZZ", 20, "2300", "1"), (), "A1003"),
    ("N4*PEORIA*IL*", "N4*PEORIA*I*", ("N4", 16, "2010", "8"), (("2", "4", ""),), ""),
    ("11:B:1*Y", "11::1*Y", ("CLM", 19, "2300", "8"), (("5:2", "1", ""),), "A1003"),
    ("*175*UN*1", "*175*XX*1", ("SV1", 22, "2400", "8"), (("3", "7", "XX"),), "A1003"),
    ("*175*UN*1", "*1A5*XX*1", ("SV1", 22, "2400", "8"), (("2", "6", ""), ("3", "7", "XX")), "A1003"),
    ("BHT*0019*00*B1*20261102*0930*CH", "", ("BHT", 2, "ST", "3"), (), ""),
]


@pytest.mark.parametrize(("old", "new", "segment", "elements", "claim"), ANSWERS)
def test_faults_become_segment_errors(old, new, segment, elements, claim):
    (group,) = groups_of(changed("837P", old, new))
    (answer,) = group.transactions
    (error,) = answer.errors
    assert (error.segment_id, error.position, error.loop, error.code) == segment
    assert (error.elements, error.claim_number) == (elements, claim)
    assert (answer.result, answer.codes, group.result, group.accepted) == ("R", ("5",), "R", 0)


ENVELOPES = [  # old, new, IK502s, AK905s, AK901
    (b"SE*28*", b"SE*27*", ("4",), (), "R"),
    (b"SE*28*0001", b"SE*28*0009", ("3",), (), "R"),
    (b"SE*28*0001~", b"", ("2",), (), "R"),
    (b"GE*1*7", b"GE*2*7", (), ("5",), "R"),
    (b"GE*1*7", b"GE*1*8", (), ("4",), "R"),
]


@pytest.mark.parametrize(("old", "new", "set_codes", "group_codes", "result"), ENVELOPES)
def test_faults_of_set_and_group_are_answered_there(old, new, set_codes, group_codes, result):
    (group,) = groups_of(file_of("837P").replace(old, new))
    assert (group.transactions[0].codes, group.codes, group.result) == (set_codes, group_codes, result)


def test_one_bad_of_two_is_partly_accepted():
    text = set_body("837P")
    bad = SetBody("837", text.guide, "HC", "0002", [one for one in text.segments if one[0] != "HI"])
    (group,) = groups_of(write_x12(ENVELOPE, [text, bad]))
    assert (group.result, group.received, group.accepted) == ("P", 2, 1)
    assert [answer.result for answer in group.transactions] == ["A", "R"]


def test_balance_is_not_a_matter_of_a_999_unless_policy_says_so():
    data = changed("837P", "CLM*A1003*310*", "CLM*A1003*311*")
    assert groups_of(data)[0].result == "A"
    reported = groups_of(data, AckPolicy(reports=frozenset((3,))))[0]
    assert (reported.result, reported.transactions[0].result, reported.accepted) == ("E", "E", 1)
    assert reported.transactions[0].errors[0].elements == (("2", "I12", ""),)
    rejected = groups_of(data, AckPolicy(rejects=frozenset((1, 2, 3))))[0]
    assert rejected.result == "R"


def test_acknowledgments_are_not_acknowledged():
    assert groups_of(file_of("999")) == []


INTERCHANGES = [  # old, new, TA105
    (b"~IEA*1*000000041", b"~IEA*2*000000041", "021"),
    (b"~IEA*1*000000041", b"~IEA*1*000000042", "001"),
    (b"~IEA*1*000000041~", b"~", "023"),
    (b"*261102*0930*^", b"*261302*0930*^", "014"),
    (b"*261102*0930*^", b"*261102*2530*^", "015"),
    (b"*0*T*:", b"*0*Q*:", "020"),
    (b"*ZZ*QUIETHARBOR", b"*Z9*QUIETHARBOR", "005"),
    (b"*ZZ*EVERGREEN", b"*Z9*EVERGREEN", "007"),
]


@pytest.mark.parametrize(("old", "new", "code"), INTERCHANGES)
def test_a_rejected_interchange_gets_a_ta1_and_no_999(old, new, code):
    data = file_of("837P")
    assert data.count(old) == 1
    file = read_x12(data.replace(old, new))
    (answer,) = acknowledge_interchanges(file)
    assert (answer.result, answer.code, answer.interchange_control_number) == ("R", code, "000000041")
    assert acknowledge_groups(file, validate(file)) == []


WHEN = [("always", b"*0*T*", 1), ("asked", b"*0*T*", 0), ("asked", b"*1*T*", 1), ("never", b"*1*T*", 0)]


@pytest.mark.parametrize(("policy", "asked", "count"), WHEN)
def test_a_good_interchange_is_answered_when_policy_says(policy, asked, count):
    file = read_x12(file_of("837P").replace(b"*0*T*", asked))
    answers = acknowledge_interchanges(file, AckPolicy(ta1=policy))
    assert [(one.result, one.code) for one in answers] == [("A", "000")] * count
    assert interchange_code(file.interchanges[0]) == "000"


def test_the_answer_goes_back_where_it_came_from():
    (interchange,) = read_x12(file_of("837P")).interchanges
    envelope = answering_envelope(interchange, 5, datetime(2026, 11, 3, 8, 0))  # noqa: DTZ001 - X12 carries no zone
    assert (envelope.sender_id, envelope.receiver_id, envelope.usage) == ("EVERGREEN", "QUIETHARBOR", "T")


@pytest.mark.parametrize(("old", "new"), [("", ""), *((one[0], one[1]) for one in ANSWERS)])
def test_what_we_answer_is_itself_valid_here_and_for_pyx12(old, new):
    data = changed("837P", old, new) if old else file_of("837P")
    file = read_x12(data)
    groups = acknowledge_groups(file, validate(file))
    ta1s = acknowledge_interchanges(file, AckPolicy(ta1="always"))
    now = datetime(2026, 11, 3, 8, 0)  # noqa: DTZ001 - X12 carries no zone
    answer = write_x12(
        answering_envelope(file.interchanges[0], 5, now),
        [write_999(one, control_number=f"{at:04d}") for at, one in enumerate(groups, 1)],
        ta1s=[ta1_segment(one) for one in ta1s],
    )
    read = read_x12(answer)
    assert read.all_findings() == []
    (report,) = validate(read)
    assert [one for one in report.findings if one.severity.stops] == []
    assert pyx12_accepts(answer)


def pyx12_accepts(data: bytes) -> bool:
    import logging

    import pyx12.error_handler
    import pyx12.params
    import pyx12.x12n_document

    logging.disable(logging.CRITICAL)
    try:
        parameters = pyx12.params.params()
        return pyx12.x12n_document.x12n_document(parameters, io.StringIO(data.decode()), None, None, None)
    finally:
        logging.disable(logging.NOTSET)


@pytest.mark.parametrize("stated", ["1²7", "²", "٣"])
def test_digits_of_no_number_in_an_envelope_are_survived(stated):
    data = file_of("837P").replace(b"GE*1*", f"GE*{stated}*".encode())
    (group,) = groups_of(data)
    assert group.received == 1


def test_a_control_number_of_no_digits_is_answered_with_zeros():
    data = file_of("837P").replace(b"*00501*000000041*", "*00501*0000000²1*".encode("latin-1"))
    assert [one.interchange_control_number for one in acknowledge_interchanges(read_x12(data))] == [
        "000000000"
    ]
