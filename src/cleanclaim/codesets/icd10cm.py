"""The whole ICD-10-CM, by date of service: every code and heading, billable or not.

The compiled table holds what the loaded releases say. A code is dated from the first loaded release that has
it, and ended with the last one when a later release dropped it, so nothing is claimed for years that no
loaded release speaks for. `cleanclaim.codesets.diagnoses` is the mental-health part with its notes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date
from functools import cache

import msgspec

from cleanclaim.codesets.diagnoses import normalize
from cleanclaim.codesets.table import CodeNotKnown, day
from cleanclaim_data.loader import read_csv, read_gzip_text, when_overlaid

FILE = "codesets/icd10cm_all.tsv.gz"
TABLE = "icd10cm_all"


class IcdCode(msgspec.Struct, frozen=True):
    """One code of the classification.

    Attributes:
        billable: False for a heading that needs more characters.
        effective_from: First day that a loaded release speaks for it; it may be older.
        effective_to: Last day, when a later release no longer has it; None while in force.
        verified_through: Last day that the loaded releases speak for; after it the answer is an echo.
    """

    code: str
    description: str
    billable: bool
    effective_from: date
    effective_to: date | None
    verified_through: date | None

    def covers(self, on: date) -> bool:
        """Whether the code holds on a date of service."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


def lookup(code: str, on: date) -> IcdCode:
    """The code on a date of service.

    Raises:
        CodeNotKnown: No loaded release has it on that date.

    Examples:
        >>> lookup("f331", date(2026, 3, 10)).description
        'Major depressive disorder, recurrent, moderate'
    """
    for row in history(code):
        if row.covers(on):
            return row
    raise CodeNotKnown("icd10cm", code, on)


def history(code: str) -> tuple[IcdCode, ...]:
    """Every dated row of a code, in order; empty when no loaded release has it."""
    wanted = normalize(code)
    lines = _lines()
    place = bisect_left(lines, wanted + "\t")
    rows = []
    while place < len(lines) and lines[place].startswith(wanted + "\t"):
        rows.append(_row(lines[place]))
        place += 1
    return tuple(rows)


def below(prefix: str, on: date, *, limit: int = 100) -> tuple[IcdCode, ...]:
    """Codes that begin so, in order, in force on a date: the children of a heading.

    Examples:
        >>> [row.code for row in below("F33.", date(2026, 3, 10), limit=2)]
        ['F33.0', 'F33.1']
    """
    wanted = prefix.strip().upper() if "." in prefix else normalize(prefix)
    found: list[IcdCode] = []
    for row in _from(wanted):
        if not row.code.startswith(wanted) or len(found) == limit:
            break
        if row.covers(on):
            found.append(row)
    return tuple(found)


def search(words: str, on: date, *, limit: int = 25) -> tuple[IcdCode, ...]:
    """Billable codes in force on a date whose description has a word that begins with each given one."""
    patterns = [re.compile(rf"\b{re.escape(word)}", re.IGNORECASE) for word in words.split()]
    found: list[IcdCode] = []
    if not patterns:
        return ()
    for line in _lines():
        if all(pattern.search(line) for pattern in patterns):
            row = _row(line)
            if row.billable and row.covers(on):
                found.append(row)
                if len(found) == limit:
                    break
    return tuple(found)


def count() -> int:
    """Rows of the loaded table."""
    return len(_lines())


@cache
def _lines() -> list[str]:
    # The compiled file is sorted by code; its header sorts nowhere and is dropped.
    return read_gzip_text(FILE).splitlines()[1:]


when_overlaid(_lines.cache_clear)


def _from(wanted: str) -> Iterator[IcdCode]:
    lines = _lines()
    for place in range(bisect_left(lines, wanted), len(lines)):
        yield _row(lines[place])


def _row(line: str) -> IcdCode:
    code, billable, starts, ends, description = line.split("\t")
    return IcdCode(code, description, billable == "1", date.fromisoformat(starts), day(ends), _verified())


def provenance() -> dict[str, str]:
    """Where the loaded rows come from: ``source`` and ``confidence`` as the list of versions has them."""
    row = _version()
    return {"source": row.get("source", ""), "confidence": row.get("confidence", "")}


@cache
def _version() -> dict[str, str]:
    return next((row for row in read_csv("codesets/versions.csv") if row["table"] == TABLE), {})


@cache
def _verified() -> date | None:
    return day(_version().get("good_through", ""))


when_overlaid(_version.cache_clear)
when_overlaid(_verified.cache_clear)
