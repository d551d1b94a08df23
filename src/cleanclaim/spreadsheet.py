"""XLSX workbooks: the first sheet read as rows of text, and rows written as a sheet.

Read, a spreadsheet is like its CSV: texts, numbers as people wrote them, days as ISO, yes and no. Formulas
give the value that was last worked out; no macros are looked at and no links followed. Written, a text is
a text and never a formula. `openpyxl` knows the format; with `defusedxml` at hand it reads no entities.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from openpyxl import DEFUSEDXML, Workbook, load_workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
from openpyxl.styles import Font  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

UNPACKED_MAX = 64 * 1024 * 1024
ROWS_MAX = 100_000
CELLS_MAX = 512
"""Columns of a row that are read."""
CENTS = "#,##0.00"
_UNREADABLE = (
    zipfile.BadZipFile, InvalidFileException, DefusedXmlException, ParseError, EOFError, NotImplementedError,
    KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError,
)  # fmt: skip
"""What damaged workbooks were seen to raise in the library."""
assert DEFUSEDXML, "openpyxl must find defusedxml: workbooks come from outside"


class SpreadsheetInvalid(ValueError):
    """The bytes are no workbook that we can read; says why."""


def is_xlsx(data: bytes) -> bool:
    """Whether bytes begin as a workbook does (a ZIP archive)."""
    return data.startswith(b"PK\x03\x04")


def read_xlsx(data: bytes) -> list[list[str]]:
    """The cells of the first sheet, row by row, as text; missing cells are empty.

    Raises:
        SpreadsheetInvalid: It is no workbook, is damaged, unpacks to more than 64 MB, or has too many rows.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > UNPACKED_MAX:
                raise SpreadsheetInvalid("the workbook unpacks to more than 64 MB")
        with warnings.catch_warnings():  # of styles and extensions, which say nothing of cells
            warnings.simplefilter("ignore", UserWarning)
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            return _rows(book)
        finally:
            book.close()
    except SpreadsheetInvalid:
        raise
    except _UNREADABLE as error:
        raise SpreadsheetInvalid(f"the workbook cannot be read ({type(error).__name__})") from None


def _rows(book: Workbook) -> list[list[str]]:
    if not book.worksheets:
        raise SpreadsheetInvalid("the workbook has no sheet")
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # what a file says of its own size is not believed
    rows: list[list[str]] = []
    # Without max_col a row is as long as what it holds: empty rows cost nothing, however many are named.
    for cells in sheet.iter_rows(values_only=True):
        if len(rows) == ROWS_MAX:
            raise SpreadsheetInvalid(f"the sheet has more than {ROWS_MAX} rows")
        texts = [_text(value) for value in cells[:CELLS_MAX]]
        while texts and not texts[-1]:
            texts.pop()
        rows.append(texts)
    return rows


def _text(value: object) -> str:
    """A cell as people wrote it: 120.1, not the 120.09999999999999 that a workbook keeps."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case int() | float():
            return f"{Decimal(f'{value:.12g}').normalize():f}"
    return str(value).strip()


def write_xlsx(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """One sheet: bold headings that stay in view, then the rows.

    Args:
        title: Name of the sheet, at most 31 characters of letters, digits and spaces.
        rows: Cells: texts, days, whole numbers, None, and amounts as `Decimal` dollars.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, name, bold=True) for name in head])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: object, *, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # what begins with = is a text all the same
    elif isinstance(value, Decimal):
        cell.number_format = CENTS
    if bold:
        cell.font = Font(bold=True)
    return cell
