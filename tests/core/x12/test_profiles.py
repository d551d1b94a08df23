"""Profiles relax and tighten by data; the writer cleans or refuses, and numbers levels and lines."""

from __future__ import annotations

import msgspec
import pytest
from builders import ENVELOPE, changed, set_body

from cleanclaim.findings import Severity
from cleanclaim.x12.ack import acknowledge_groups
from cleanclaim.x12.codes import KINDS
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.validate import Change, Profile, load_profile, profile_names, validate
from cleanclaim.x12.validate.situations import situations
from cleanclaim.x12.writer import WriteRefused, numbered, write_x12
from cleanclaim_data.loader import read_csv

UNKNOWN_CODE = changed("837P", "ABK:F331", "ABK:Q9999")
NO_STREET = changed("837P", "N3*7 ELM AVE\n", "")


def judged(data, profile):
    file = read_x12(data)
    reports = validate(file, profile=profile)
    return [(one.code, one.severity) for report in reports for one in report.findings], file, reports


def test_strict_stops_what_is_otherwise_told():
    found, file, reports = judged(UNKNOWN_CODE, load_profile("strict"))
    assert found == [("x12.code.unknown", Severity.STOP)]
    assert not reports[0].valid
    from cleanclaim.x12.ack import AckPolicy

    (group,) = acknowledge_groups(file, reports, AckPolicy(rejects=frozenset((1, 2, 5))))
    assert group.transactions[0].errors[0].elements[0][1] == "7"


def test_lenient_lets_pass_what_otherwise_stops():
    assert judged(NO_STREET, None)[0] == [("x12.situation.segment", Severity.STOP)]
    assert judged(NO_STREET, load_profile("lenient"))[0] == [("x12.situation.segment", Severity.TELL)]


def test_a_profile_by_hand_can_leave_out():
    quiet = Profile("quiet", {("x12.code.unknown", ""): Change(None)})
    assert judged(UNKNOWN_CODE, quiet)[0] == []


def test_rows_name_codes_and_rules_that_exist():
    rules = {rule.id for rule in situations()}
    for row in read_csv("x12/profiles.csv"):
        assert row["code"] in KINDS and row["source"]
        assert not row["rule"] or row["rule"] in rules
    assert set(profile_names()) == {"strict", "lenient"}
    with pytest.raises(LookupError):
        load_profile("none")


def test_unsafe_text_is_refused_or_cleaned():
    body = set_body("837P")
    body.segments[1] = ("NM1", "41", "2", "QUIET*HARBOR~", None, None, None, None, "46", "QUIETHARBOR")
    with pytest.raises(WriteRefused):
        write_x12(ENVELOPE, [body])
    written = write_x12(msgspec.structs.replace(ENVELOPE, unsafe_text="clean"), [body])
    assert b"NM1*41*2*QUIET HARBOR*" in written
    assert [one.code for report in validate(read_x12(written)) for one in report.findings] == []


def test_levels_and_lines_are_numbered_anew():
    body = set_body("837P")
    harmed = [("HL", "9", "", "20", "0") if one[:2] == ("HL", "1") else one for one in body.segments]
    harmed = [("HL", "4", "9", "22", "1") if one[:2] == ("HL", "2") else one for one in harmed]
    harmed = [("LX", "7") if one[0] == "LX" else one for one in harmed]
    assert [one for one in numbered(harmed) if one[0] in ("HL", "LX")] == [
        ("HL", "1", "", "20", "1"), ("HL", "2", "1", "22", "0"), ("LX", "1"), ("LX", "2"),
    ]  # fmt: skip
