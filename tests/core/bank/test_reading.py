"""Statements of three formats; what is refused, and that it is refused whole."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleanclaim.bank import CsvColumns, LineKind, find_traces, read_statement
from cleanclaim.bank.csv_file import read_date, read_money

CSVS = [  # content, lines as (day, cents, traces, check, kind), why
    (
        "Date,Description,Amount\n2026-03-02,HCCLAIMPMT ACH TRN*1*T12345*1999999999~,1234.50\n03/03/2026,CHECK 00042,-20\n",
        [(date(2026, 3, 2), 123450, ("T12345",), "", LineKind.ACH), (date(2026, 3, 3), -2000, (), "42", LineKind.CHECK)],
        "one amount column, dates in two forms",
    ),
    (
        'Account 1234\n\nPosting Date,Details,Description,Debit,Credit,Check Number\n03/02/26,CREDIT,"DEPOSIT, BRANCH",,"$1,000.00",000777\n03/02/26,DEBIT,FEE,(5.00),,\n',
        [(date(2026, 3, 2), 100000, (), "777", LineKind.CHECK), (date(2026, 3, 2), -500, (), "", LineKind.FEE)],
        "a title above, debit and credit apart, dollars and brackets",
    ),
    (
        "Transaction Date;Narrative;Amount;DR/CR\n20260302;WIRE IN;12,00;CR\n".replace("12,00", "12.00"),
        [(date(2026, 3, 2), 1200, (), "", LineKind.WIRE)],
        "semicolons",
    ),
    (
        "Date\tDescription\tAmount\tType\n2026-03-02\tPAYMENT\t45.10\tDebit\n",
        [(date(2026, 3, 2), -4510, (), "", LineKind.OTHER)],
        "the direction in words",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("content", "lines", "why"), CSVS)
def test_csv_by_its_headers(content, lines, why):
    found = read_statement(content.encode())
    assert not found.findings
    assert [
        (one.booked_on, one.amount_cents, one.traces, one.check_number, one.kind) for one in found.lines
    ] == lines, why


def test_csv_bad_rows_are_told_and_the_others_go_on():
    data = b"Date,Description,Amount\n2026-03-02,A,1.00\nyesterday,B,2.00\n2026-03-04,C,three\n2026-03-05,D,\n2026-03-06,E,6.00\n"
    found = read_statement(data)
    assert [one.amount_cents for one in found.lines] == [100, 600]
    assert [(one.code, one.where.line) for one in found.findings] == [
        ("bank.date_unreadable", 3),
        ("bank.amount_unreadable", 4),
    ]


def test_csv_with_columns_of_its_own():
    data = b"When,What,In,Out\n2026-03-02,A,1.00,\n2026-03-03,B,,2.00\n"
    assert [one.code for one in read_statement(data).findings] == ["bank.csv_columns_unknown"]
    columns = CsvColumns(date="When", credit="In", debit="Out", text=("What",))
    assert [one.amount_cents for one in read_statement(data, columns=columns).lines] == [100, -200]


def test_equal_lines_of_a_day_are_kept_apart_and_reading_again_gives_the_same_keys():
    row = b"2026-03-02,DEPOSIT,50.00\n"
    head = b"Date,Description,Amount\n"
    once, both = read_statement(head + row), read_statement(head + row + row)
    assert len({one.key for one in both.lines}) == 2
    assert once.lines[0].key == both.lines[0].key


def bai2(*details, total=None, count=None, day="260302", account="123456789"):
    body = [f"03,{account},USD,010,500000,,/", *details]
    cents = 500000 + sum(int(one.split(",")[2]) for one in details if one.startswith("16,"))
    records = len(body) + 1
    return "\n".join(
        [
            "01,BANK,US,260303,0600,1,80,,2/", f"02,US,BANK,1,{day},2359,USD,2/", *body,
            f"49,{cents if total is None else total},{records if count is None else count}/",
            f"98,{cents if total is None else total},1,{records + 2 if count is None else count}/",
            f"99,{cents if total is None else total},1,{records + 4 if count is None else count}/",
        ]
    ).encode()  # fmt: skip


DETAILS = [  # detail records, (cents, kind, traces, check, references, text), why
    (["16,165,123450,0,BR1,CR1,HCCLAIMPMT TRN*1*T12345*1999999999"], (123450, LineKind.ACH, ("T12345",), "", ("BR1", "CR1"), "HCCLAIMPMT TRN*1*T12345*1999999999"), "an electronic payment with its trace"),
    (["16,475,2000,,BR2,000042,CHECK PAID/"], (-2000, LineKind.CHECK, (), "42", ("BR2", "000042"), "CHECK PAID"), "a check of ours: a debit"),
    (["16,142,5000,S,5000,0,0,BR3,,A, B AND C"], (5000, LineKind.ACH, (), "", ("BR3", ""), "A, B AND C"), "availability in three parts, commas in the text"),
    (["16,142,5000,V,260303,1200,BR4,,X"], (5000, LineKind.ACH, (), "", ("BR4", ""), "X"), "value dated"),
    (["16,142,5000,D,2,0,2000,1,3000,BR5,,X"], (5000, LineKind.ACH, (), "", ("BR5", ""), "X"), "availability by days"),
    (["16,165,9000,,BR6,,HCCLAIMPMT", "88,TRN*1*T77777*1999999999"], (9000, LineKind.ACH, ("T77777",), "", ("BR6", ""), "HCCLAIMPMT TRN*1*T77777*1999999999"), "text on a continuation"),
    (["16,165,9000,,BR7,/", "88,PLAIN TEXT"], (9000, LineKind.ACH, (), "", ("BR7", ""), "PLAIN TEXT"), "the record closed before its text"),
    (["16,165,9000,,BR8,,".ljust(75, "X") + "TRN*1", "88,*T99999*1999999999"], (9000, LineKind.ACH, ("T99999",), "", ("BR8", ""), "X" * 57 + "TRN*1*T99999*1999999999"), "text broken at a fixed width"),
]  # fmt: skip


@pytest.mark.parametrize(("details", "line", "why"), DETAILS)
def test_bai2_details(details, line, why):
    found = read_statement(bai2(*details))
    assert not found.findings, found.findings
    (one,) = found.lines
    assert (
        one.amount_cents, one.kind, one.traces, one.check_number, (one.bank_reference, one.customer_reference), one.text,
    ) == line, why  # fmt: skip
    assert (one.booked_on, one.account) == (date(2026, 3, 2), "6789")


GOOD = "16,165,9000,,BR,,X"
BROKEN = [  # bytes, code, why
    (bai2(GOOD, total=1), "bank.bai2_total", "a control total is off"),
    (bai2(GOOD, count=3), "bank.bai2_count", "a count is off"),
    (b"\n".join(bai2(GOOD).splitlines()[:-1]), "bank.bai2_cut_off", "no trailer"),
    (bai2("16,165,ninety,,BR,,X").replace(b"ninety", b"9x") if False else bai2(GOOD).replace(b",9000,", b",9x00,"), "bank.amount_unreadable", "an amount with letters"),
    (bai2(GOOD).replace(b"260302", b"269902"), "bank.bai2_date", "no such day"),
    (bai2(GOOD) + b"\n16,165,9000,,BR,,X", "bank.bai2_order", "something after the end"),
    (bai2(GOOD).replace(b"\n16,", b"\n17,"), "bank.bai2_record_unknown", "an unknown record"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "code", "why"), BROKEN)
def test_a_broken_bai2_file_is_refused_whole(data, code, why):
    found = read_statement(data)
    assert (found.lines, [one.code for one in found.findings]) == ((), [code]), why
    assert found.findings[0].severity.stops


def camt(*entries):
    return (
        '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>'
        "<Acct><Id><Othr><Id>000123456789</Id></Othr></Id></Acct>"
        + "".join(entries)
        + "</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def entry(
    amount="90.00",
    direction="CRDT",
    details="",
    status="<Sts><Cd>BOOK</Cd></Sts>",
    currency="USD",
    day="2026-03-02",
):
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{status}'
        f"<BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>BR1</AcctSvcrRef><NtryDtls>{details}</NtryDtls></Ntry>"
    )


def part(amount, text="", check=""):
    number = f"<ChqNb>{check}</ChqNb>" if check else ""
    return (
        f'<TxDtls><Refs><EndToEndId>E2E</EndToEndId>{number}</Refs><Amt Ccy="USD">{amount}</Amt>'
        f"<RltdPties><Dbtr><Pty><Nm>EXAMPLE HEALTH PLAN</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"
    )


CAMTS = [  # entries, lines as (cents, traces, check, payer), why
    ([entry(details=part("90.00", "HCCLAIMPMT TRN*1*T12345*1999999999"))], [(9000, ("T12345",), "", "EXAMPLE HEALTH PLAN")], "one payment"),
    ([entry(direction="DBIT")], [(-9000, (), "", "")], "a debit without details"),
    ([entry("150.00", details=part("90.00", "TRN*1*T12345*1") + part("60.00", check="0777"))], [(9000, ("T12345",), "", "EXAMPLE HEALTH PLAN"), (6000, (), "777", "EXAMPLE HEALTH PLAN")], "a batch whose parts add up"),
    ([entry("150.00", details=part("90.00", "TRN*1*T12345*1") + part("50.00"))], [(15000, ("T12345",), "", "EXAMPLE HEALTH PLAN")], "a batch whose parts do not: one line"),
    ([entry(status="<Sts>PDNG</Sts>")], [], "pending is not booked"),
    ([entry(status="<Sts>BOOK</Sts>")], [(9000, (), "", "")], "the older form of the status"),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "lines", "why"), CAMTS)
def test_camt_entries(entries, lines, why):
    found = read_statement(camt(*entries))
    assert not found.findings
    assert [
        (one.amount_cents, one.traces, one.check_number, one.payer_name) for one in found.lines
    ] == lines, why
    assert all(one.account == "6789" for one in found.lines)


def test_camt_one_bad_entry_is_told_and_the_others_go_on():
    found = read_statement(
        camt(entry("x"), entry(currency="EUR"), entry(direction="?"), entry(day="no"), entry("1.00"))
    )
    assert [one.amount_cents for one in found.lines] == [100]
    assert [one.code for one in found.findings] == [
        "bank.amount_unreadable", "bank.currency", "bank.direction_unknown", "bank.date_unreadable",
    ]  # fmt: skip


HEAD = b'<?xml version="1.0"?>'
HOSTILE = [
    (HEAD + b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><d>&b;</d>', "bank.xml_unsafe", "entities that grow"),
    (HEAD + b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>', "bank.xml_unsafe", "an outside file"),
    (HEAD + b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd"><d/>', "bank.xml_unsafe", "an outside document type"),
    (HEAD + b"<a>" * 100_000, "bank.xml_too_deep", "nested without end"),
    (HEAD + b"<Document><BkToCstmrStmt>", "bank.xml_broken", "cut off"),
    (HEAD + b"<html/>", "bank.camt_not_camt", "another document"),
    (HEAD.replace(b'?>', b' encoding="klingon"?>') + b"<a/>", "bank.xml_broken", "an unknown encoding"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "code", "why"), HOSTILE)
@pytest.mark.timeout(5)
def test_hostile_xml_is_refused(data, code, why):
    found = read_statement(data)
    assert (found.lines, [one.code for one in found.findings]) == ((), [code]), why


MONEY = [
    ("$1,234.50", 123450),
    ("(12.00)", -1200),
    ("12.00-", -1200),
    ("1234.5 CR", 123450),
    ("12 DR", -1200),
    ("-3", -300),
]


@pytest.mark.parametrize(("text", "cents"), MONEY)
def test_amounts_as_banks_write_them(text, cents):
    assert read_money(text) == cents


def test_dates_as_banks_write_them():
    for text in ("2026-03-02", "03/02/2026", "3/2/26", "20260302", "Mar 02, 2026", "2026-03-02T10:00:00"):
        assert read_date(text) == date(2026, 3, 2), text
    assert read_date("31/31/2026") is None


TRACES = [
    ("TRN*1*0042*1999999999*SUB\\", ("0042",)),
    ("ADDENDA TRN|1|A-77|1999999999", ("A-77",)),
    ("TRN 1 88877 1999999999", ("88877",)),
    ("EFT TRACE #0912345", ("0912345",)),
    ("CHECK DEPOSIT", ()),
    ("TRN*1*AAA*1 TRN*1*BBB*1", ("AAA", "BBB")),
]


@pytest.mark.parametrize(("text", "traces"), TRACES)
def test_traces_in_the_text(text, traces):
    assert find_traces(text) == traces


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=400).map(lambda text: ("01," + text).encode("utf-8", "replace")),
    )
)
def test_any_bytes_are_answered(data):
    found = read_statement(data)
    assert found.lines or found.findings or found.format == "csv"
