"""The session file: each fault of a row, each kind of foreign file."""

from __future__ import annotations

from datetime import date, time

import pytest

from cleanclaim.coding import read_session_rows

HEADER = "case_id,dos,service,setting,start_time,stop_time,minutes,participants,credential,payer_kind,payer_profile,units,patient"
GOOD = (
    "A1,2026-11-09,individual psychotherapy,office,09:00,09:45,45,patient,LCSW,commercial,av_mod=95,,Jane Doe"
)


def read(*lines, header=HEADER, **options):
    return read_session_rows("\n".join([header, *lines]).encode(), **options)


def changed(**cells):
    values = dict(zip(HEADER.split(","), GOOD.split(","), strict=True))
    return ",".join({**values, **cells}.values())


def codes(findings):
    return [finding.code for finding in findings]


def test_a_good_row():
    rows, findings = read(GOOD)
    assert findings == []
    (row,) = rows
    assert (row.line, row.case_id) == (2, "A1")
    assert row.facts.dos == date(2026, 11, 9)
    assert row.facts.service == ("individual psychotherapy",)
    assert (row.facts.start_time, row.facts.stop_time) == (time(9), time(9, 45))
    assert row.facts.minutes == (45,)
    assert row.facts.payer_profile == {"av_mod": "95"}
    assert row.extras == {"patient": "Jane Doe"}


LENIENT = [  # column, cell, field, value, why
    ("dos", "11/09/2026", "dos", date(2026, 11, 9), "US order with a four-digit year"),
    ("dos", "20261109", "dos", date(2026, 11, 9), "eight digits"),
    ("dos", "2026-11-09 00:00:00", "dos", date(2026, 11, 9), "as spreadsheets export dates"),
    ("start_time", "9:00 AM", "start_time", time(9), "twelve-hour clock"),
    ("stop_time", "12:05 am", "stop_time", time(0, 5), "just past midnight"),
    ("stop_time", "14:30:00", "stop_time", time(14, 30), "seconds"),
    ("minutes", "45.0", "minutes", (45,), "a number as spreadsheets write it"),
    ("credential", "lcsw", "credential", "LCSW", "capitals do not matter"),
    ("credential", "LMHC", "credential", "LPC", "a state's name of the licence"),
    ("service", "Individual  Psychotherapy", "service", ("individual psychotherapy",), "capitals and blanks"),
    (
        "service",
        "E/M only;individual psychotherapy",
        "service",
        ("E/M only", "individual psychotherapy"),
        "two",
    ),
    ("units", "2", "units", 2, "a number"),
]


@pytest.mark.parametrize(("column", "cell", "field", "value", "why"), LENIENT)
def test_ways_of_writing(column, cell, field, value, why):
    rows, findings = read(changed(**{column: cell}))
    assert findings == [], why
    assert getattr(rows[0].facts, field) == value


FAULTS = [  # column, cell, code, shown
    ("dos", "2026-02-30", "sessions.date_not_read", "2026-02-30"),
    ("dos", "13/40/2026", "sessions.date_not_read", "13/40/2026"),
    ("dos", "1975-11-09", "sessions.date_not_read", "10 characters of text"),
    ("dos", "123-45-6789", "sessions.date_not_read", "11 characters of text"),
    ("dos", "Jane Doe", "sessions.date_not_read", "8 characters of text"),
    ("dos", "", "sessions.value_missing", "nothing"),
    ("start_time", "25:00", "sessions.time_not_read", "25:00"),
    ("start_time", "13:00 PM", "sessions.time_not_read", "13:00 PM"),
    ("stop_time", "soon", "sessions.time_not_read", "4 characters of text"),
    ("minutes", "45min", "sessions.number_not_read", "5 characters of text"),
    ("minutes", "-45", "sessions.number_not_read", "-45"),
    ("minutes", "45;50", "sessions.list_not_aligned", "2 entries"),
    ("units", "1.5", "sessions.number_not_read", "1.5"),
    ("service", "individual psychoterapy", "sessions.word_not_known", "23 characters of text"),
    ("setting", "the moon", "sessions.word_not_known", "8 characters of text"),
    ("credential", "RN", "sessions.word_not_known", "2 characters of text"),
    ("credential", "", "sessions.value_missing", "nothing"),
    ("payer_kind", "aetna", "sessions.word_not_known", "5 characters of text"),
    ("participants", "group:x", "sessions.word_not_known", "7 characters of text"),
    ("payer_profile", "av_mod", "sessions.pairs_not_read", "6 characters of text"),
    ("payer_profile", "av_mod=95;av_mod=93", "sessions.pairs_not_read", "19 characters of text"),
]


@pytest.mark.parametrize(("column", "cell", "code", "seen"), FAULTS)
def test_a_faulty_row_has_its_own_finding_and_the_rest_go_on(column, cell, code, seen):
    rows, findings = read(GOOD, changed(case_id="A2", **{column: cell}), changed(case_id="A3"))
    assert [row.case_id for row in rows] == ["A1", "A3"]
    (finding,) = findings
    assert finding.code == code
    assert (finding.where.line, finding.where.column) == (3, column)
    assert finding.facts["seen"] == seen and finding.facts["expected"]
    assert finding.subject_id == "A2"
    assert finding.severity.stops and finding.remedy
    assert "Doe" not in finding.text() + str(finding.facts)


def test_a_word_nearly_right_is_suggested():
    _, (finding,) = read(changed(service="individual psychoterapy"))
    assert finding.remedy == "Did you mean 'individual psychotherapy'?"


def test_all_faults_of_a_row_are_told_at_once():
    rows, findings = read(changed(dos="x", minutes="y", units="z"))
    assert rows == []
    assert sorted(finding.where.column for finding in findings) == ["dos", "minutes", "units"]


def test_too_few_and_too_many_cells():
    rows, findings = read(
        GOOD, "A2,2026-11-09,Jane Doe", GOOD.replace("A1", "A3") + ",more", GOOD.replace("A1", "A4") + ",,"
    )
    assert [row.case_id for row in rows] == ["A1", "A4"], (
        "empty cells past the header are a spreadsheet's habit"
    )
    assert [(found.code, found.where.line, found.facts["seen"]) for found in findings] == [
        ("sessions.cells_count", 3, 3),
        ("sessions.cells_count", 4, 14),
    ]


def test_an_open_quote_costs_its_own_line_only():
    rows, findings = read(GOOD, changed(case_id="A2", patient='"Jane Doe'), changed(case_id="A3"), *[""] * 30)
    assert [row.case_id for row in rows] == ["A1", "A3"]
    assert [(found.code, found.where.line) for found in findings] == [("sessions.quote_open", 3)]


def test_a_quoted_line_break_is_one_row_and_lines_are_counted_right():
    rows, findings = read(changed(patient='"Jane\nDoe"'), changed(case_id="A2", dos="x"))
    assert [row.line for row in rows] == [2]
    assert findings[0].where.line == 4


def test_a_doubled_key_is_told_and_read():
    rows, findings = read(GOOD, GOOD)
    assert len(rows) == 2
    assert [(found.code, found.where.line, found.severity.stops) for found in findings] == [
        ("sessions.case_id_doubled", 3, False)
    ]


def test_an_unknown_key_is_told_and_the_row_is_read():
    rows, findings = read(changed(payer_profile="ncc=medicare"))
    assert len(rows) == 1 and codes(findings) == ["sessions.key_not_known"]


def test_columns_found_elsewhere_may_be_absent():
    header = "Date of Service,Service,Start,Minutes,Client"
    rows, findings = read_session_rows(
        f"{header}\n2026-11-09,individual psychotherapy,09:00,45,x\n".encode(),
        required=frozenset({"dos", "service"}),
    )
    assert findings == []
    assert rows[0].facts.credential == "" and rows[0].extras == {"Client": "x"}


TEXT = f"{HEADER}\n{GOOD}\n"
ENCODINGS = [  # bytes, findings
    (TEXT.encode("utf-8-sig"), []),
    (TEXT.encode("utf-16"), []),
    (TEXT.encode("utf-16-le"), []),
    (TEXT.encode("utf-16-be"), []),
    (TEXT.replace("\n", "\r\n").encode(), []),
    (TEXT.replace("\n", "\r").encode(), []),
    (("sep=,\n" + TEXT).encode(), []),
    (TEXT.replace(",", "\t").encode(), []),
    (TEXT.replace(",", ";").encode(), []),
    (TEXT.replace("Jane", "José").encode("latin-1"), ["sessions.encoding_guessed"]),
]


@pytest.mark.parametrize(("data", "expected"), ENCODINGS, ids=range(len(ENCODINGS)))
def test_encodings_and_line_ends(data, expected):
    rows, findings = read_session_rows(data)
    assert len(rows) == 1 and rows[0].facts.minutes == (45,)
    assert codes(findings) == expected


REFUSED = [  # bytes, code, word in the message
    (b"", "sessions.empty", "empty"),
    (b" \r\n \n", "sessions.empty", "empty"),
    (b"\xef\xbb\xbf\n", "sessions.header_missing", "header"),
    (b"ISA*00*          *00*          *ZZ*A", "sessions.wrong_kind", "X12"),
    (b"PK\x03\x04....", "sessions.wrong_kind", "spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "sessions.wrong_kind", "spreadsheet"),
    (b"\x1f\x8b\x08", "sessions.wrong_kind", "compressed"),
    (b"%PDF-1.7", "sessions.wrong_kind", "PDF"),
    (b'[{"dos": 1}]', "sessions.wrong_kind", "JSON"),
    (b"<html>", "sessions.wrong_kind", "XML"),
    (b"a\x00\x01\x02b,\x03c\x00", "sessions.encoding_unreadable", "text"),
    (b"\xff\xfea", "sessions.encoding_unreadable", "text"),
    (b"name,born\nx,y\n", "sessions.header_missing", "columns"),
    (b"dos,service\n2026-11-09,x\n", "sessions.column_missing", "credential"),
    (b"dos,dos,service,setting,credential,payer_kind\n", "sessions.column_doubled", "dos"),
    (HEADER.encode(), "sessions.no_rows", "no sessions"),
    (HEADER.encode() + b"\n,,,,,,,,,,,,\n\n", "sessions.no_rows", "no sessions"),
]


@pytest.mark.parametrize(("data", "code", "word"), REFUSED)
def test_a_file_of_another_kind_is_refused_with_what_it_is(data, code, word):
    rows, findings = read_session_rows(data)
    assert rows == []
    assert codes(findings) == [code]
    assert word in findings[0].message and findings[0].remedy and findings[0].severity.stops


def test_a_huge_file_is_refused_whole():
    rows, findings = read_session_rows(TEXT.encode(), max_bytes=50)
    assert rows == [] and codes(findings) == ["sessions.too_large"]
    assert findings[0].facts == {"bytes": len(TEXT.encode()), "limit": 50}
