"""Reading envelopes: delimiters, habits of senders, and everything that is not quite a file."""

from __future__ import annotations

import pytest
from builders import CLAIM_837P, ENVELOPE, file_of, set_body

from cleanclaim.x12.index import Delimiters, Limits, read_x12
from cleanclaim.x12.writer import write_x12

GOOD = file_of("837P")


def codes(data: bytes, **more) -> list[str]:
    return [finding.code for finding in read_x12(data, **more).all_findings()]


def test_a_good_file_has_its_parts_and_no_finding():
    file = read_x12(GOOD, file="a.837")
    assert file.all_findings() == []
    (interchange,) = file.interchanges
    (group,) = interchange.groups
    (transaction,) = group.transactions
    assert interchange.sender == ("ZZ", "QUIETHARBOR")
    assert interchange.control_number == "000000041"
    assert (group.functional_id, group.control_number, group.guide) == ("HC", "7", "005010X222A1")
    assert (transaction.set_id, transaction.control_number) == ("837", "0001")
    assert len(transaction.segments) == len(CLAIM_837P.splitlines()) + 2
    clm = transaction.segments[18]
    assert (clm.id, clm.position, clm.get(5, 2), clm.get(5, 9), clm.get(40)) == ("CLM", 19, "B", "", "")
    assert GOOD[clm.offset :].startswith(b"CLM*A1003*")


HABITS = [  # how the bytes are changed, findings, why
    (lambda d: d.replace(b"~", b"~\r\n"), [], "line ends of Windows after each segment"),
    (lambda d: d.replace(b"~", b"~\n"), [], "line ends of Unix"),
    (lambda d: d.replace(b"~", b"\n"), [], "a line feed is the terminator"),
    (lambda d: d.replace(b"~", b"\r\n"), [], "a carriage return is the terminator, a line feed follows"),
    (lambda d: d.replace(b"~", b"\x1e").replace(b"*", b"\x1d"), [], "control characters as delimiters"),
    (lambda d: d + b"\r\n   \x1a", [], "padding and an old end-of-file mark at the end"),
    (lambda d: b"\r\n " + d, [], "blank lines before ISA"),
    (lambda d: b"\xef\xbb\xbf" + d, ["x12.file.byte_order_mark"], "a byte order mark"),
    (lambda d: d[:-1], ["x12.file.last_terminator"], "no terminator at the end"),
    (lambda d: d.replace(b"HI*", b"~HI*"), ["x12.segment.blank"], "an empty segment"),
    (lambda d: b"From: x\n" + d, ["x12.file.leading_data"], "mail lines before ISA"),
    (lambda d: d + b"bye", ["x12.file.trailing_data"], "a word after IEA"),
    (lambda d: d.replace(b"TERRY", "RENÉE".encode("latin-1")), [], "Latin-1 letters"),
    (lambda d: d.replace(b"TERRY", "RENÉE".encode()), [], "UTF-8 letters"),
]


@pytest.mark.parametrize(("change", "expected", "why"), HABITS)
def test_habits_of_senders_are_tolerated(change, expected, why):
    file = read_x12(change(GOOD))
    assert [finding.code for finding in file.all_findings()] == expected, why
    (transaction,) = file.transactions()
    assert len(transaction.segments) == 28, why
    assert transaction.segments[18].get(1) == "A1003"


def test_letters_of_either_encoding_read_alike():
    for encoding in ("latin-1", "utf-8"):
        file = read_x12(GOOD.replace(b"TERRY", "RENÉE".encode(encoding)))
        (transaction,) = file.transactions()
        assert transaction.segments[13].get(4) == "RENÉE"


FAULTS = [  # bytes, findings, why
    (b"", ["x12.file.empty"], "nothing"),
    (b" \r\n", ["x12.file.empty"], "blanks"),
    (b"a,b\n1,2\n", ["x12.file.not_x12"], "a table"),
    (b"%PDF-1.7 ...", ["x12.file.not_x12"], "a document"),
    (b"PK\x03\x04....", ["x12.file.not_x12"], "an archive"),
    (b"UNB+UNOA:1+A+B'", ["x12.file.not_x12"], "EDIFACT"),
    (GOOD.decode().encode("utf-16"), ["x12.file.encoding"], "two bytes a character"),
    (GOOD.decode().encode("cp037"), ["x12.file.encoding"], "a mainframe's encoding"),
    (GOOD[:90], ["x12.isa.incomplete"], "the file ends in ISA"),
    (GOOD[:106], ["x12.iea.missing"], "the file ends after ISA"),
    (GOOD[: GOOD.index(b"HI*")], ["x12.ge.missing", "x12.se.missing", "x12.iea.missing"], "cut in the middle"),
    (GOOD.replace(b"SE*28", b"SE*27"), ["x12.se.segment_count"], "a wrong count"),
    (GOOD.replace(b"SE*28", b"SE*x"), ["x12.se.segment_count"], "no number for a count"),
    (GOOD.replace(b"SE*28*0001", b"SE*28*0002"), ["x12.se.control_number"], "another number"),
    (GOOD.replace(b"GE*1*7", b"GE*2*7"), ["x12.ge.set_count"], "a wrong count of sets"),
    (GOOD.replace(b"GE*1*7", b"GE*1*8"), ["x12.ge.control_number"], "another group number"),
    (GOOD.replace(b"IEA*1", b"IEA*3"), ["x12.iea.group_count"], "a wrong count of groups"),
    (GOOD.replace(b"IEA*1*000000041", b"IEA*1*000000042"), ["x12.isa.control_number"], "another number"),
    (GOOD.replace(b"GE*1*7~", b""), ["x12.ge.missing"], "no GE"),
    (GOOD.replace(b"SE*28*0001~", b""), ["x12.se.missing"], "no SE"),
    (GOOD.replace(b"GE*1*7~", b"GE*1*7~REF*X*1~"), ["x12.envelope.stray_segment"], "a segment between groups"),
    (GOOD.replace(b"GE*1*7~", b"GE*1*7~GE*1*7~"), ["x12.envelope.orphan"], "GE twice"),
    (GOOD.replace(b"QUIETHARBOR    *ZZ", b"QUIETHARBOR  *ZZ"), ["x12.isa.width"], "a trimmed ISA"),
    (GOOD.replace(b"GS*HC", b"GS*HP"), ["x12.gs.functional_id"], "a claim in a group of remittances"),
    (GOOD.replace(b"7*X*005010X222A1", b"7*X*005010X223A2"), ["x12.gs.guide_mismatch"], "two guides"),
    (GOOD.replace(b"*261102*", b"*261302*"), ["x12.isa.element"], "no date"),
    (GOOD.replace(b"ST*837*0001", b"ST*837*1").replace(b"*0001~GE", b"*1~GE"), ["x12.st.control_number"], "short"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected", "why"), FAULTS)
def test_faults_of_envelopes_are_found_once(data, expected, why):
    found = codes(data)
    assert sorted(found) == sorted(expected), why


@pytest.mark.parametrize(
    ("element", "component", "repetition", "segment"),
    [("|", "<", "^", "\n"), ("\x1d", "\x1f", "\x1c", "\x1e"), ("*", ">", "!", "'"), ("+", ":", "{", "\r")],
)
def test_any_delimiters_are_read_from_isa(element, component, repetition, segment):
    marks = Delimiters(element, component, repetition, segment)
    file = read_x12(file_of("837P", delimiters=marks))
    assert file.all_findings() == []
    assert file.interchanges[0].delimiters == marks
    (transaction,) = file.transactions()
    assert (
        transaction.segments[20].composite(1) == ["HC", "90837"]
        or transaction.segments[21].get(1, 2) == "90837"
    )


def test_interchanges_with_other_delimiters_follow_each_other():
    other = file_of("835", delimiters=Delimiters("|", ">", "!", "\n"))
    file = read_x12(GOOD + b"\r\n" + other + GOOD.replace(b"000000041", b"000000043"))
    assert [one.control_number for one in file.interchanges] == ["000000041", "000000041", "000000043"]
    assert [one.set_id for one in file.transactions()] == ["837", "835", "837"]
    assert [finding.code for finding in file.all_findings()] == ["x12.isa.duplicate_control_number"]
    assert all(data[:3] == b"ISA" for data in [file_bytes(file, at, GOOD + b"\r\n" + other) for at in (0, 1)])


def file_bytes(file, at, data):
    return data[file.interchanges[at].offset :]


def test_acknowledgments_of_interchanges_stand_before_groups():
    ta1 = ("TA1", "000000041", "261102", "0930", "A", "000")
    file = read_x12(write_x12(ENVELOPE, [set_body("999")], ta1s=[ta1]))
    assert [one.elements[4] for one in file.interchanges[0].ta1s] == ["A"]
    assert file.all_findings() == []
    assert read_x12(write_x12(ENVELOPE, [], ta1s=[ta1])).all_findings() == []


TA1S = [  # values, elements with a finding, why
    (("000000041", "261102", "0930", "A", "000"), [], "good"),
    (("41", "261102", "0930", "A", "000"), ["TA101"], "nine digits are needed"),
    (("000000041", "261302", "0930", "A", "000"), ["TA102"], "no date"),
    (("000000041", "261302", "0930", "R", "014"), [], "it repeats the date that it rejects"),
    (("000000041", "261102", "0930", "Q", "999"), ["TA104", "TA105"], "no such codes"),
]


@pytest.mark.parametrize(("values", "elements", "why"), TA1S)
def test_values_of_a_ta1_are_checked(values, elements, why):
    file = read_x12(write_x12(ENVELOPE, [], ta1s=[("TA1", *values)]))
    assert [finding.where.element for finding in file.all_findings()] == elements, why


def test_positions_outside_a_set_count_from_isa():
    file = read_x12(GOOD.replace(b"IEA*1", b"IEA*3"))
    (finding,) = file.all_findings()
    assert (finding.where.segment_index, finding.where.segment) == (32, "IEA")
    assert GOOD[finding.where.offset :].startswith(b"IEA*")


LIMITS = [
    (Limits(file_bytes=100), "x12.file.too_large"),
    (Limits(segment_bytes=60, elements=20), "x12.segment.too_long"),
    (Limits(elements=8), "x12.segment.too_many_elements"),
    (Limits(transaction_segments=5), "x12.set.too_many_segments"),
]


@pytest.mark.parametrize(("limits", "expected"), LIMITS)
def test_limits_are_told(limits, expected):
    data = GOOD.replace(b"N3*12 HARBOR ST", b"N3*12 HARBOR ST" + b" EAST" * 12)
    assert expected in codes(data, limits=limits)


def test_many_findings_are_cut_and_said():
    data = GOOD.replace(b"GE*1*7~", b"GE*1*7~" * 50)
    file = read_x12(data, limits=Limits(findings=10))
    assert len(file.all_findings()) == 11
    assert "x12.file.too_many_findings" in codes(data, limits=Limits(findings=10))


def test_a_value_never_enters_a_finding():
    data = GOOD.replace(b"ST*837*0001*", b"ST*837*0001*TERRY").replace(b"SE*28", b"SE*TERRY")
    for finding in read_x12(data).all_findings():
        assert "TERRY" not in finding.text() and "TERRY" not in str(finding.facts)
