"""Tables say what the typed readers say, however the file is cut, and never raise on input."""

from __future__ import annotations

import csv
import random

import polars as pl
import pytest
from builders import BODIES, changed, file_of

from cleanclaim.x12.columns import SCHEMAS, query, read_tables, scan_tables, write_tables
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.claim_837p import read_837p
from cleanclaim.x12.sets.remittance_835 import read_835

REMIT, CLAIM = file_of("835"), file_of("837P")


def samples_of(samples_dir, *kinds):
    with open(samples_dir / "MANIFEST.csv", newline="") as table:
        for row in csv.DictReader(table):
            if row["kind"] in kinds and not row["file"].startswith("bad/"):
                yield row["file"], (samples_dir / row["file"]).read_bytes()


def same(one, other):
    return all(one[name].equals(other[name], null_equal=True) for name in SCHEMAS)


def test_the_usual_remittance():
    tables = read_tables(REMIT)
    assert tables["payments"].select(
        "control_number", "paid_cents", "method", "trace_number", "payer_name", "payee_id"
    ).rows() == [("0001", 19500, "ACH", "EFT1", "EVERGREEN", "1234567893")]
    assert tables["claims"].select(
        "claim_number", "status", "charge_cents", "paid_cents", "patient_cents", "segment"
    ).rows() == [("A1003", "1", 31000, 20000, 3000, 12)]
    assert tables["lines"].select("claim", "line", "qualifier", "code", "charge_cents", "paid_cents").rows() == [
        (1, 1, "HC", "90837", 17500, 11000), (1, 2, "HC", "90834", 13500, 9000),
    ]  # fmt: skip
    assert tables["adjustments"].select("line", "group_code", "reason", "amount_cents").rows() == [
        (1, "CO", "45", 4500), (1, "PR", "3", 2000), (2, "CO", "45", 3500), (2, "PR", "3", 1000),
    ]  # fmt: skip
    assert tables["provider_adjustments"].select("code", "reference", "amount_cents").rows() == [
        ("WO", "ADJ1", 500)
    ]
    assert tables["problems"].height == 0


def test_the_usual_claims():
    tables = read_tables(CLAIM)
    assert tables["claims"].select(
        "claim_number", "charge_cents", "facility_code", "frequency", "filing_code", "member_id", "payer_id",
        "billing_id", "billing_level", "subscriber_level", "patient_level",
    ).rows() == [("A1003", 31000, "11", "1", "CI", "W1", "60054", "1234567893", 1, 2, None)]  # fmt: skip
    assert tables["lines"].select("code", "charge_cents", "unit", "units", "diagnosis_pointers", "line_control").rows() == [
        ("90837", 17500, "UN", "1", "1", "A1003L1"), ("90834", 13500, "UN", "1", "1", None),
    ]  # fmt: skip
    assert tables["diagnoses"].select("number", "qualifier", "code").rows() == [(1, "ABK", "F331")]


def test_every_row_leads_back_to_its_segment():
    for data, names in ((REMIT, {"claims": "CLP", "lines": "SVC", "adjustments": "CAS", "references": "REF"}),
                        (CLAIM, {"claims": "CLM", "lines": "LX", "diagnoses": "HI", "parties": "NM1"})):  # fmt: skip
        segments = {one.offset: one for found in read_x12(data).transactions() for one in found.segments}
        tables = read_tables(data)
        for name, segment_id in names.items():
            for offset, position in (
                tables[name].filter(pl.col("set_id") != "").select("offset", "segment").rows()
            ):
                assert (segments[offset].position, segments[offset].id[:2]) == (position, segment_id[:2])


def remittance_rows(remit):
    """What the typed reader knows, in the shape of the tables."""
    claims, lines, adjustments = [], [], []
    for claim in remit.claims:
        claims.append((claim.claim_number, claim.status, claim.charge_cents, claim.paid_cents,
                       claim.patient_cents, claim.payer_control_number, claim.position))  # fmt: skip
        adjustments += [(one.position, one.group, one.reason, one.amount_cents) for one in claim.adjustments]
        for line in claim.lines:
            lines.append((line.code, line.charge_cents, line.paid_cents, line.allowed_cents, line.service_from,
                          line.line_control, line.position))  # fmt: skip
            adjustments += [
                (one.position, one.group, one.reason, one.amount_cents) for one in line.adjustments
            ]
    return claims, lines, adjustments


def test_remittances_agree_with_the_typed_reader(samples_dir):
    agreed = 0
    for name, data in samples_of(samples_dir, "835"):
        found = [read_835(one)[0] for one in read_x12(data).transactions() if one.set_id == "835"]
        tables = read_tables(data)
        expected = [remittance_rows(one) for one in found]
        claims = tables["claims"].with_columns(
            pl.col("claim_number", "payer_control_number").fill_null("").str.strip_chars()
        )
        assert claims.select(
            "claim_number",
            "status",
            "charge_cents",
            "paid_cents",
            "patient_cents",
            "payer_control_number",
            "segment",
        ).fill_null(0).rows() == [
            (*one[:4], one[4] or 0, *one[5:]) for rows in expected for one in rows[0]
        ], name
        lines = tables["lines"].with_columns(
            pl.col("code").fill_null(""), pl.col("line_control").fill_null("").str.strip_chars()
        )
        assert lines.select(
            "code", "charge_cents", "paid_cents", "allowed_cents", "service_from", "line_control", "segment"
        ).rows() == [one for rows in expected for one in rows[1]], name
        assert tables["adjustments"].select("segment", "group_code", "reason", "amount_cents").rows() == [
            one for rows in expected for one in rows[2]
        ], name
        assert tables["payments"]["paid_cents"].to_list() == [one.paid_cents for one in found], name
        assert tables["provider_adjustments"]["amount_cents"].to_list() == [
            one.amount_cents for remit in found for one in remit.provider_adjustments
        ], name
        agreed += 1
    assert agreed >= 23


def test_claims_agree_with_the_typed_reader(samples_dir):
    agreed = 0
    for name, data in samples_of(samples_dir, "837p"):
        found = [one for transaction in read_x12(data).transactions() for one in read_837p(transaction)[0]]
        tables = read_tables(data)
        by_place = {row["segment"]: row for row in tables["claims"].iter_rows(named=True)}
        if len(by_place) != tables["claims"].height:
            continue  # several transactions: places repeat
        for one in found:
            row = by_place[one.position]
            claim = one.claim
            assert row["claim_number"] == claim.claim_number, name
            assert row["charge_cents"] == claim.total_charge_cents, name
            assert (row["member_id"] or "") == claim.member_id, name
            assert (row["payer_id"] or "") == claim.payer.payer_id, name
            lines = tables["lines"].filter(pl.col("claim") == row["claim"])
            assert lines.select("code", "charge_cents", "service_from").rows() == [
                (line.code or None, line.charge_cents, line.date_of_service) for line in claim.lines
            ], name
            codes = tables["diagnoses"].filter(
                (pl.col("claim") == row["claim"]) & pl.col("qualifier").is_in(["ABK", "ABF", "BK", "BF"])
            )["code"].to_list()  # fmt: skip
            assert [code.replace(".", "") for code in codes] == [
                code.replace(".", "") for code in claim.diagnoses
            ], name
            agreed += 1
    assert agreed >= 20


def test_slices_change_nothing(samples_dir):
    size, checked = 900, 0
    for name, data in samples_of(samples_dir, "835", "837p", "837i", "mixed"):
        if size < len(data) < 6 * size:
            assert same(read_tables(data), read_tables(data, slice_bytes=size)), name
            checked += 1
    assert checked >= 8


def test_line_ends_and_padding_change_nothing():
    plain = read_tables(REMIT)["claims"].drop("offset")
    for changed_data in (REMIT.replace(b"~", b"~\r\n"), REMIT.replace(b"~", b"~\n" + b" " * 40),
                         b"\xef\xbb\xbf" + REMIT, REMIT + b"\x00" * 50, REMIT.replace(b"~", b"\n")):  # fmt: skip
        assert read_tables(changed_data)["claims"].drop("offset").equals(plain)


def test_interchanges_with_other_delimiters_follow_one_another():
    from cleanclaim.x12.index import Delimiters

    other = file_of("835", delimiters=Delimiters("|", ">", "!", "\\"))
    tables = read_tables(REMIT + other + CLAIM)
    assert tables["claims"]["claim"].to_list() == [1, 2, 3]
    assert tables["claims"]["set_id"].to_list() == ["835", "835", "837"]
    assert tables["payments"]["transaction"].to_list() == [1, 2]


def test_unreadable_amounts_are_null_and_told():
    tables = read_tables(changed("835", "SVC*HC:90837*175*", "SVC*HC:90837*1x5*"))
    assert tables["lines"]["charge_cents"].to_list() == [None, 13500]
    assert tables["problems"].select("segment", "element", "code").rows() == [
        (14, "SVC02", "x12.columns.amount_unreadable")
    ]


@pytest.mark.parametrize(("data", "code"), [
    (b"", "x12.columns.empty"), (b"name,amount\n", "x12.columns.no_isa"), (b"\xff\xfeI\x00S\x00A\x00", "x12.columns.no_isa"),
    (b"ISA*00*short~", "x12.columns.no_isa"),
])  # fmt: skip
def test_what_is_no_x12_is_told(data, code):
    tables = read_tables(data)
    assert tables["problems"]["code"].to_list() == [code]
    assert all(frame.height == 0 for name, frame in tables.items() if name != "problems")


AMOUNTS = [
    ("12.5", 1250), ("-.05", -5), ("175", 17500), ("12.345", None), ("12.340", 1234), ("1e5", None), ("+5", 500),
    (" 5", 500), ("5.", 500), (".", None), ("-", None), ("1,250", None), ("9" * 30, None), ("1.2.3", None),
    ("--5", None), ("123456789.01", 12345678901), ("-1234567890.12", -123456789012), ("0", 0), ("007.10", 710),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), AMOUNTS)
def test_amounts_follow_the_rules_of_money(text, expected):
    tables = read_tables(changed("835", "SVC*HC:90837*175*", f"SVC*HC:90837*{text}*"))
    assert tables["lines"]["charge_cents"].to_list() == [expected, 13500]
    assert tables["problems"].height == (expected is None)


DAYS = [("20261015", "2026-10-15"), ("20240229", "2024-02-29"), ("20230229", None), ("20261315", None),
        ("2026101", None), ("2026101X", None), ("19000101", "1900-01-01"), ("00000101", None)]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DAYS)
def test_days_are_days_of_the_calendar(text, expected):
    tables = read_tables(changed("835", "DTM*472*20261015", f"DTM*472*{text}"))
    assert str(tables["lines"]["service_from"][0]) == str(expected)


def test_mutated_files_never_raise():
    rng = random.Random(7)
    pieces = [
        b"~",
        b"*",
        b":",
        b"ISA",
        b"ST*835*1~",
        b"CLP*",
        b"\n",
        b"\xff",
        b"HL*1**20~",
        b"~~",
        b"\x00" * 20,
    ]
    for _ in range(150):
        data = bytearray(rng.choice([REMIT, CLAIM, REMIT + CLAIM]))
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(data) or 1)
            choice = rng.randrange(3)
            if choice == 0:
                data[at : at + rng.randint(0, 60)] = rng.choice(pieces)
            elif choice == 1:
                del data[at : at + rng.randint(1, 200)]
            else:
                data[at:at] = rng.choice(pieces)
        tables = read_tables(bytes(data), slice_bytes=rng.choice([600, 100_000]))
        assert set(tables) == set(SCHEMAS)


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_files_hold_the_tables(tmp_path, format):
    rows = write_tables([REMIT, CLAIM], tmp_path, format=format)
    assert rows["claims"] == 2 and rows["adjustments"] == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"{name}.{format}" for name in SCHEMAS)
    read = pl.read_parquet if format == "parquet" else pl.read_csv
    assert read(tmp_path / f"claims.{format}")["charge_cents"].to_list() == [31000, 31000]


def test_sql_joins_what_was_sent_with_what_was_paid():
    found = query(
        "SELECT sent.claim_number, sent.charge_cents, paid.paid_cents FROM claims sent "
        "JOIN claims paid ON sent.claim_number = paid.claim_number "
        "WHERE sent.set_id = '837' AND paid.set_id = '835'",
        [CLAIM, REMIT],
    )
    assert found.rows() == [("A1003", 31000, 20000)]


def test_only_wanted_tables_are_made():
    (found,) = scan_tables(REMIT, tables=["claims"])
    assert list(found) == ["claims", "problems"]
    with pytest.raises(KeyError):
        read_tables(REMIT, tables=["claimz"])


def test_adjustments_of_other_payers_name_them():
    text = BODIES["837P"][4].replace(
        "LX*1\n",
        "SBR*S*18*******CI\nCAS*PR*1*20\nAMT*D*100\nOI***Y***Y\nNM1*IL*1*TESTER*TERRY****MI*X9\n"
        "NM1*PR*2*OTHER*****PI*77777\nLX*1\n", 1,
    ).replace("DTP*472*D8*20261015\n", "DTP*472*D8*20261015\nSVD*77777*75*HC:90837**1\nCAS*CO*45*80\nDTP*573*D8*20261101\n")  # fmt: skip
    tables = read_tables(file_of("837P", text))
    assert tables["adjustments"].select("line", "payer_id", "group_code", "amount_cents").rows() == [
        (None, "77777", "PR", 2000), (1, "77777", "CO", 8000),
    ]  # fmt: skip
    assert tables["other_payers"].select("sequence", "payer_id", "paid_cents").rows() == [
        ("S", "77777", 10000)
    ]
    assert tables["adjudications"].select("line", "payer_id", "paid_cents", "code").rows() == [
        (1, "77777", 7500, "90837")
    ]
    assert str(tables["adjudications"]["paid_on"][0]) == "2026-11-01"
