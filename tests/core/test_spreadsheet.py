"""Workbooks are read as text: shared, inline and rich texts, numbers, days; what is no workbook is refused."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from cleanclaim.spreadsheet import CELLS_MAX, SpreadsheetInvalid, is_xlsx, read_xlsx, write_xlsx

TEXTS = "xl/sharedStrings.xml"
RICH = '<si><r><t>am</t></r><r><t>ount</t></r><rPh sb="0" eb="1"><t>x</t></rPh></si>'


@cache
def parts_of_a_workbook() -> dict[str, str]:
    """A workbook with two shared texts and three formats of cells: a day, a day of its own, a number of days."""
    book = Workbook()
    for place, form in enumerate(("mm-dd-yy", "yyyy\\-mm\\-dd", '0.00 "days"'), start=1):
        book.active.cell(1, place, 1).number_format = form
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as archive:
        held = {name: archive.read(name).decode() for name in archive.namelist()}
    # The library writes texts into their cells; spreadsheet programs keep them apart, beside the styles.
    main = re.search('xmlns="[^"]*"', held["xl/worksheets/sheet1.xml"])[0]
    held[TEXTS] = f"<sst {main}><si><t>code</t></si>{RICH}</sst>"
    for name, item in (("[Content_Types].xml", "Override"), ("xl/_rels/workbook.xml.rels", "Relationship")):
        styles = next(one for one in re.findall(f"<{item} [^>]*>", held[name]) if "styles.xml" in one)
        own = re.sub('Id="[^"]*"', 'Id="rId77"', styles.replace("styles", "sharedStrings"))
        held[name] = held[name].replace(styles, styles + own)
    return held


def workbook(rows: str, *, extra: str = "", **parts: str) -> bytes:
    held = dict(parts_of_a_workbook())
    sheet = "xl/worksheets/sheet1.xml"
    held[sheet] = re.sub("<sheetData>.*</sheetData>", lambda _: f"<sheetData>{rows}</sheetData>", held[sheet])
    held["xl/workbook.xml"] = re.sub("<workbookPr ?/>", extra or "<workbookPr/>", held["xl/workbook.xml"])
    assert extra in held["xl/workbook.xml"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (held | parts).items():
            archive.writestr(name, text)
    return out.getvalue()


CELLS = [  # cell, text, why
    ('<c r="A1" t="s"><v>0</v></c>', "code", "a shared text"),
    ('<c r="A1" t="s"><v>1</v></c>', "amount", "rich text, without its reading"),
    ('<c r="A1" t="inlineStr"><is><t>x y </t></is></c>', "x y", "an inline text"),
    ('<c r="A1"><v>120.09999999999999</v></c>', "120.1", "what people wrote, not what a float keeps"),
    ('<c r="A1"><v>90837</v></c>', "90837", "a code that was typed as a number"),
    ('<c r="A1"><v>1E-2</v></c>', "0.01", "an exponent"),
    ('<c r="A1" s="1"><v>46023</v></c>', "2026-01-01", "a day in a built-in format"),
    ('<c r="A1" s="2"><v>46023.75</v></c>', "2026-01-01", "a day with its hour, in an own format"),
    ('<c r="A1" s="3"><v>30</v></c>', "30", "the letter d inside quotes makes no day"),
    ('<c r="A1" t="b"><v>1</v></c>', "yes", "a truth"),
    ('<c r="A1" t="str"><f>1+1</f><v>2</v></c>', "2", "a formula's last value"),
]


@pytest.mark.parametrize(("cell", "text", "why"), CELLS)
def test_each_kind_of_cell_as_text(cell, text, why):
    assert read_xlsx(workbook(f'<row r="1">{cell}</row>')) == [[text]], why


def test_missing_cells_and_rows_are_empty():
    rows = '<row r="2"><c r="C2"><v>7</v></c></row>'
    assert read_xlsx(workbook(rows)) == [[], ["", "", "7"]]


def test_days_since_1904():
    data = workbook('<row r="1"><c s="1"><v>1</v></c></row>', extra='<workbookPr date1904="1"/>')
    assert read_xlsx(data) == [["1904-01-02"]]


def test_cells_beyond_the_last_that_is_read_are_left_out():
    row = "".join(f'<c r="{get_column_letter(at)}1"><v>{at}</v></c>' for at in (1, CELLS_MAX, CELLS_MAX + 1))
    ((*cells,),) = read_xlsx(workbook(f'<row r="1">{row}</row>'))
    assert (len(cells), cells[0], cells[-1]) == (CELLS_MAX, "1", str(CELLS_MAX))


FAULTY = [
    (b"code,amount\n", "no archive"),
    (workbook("")[:200], "cut off"),
    (workbook("", **{"xl/workbook.xml": "<workbook>"}), "no XML"),
    (workbook('<row r="1"><c t="s"><v>99</v></c></row>'), "a text that is not held"),
    (workbook('<row r="200000"><c><v>1</v></c></row>'), "too many rows"),
    (workbook("", **{"xl/workbook.xml": '<!DOCTYPE a [<!ENTITY b "c">]><workbook>&b;</workbook>'}), "entities"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "why"), FAULTY)
def test_what_is_no_workbook_is_refused(data, why):
    with pytest.raises(SpreadsheetInvalid):
        read_xlsx(data)


def test_what_looks_like_a_workbook():
    assert is_xlsx(workbook("")) and not is_xlsx(b"code,amount")


def test_what_is_written_is_read_again_and_no_text_is_a_formula():
    rows = [
        ["A1003", date(2026, 11, 2), Decimal("120.10"), 3, None],
        ["=1+1", date(2026, 1, 1), Decimal("-0.05"), 0, "x"],
    ]
    data = write_xlsx("Underpaid lines", ["Claim", "Date", "Short", "Units", "Why"], rows)
    assert read_xlsx(data) == [
        ["Claim", "Date", "Short", "Units", "Why"],
        ["A1003", "2026-11-02", "120.1", "3"],
        ["=1+1", "2026-01-01", "-0.05", "0", "x"],
    ]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_unpacked():
    data = workbook("", **{"xl/media/x.bin": "0" * (65 * 1024 * 1024)})
    assert len(data) < 200_000
    with pytest.raises(SpreadsheetInvalid, match="64 MB"):
        read_xlsx(data)
