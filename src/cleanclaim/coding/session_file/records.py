"""From text to records: which cells are on which line, with damage kept to one line.

A quote that is opened and never closed would make an ordinary CSV reader swallow the rest of the
file into one cell. Here a record may run over a few lines (notes with line breaks); past that its
first line alone is the faulty one, and reading goes on with the next.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

import msgspec

_LONGEST_RECORD = 25
"""Lines that one record may span."""
_DELIMITERS = ",;\t|"


class Record(msgspec.Struct, frozen=True):
    """One record: its first line (from 1) and cells; `cells` is None when its quotes do not close."""

    line: int
    cells: tuple[str, ...] | None


def find_delimiter(header: str) -> str:
    """The character between the header's cells: comma unless the header has none."""
    if "," in header:
        return ","
    return max(_DELIMITERS, key=lambda mark: (header.count(mark), mark == ","))


def _cells(text: str, delimiter: str) -> tuple[str, ...] | None:
    try:
        return tuple(next(csv.reader([text], delimiter=delimiter), ()))
    except csv.Error:
        return None


def read_records(text: str) -> Iterator[Record]:
    """Records in file order, blank lines left out. The first is the header."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = 0
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) <= 5:
        at = 1  # A line that spreadsheets write for themselves.
    while at < len(lines) and not lines[at].strip():
        at += 1
    delimiter = find_delimiter(lines[at]) if at < len(lines) else ","
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        taken = _span(lines, at)
        if taken == 0:
            yield Record(at + 1, None)
            at += 1
            continue
        yield Record(at + 1, _cells("\n".join(lines[at : at + taken]), delimiter))
        at += taken


def _span(lines: list[str], at: int) -> int:
    """Lines of the record that starts here; 0 when its quotes never close."""
    quotes = 0
    for taken, line in enumerate(lines[at : at + _LONGEST_RECORD], 1):
        quotes += line.count('"')
        if quotes % 2 == 0:
            return taken
    return 0
