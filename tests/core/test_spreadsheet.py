"""Workbooks are read as text: shared, inline and rich texts, numbers, days; what is no workbook is refused."""

from __future__ import annotations

import io
import zipfile

import pytest

from cleanclaim.spreadsheet import SpreadsheetInvalid, is_xlsx, read_xlsx

MAIN = 'xmlns="urn:main" xmlns:r="urn:rel"'
BOOK = f'<workbook {MAIN}>{{extra}}<sheets><sheet name="A" sheetId="1" r:id="rId7"/></sheets></workbook>'
LINKS = '<Relationships><Relationship Id="rId7" Target="worksheets/first.xml"/></Relationships>'
STYLES = f"""<styleSheet {MAIN}><numFmts><numFmt numFmtId="170" formatCode="yyyy\\-mm\\-dd"/>
<numFmt numFmtId="171" formatCode="0.00 &quot;days&quot;"/></numFmts>
<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>"""
TEXTS = (
    f"<sst {MAIN}><si><t>code</t></si><si><r><t>am</t></r><r><t>ount</t></r><rPh><t>x</t></rPh></si></sst>"
)


def workbook(rows: str, *, extra: str = "", **parts: str) -> bytes:
    out = io.BytesIO()
    held = {
        "xl/workbook.xml": BOOK.format(extra=extra),
        "xl/_rels/workbook.xml.rels": LINKS,
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": TEXTS,
        "xl/worksheets/first.xml": f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>",
    }
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
