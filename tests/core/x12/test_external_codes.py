"""SNIP 5: every list that is asked answers for every member kind, by date, and never stops by itself."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from builders import BODIES, changed, file_of

from cleanclaim.codesets import external as lists
from cleanclaim.findings import Severity
from cleanclaim.x12.guide import guide_rows, load_guide
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.validate import Change, Profile, external, load_profile, validate
from cleanclaim_data.loader import read_csv

REMITTANCE_LINE = "CAS*CO*45*45\nCAS*PR*3*20"
PROVIDER = "101YM0800X"
DAY = date(2026, 10, 15)


def codes_of(data, profile=None):
    """(finding, element) of SNIP 5, and all findings."""
    found = [one for report in validate(read_x12(data), profile=profile) for one in report.findings]
    return [(one.code, one.where.element) for one in found if one.snip == 5], found


def remark(code):
    return changed("835", REMITTANCE_LINE, f"{REMITTANCE_LINE}\nLQ*HE*{code}")


FILES = [  # file, what is told of it
    (remark("N362"), []),
    (remark("N735"), []),  # a member of the rest of the list, not of ours with meanings
    (remark("ZZZZ"), [("x12.code.unlisted", "LQ02")]),
    (changed("835", REMITTANCE_LINE, f"{REMITTANCE_LINE}\nLQ*RX*75"), []),  # another list, not ours
    (changed("835", "NM1*QC*1", "MOA***MA01*QQ1\nNM1*QC*1"), [("x12.code.unlisted", "MOA04")]),
    (changed("835", "*110**1", "*110*0914*1"), []),
    (changed("835", "*110**1", "*110*914*1"), []),  # the leading zero is often left out
    (changed("835", "*110**1", "*110*0933*1"), [("x12.code.unknown", "SVC04")]),
    (changed("835", "SVC*HC:90837", "SVC*NU:0914"), []),
    (changed("835", "SVC*HC:90837", "SVC*NU:0009"), [("x12.code.unknown", "SVC01")]),
    (changed("835", "*2026000001*11*1", "*2026000001*11*W"), [("x12.code.unknown", "CLP09")]),
    (changed("835", "CAS*CO*45*45", "CAS*CO*15*45"), [("x12.code.not_in_force", "CAS02")]),
    (changed("837P", PROVIDER, "2084P0800X"), []),
    (changed("837P", PROVIDER, "193200000X"), []),
    (changed("837P", PROVIDER, "101YM0800Z"), [("x12.code.unknown", "PRV03")]),  # told by its tenth character
    (changed("837P", PROVIDER, "101YM0800XX"), [("x12.code.unknown", "PRV03")]),
    (changed("837P", "11:B:1*", "11:B:T*"), [("x12.code.unknown", "CLM05")]),
    (changed("837P", "11:B:1*", "11:B:6*"), [("x12.code.not_in_force", "CLM05")]),
    (changed("837P", "SPRINGFIELD*IL*627010001", "SPRINGFIELD*IL*627010001*US"), []),
    (changed("837P", "PEORIA*IL*616020001", "LYON**69001*QQ"), [("x12.code.unknown", "N404")]),
    (changed("837P", "NM1*85*2", "CUR*85*USD\nNM1*85*2"), []),
    (changed("837P", "NM1*85*2", "CUR*85*QQQ\nNM1*85*2"), [("x12.code.unlisted", "CUR02")]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "told"), FILES)
def test_a_code_that_no_list_confirms_is_told_where_it_stands_and_stops_nothing(data, told):
    found, everything = codes_of(data)
    assert found == told
    assert not any(one.severity.stops for one in everything if one.snip == 5)


MESSAGES = [
    (remark("ZZZZ"), "LQ02 holds a code that is not in our list of remarks of 2026-01-01, which is a part of the "
        "official list (1113 of about 1180)."),
    (changed("837P", PROVIDER, "101YM0800Z"),
        "PRV03 holds a code that our list of provider taxonomy of 2025-07-01 does not know."),
    (changed("837P", "HC:90837*", "HC:99354*"), "SV101 holds a code that was not in force on the date of service: "
        "it ended on 2022-12-31 (list of procedures of 2026-07-01)."),
    (changed("835", "CAS*CO*45*45", "CAS*CO*15*45"), "CAS02 holds a code that was not in force on the date of "
        "service: it ended before 2025-11-01 (list of carc of 2025-11-01)."),
]  # fmt: skip


@pytest.mark.parametrize(("data", "text"), MESSAGES)
def test_a_warning_names_the_list_its_date_and_how_much_of_it_we_hold(data, text):
    assert [one.message for one in codes_of(data)[1] if one.snip == 5] == [text]


JUDGED = [  # list, code, day, verdict
    ("patient_statuses", "71", date(2003, 3, 31), ""),
    ("patient_statuses", "71", date(2003, 4, 1), external.ENDED),
    ("patient_statuses", "10", DAY, external.UNKNOWN),
    ("admission_sources", "7", date(2010, 6, 30), ""),
    ("admission_sources", "7", DAY, external.ENDED),
    ("admission_sources", "Y", DAY, external.UNKNOWN),
    ("admission_types", "6", DAY, external.UNKNOWN),
    ("bill_types", "13", DAY, ""),
    ("bill_types", "33", date(2013, 9, 30), ""),
    ("bill_types", "33", date(2013, 10, 1), external.ENDED),
    ("bill_types", "87", date(2020, 12, 31), external.ENDED),  # not yet
    ("bill_types", "19", DAY, external.UNKNOWN),
    ("bill_types", "131", DAY, ""),
    ("bill_types", "0131", DAY, ""),
    ("bill_types", "191", DAY, external.UNKNOWN),
    ("bill_types", "13S", DAY, external.UNKNOWN),
    ("bill_types", "15", date(2026, 8, 21), ""),  # out of use, yet nobody says since when: not before our list
    ("bill_types", "15", date(2026, 8, 22), external.ENDED),
    ("condition_codes", "41", DAY, ""),
    ("condition_codes", "QQ", DAY, external.UNLISTED),
    ("claim_statuses", "999", DAY, external.UNLISTED),
    ("claim_statuses", "771", DAY, ""),
    ("revenue_codes", "912", DAY, ""),
    ("revenue_codes", "UN", DAY, external.UNKNOWN),
    ("places_of_service", "10", date(2021, 12, 31), external.ENDED),
    ("procedures", "12345", DAY, ""),  # a small part: not being in it proves nothing
    ("carc", "15", date(2010, 1, 1), ""),
    ("carc", "15", None, ""),
    ("countries", "CA", None, ""),
    ("diagnoses", "Q9999", None, external.UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("table", "code", "on", "verdict"), JUDGED)
def test_codes_are_judged_by_list_and_day(table, code, on, verdict):
    assert external.judge(table, code, on) == verdict
    if verdict == external.ENDED:
        assert "20" in external.facts_of(external.Doubt(verdict, 1, 0, table, code, on))["when"]


def test_a_value_that_the_guide_refuses_is_told_once():
    _, found = codes_of(changed("835", "WO:ADJ1", "ZQ:ADJ1"))
    assert [(one.code, one.where.element) for one in found] == [("x12.element.code", "PLB03")]


def test_profiles_tighten_and_relax_by_data():
    unlisted = remark("ZZZZ")
    assert codes_of(unlisted, load_profile("strict"))[1][0].severity is Severity.TELL  # we may lack it
    rule = {"x12.code.unlisted": Change(Severity.STOP, {"ik3": "8", "ik4": "7"})}
    tight = Profile("tight", {(code, ""): change for code, change in rule.items()})
    assert codes_of(unlisted, tight)[1][0].severity is Severity.STOP
    assert codes_of(unlisted, load_profile("lenient")) == ([], [])
    wrong = changed("837P", PROVIDER, "101YM0800Z")
    assert codes_of(wrong, load_profile("strict"))[1][0].severity is Severity.STOP
    assert codes_of(wrong, load_profile("lenient"))[1][0].severity is Severity.TELL


# -- the tables themselves ---------------------------------------------------------------------------------


def test_rows_name_lists_that_are_described_and_hold_what_they_say():
    named = lists.external_lists()
    assert {row["table"] for row in read_csv("x12/external_codes.csv")} == set(named)
    for one in named.values():
        assert one.extent in ("whole", "part", "none") and one.asked in ("yes", "ended", "no")
        assert bool(one.why) == (one.asked != "yes"), one.name
        assert (one.extent == "none") == (not one.tables)
        if one.tables:
            assert one.name == "diagnoses" or lists.held(one.name) >= len(lists.members(one.name)) > 0
            assert external.list_date(one.name) != "unknown date"
        assert one.about is None or one.about > lists.held(one.name)


def test_no_code_of_a_rest_is_also_in_the_table_that_it_completes():
    for one in lists.external_lists().values():
        if len(one.tables) > 1:
            assert lists.held(one.name) == len(lists.members(one.name)), one.name


def test_rows_point_to_what_some_guide_uses():
    uses = [
        child.segment
        for row in guide_rows()
        for loop in load_guide(row["folder"]).loops.values()
        for child in loop.children
        if child.segment
    ]
    for name, spec in external.all_specs():
        assert any(
            use.name == name and any(external.may_hold(use, spec, at) for at in spec.elements) for use in uses
        ), (name, spec)


def test_every_identifier_without_codes_in_its_guide_points_to_a_list():
    """A new guide cannot bring an element of an external list that nobody asks and nobody mentions."""
    mapped = {(name, at, spec.component) for name, spec in external.all_specs() for at in spec.elements}
    for row in guide_rows():
        for loop in load_guide(row["folder"]).loops.values():
            for child in loop.children:
                for rule in child.segment.elements if child.segment else ():
                    if rule.type == "ID" and not rule.codes:
                        assert (child.segment.name, rule.at, rule.component) in mapped, (
                            row["guide"],
                            child.segment,
                            rule,
                        )


def test_a_newer_release_of_a_list_stands_alone(tmp_path):
    from cleanclaim_data.loader import use_overlay

    folder = tmp_path / "codesets"
    folder.mkdir()
    header = ",".join(read_csv("codesets/taxonomy.csv")[0])
    (folder / "taxonomy.csv").write_text(f"{header}\n2084P0800X,Psychiatrist,,,,,,NUCC,seen,\n")
    rows = [dict(row) for row in read_csv("codesets/versions.csv")]
    for row in rows:
        if row["table"] == "taxonomy":
            row["as_of"] = "2027-01-01"
    lines = [",".join(rows[0])] + [",".join(f'"{value}"' for value in row.values()) for row in rows]
    (folder / "versions.csv").write_text("\n".join(lines) + "\n")
    use_overlay(tmp_path)
    try:
        assert external.judge("provider_taxonomy", "2084P0800X", None) == ""
        assert external.judge("provider_taxonomy", "193200000X", None) == external.UNKNOWN
        assert external.list_date("provider_taxonomy") == "2027-01-01"
    finally:
        use_overlay(None)
    assert external.judge("provider_taxonomy", "193200000X", None) == ""


def test_many_claims_at_once_and_one_by_one_tell_the_same():
    """Long codes go by array too; what is told does not hang on the way."""
    head, claim = BODIES["837P"][4].split("HL*2*1*22*0")
    many = head + "".join(f"HL*{number}*1*22*0{claim}\n" for number in range(2, 402))
    text = many.replace(PROVIDER, "101YM0800Z").replace("11:B:1*", "11:B:T*", 1).rstrip("\n")
    found, _ = codes_of(file_of("837P", text))
    assert found == [("x12.code.unknown", "PRV03"), ("x12.code.unknown", "CLM05")]
    assert msgspec.json.encode(found)
