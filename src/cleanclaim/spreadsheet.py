"""The first sheet of an XLSX workbook as rows of text, so that a spreadsheet reads like its CSV.

Only what a rate file or a session file needs: shared and inline texts, numbers, dates (ISO), yes and no.
Formulas give the value that was last worked out. No macros are looked at, no links are followed.

Source: ECMA-376, SpreadsheetML (sheet data, shared strings, number formats).
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

UNPACKED_MAX = 64 * 1024 * 1024
ROWS_MAX = 100_000
_DATE_FORMATS = frozenset((*range(14, 18), 22, *range(27, 32), *range(34, 37), 50, 51, 52, 57, 58))
"""Built-in number formats that show a day."""
_CELL = re.compile(r"([A-Z]{1,3})\d*")
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)


class SpreadsheetInvalid(ValueError):
    """The bytes are no workbook that we can read; says why."""


def is_xlsx(data: bytes) -> bool:
    """Whether bytes begin as a workbook does (a ZIP archive)."""
    return data.startswith(b"PK\x03\x04")


def read_xlsx(data: bytes) -> list[list[str]]:
    """The cells of the first sheet, row by row, as text; missing cells are empty.

    Raises:
        SpreadsheetInvalid: It is no workbook, is damaged, or unpacks to more than 64 MB.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > UNPACKED_MAX:
                raise SpreadsheetInvalid("the workbook unpacks to more than 64 MB")
            return _read(archive)
    except (
        zipfile.BadZipFile,
        KeyError,
        ParseError,
        DefusedXmlException,
        EOFError,
        NotImplementedError,
    ) as error:
        raise SpreadsheetInvalid(f"the workbook cannot be read ({type(error).__name__})") from None


def _read(archive: zipfile.ZipFile) -> list[list[str]]:
    names = set(archive.namelist())
    book = fromstring(archive.read("xl/workbook.xml"))
    properties = book.find("{*}workbookPr")
    epoch = _EPOCH_1904 if properties is not None and properties.get("date1904") in ("1", "true") else _EPOCH
    texts = (
        _texts(fromstring(archive.read("xl/sharedStrings.xml"))) if "xl/sharedStrings.xml" in names else []
    )
    dates = (
        _date_styles(fromstring(archive.read("xl/styles.xml"))) if "xl/styles.xml" in names else frozenset()
    )
    sheet = fromstring(archive.read(_first_sheet(archive, book)))
    rows: list[list[str]] = []
    for row in sheet.findall(".//{*}row"):
        number = int(row.get("r", len(rows) + 1))
        if number > ROWS_MAX:
            raise SpreadsheetInvalid(f"the sheet has more than {ROWS_MAX} rows")
        rows += [[] for _ in range(number - len(rows))]
        cells = rows[number - 1]
        for cell in row.findall(".//{*}c"):
            place = _column(cell.get("r", ""), len(cells))
            cells += [""] * (place + 1 - len(cells))
            cells[place] = _value(cell, texts, dates, epoch)
    return rows


def _first_sheet(archive: zipfile.ZipFile, book: Element) -> str:
    first = book.find("{*}sheets/{*}sheet")
    if first is None:
        raise SpreadsheetInvalid("the workbook has no sheet")
    for link in fromstring(archive.read("xl/_rels/workbook.xml.rels")):
        if link.get("Id") == next(
            (value for name, value in first.attrib.items() if name.endswith("}id")), ""
        ):
            target = link.get("Target", "")
            return target[1:] if target.startswith("/") else f"xl/{target}"
    raise SpreadsheetInvalid("the workbook does not say where its first sheet is")


def _local(element: Element) -> str:
    """A tag without its namespace, by which alone strict and transitional workbooks differ here."""
    return element.tag.rpartition("}")[2]


def _texts(strings: Element) -> list[str]:
    # Phonetic readings (rPh) stand beside a text and are no part of it.
    return [
        "".join(
            part.text or ""
            for child in one
            if _local(child) in ("t", "r")
            for part in (child.findall(".//{*}t") or [child])
        )
        for one in strings.findall(".//{*}si")
    ]


def _date_styles(styles: Element) -> frozenset[int]:
    """Numbers of the cell styles that show a day."""
    own = {
        int(one.get("numFmtId", 0))
        for one in styles.findall(".//{*}numFmt")
        if re.search("[dy]", _QUOTED.sub("", one.get("formatCode", "")), re.IGNORECASE)
    }
    held = styles.find("{*}cellXfs")
    found = enumerate(held if held is not None else ())
    return frozenset(place for place, one in found if int(one.get("numFmtId", 0)) in _DATE_FORMATS | own)


def _column(name: str, otherwise: int) -> int:
    match = _CELL.match(name)
    if match is None:
        return otherwise
    place = 0
    for letter in match[1]:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _value(cell: Element, texts: list[str], dates: frozenset[int], epoch: date) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.findall(".//{*}t")).strip()
    held = cell.find("{*}v")
    text = (held.text or "").strip() if held is not None else ""
    if kind == "s":
        place = int(text) if text.isdigit() else -1
        if not 0 <= place < len(texts):
            raise SpreadsheetInvalid("a cell names a text that the workbook does not hold")
        return texts[place].strip()
    if kind == "b":
        return "yes" if text == "1" else "no"
    if kind != "n" or not text:
        return text
    return _number(text, is_date=int(cell.get("s", 0)) in dates, epoch=epoch)


def _number(text: str, *, is_date: bool, epoch: date) -> str:
    """A number as people wrote it: 120.1, not the 120.09999999999999 that a workbook keeps."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    if is_date and 0 < value < 2_958_466:
        return (epoch + timedelta(days=int(value))).isoformat()
    return f"{Decimal(f'{value:.12g}').normalize():f}"
