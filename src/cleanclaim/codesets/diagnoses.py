"""ICD-10-CM codes of mental health: billable or header, and what may not stand together.

The table holds chapter 5 and the Z, R and T codes used beside it, not the whole classification: a
code that it lacks is unknown here, which is not the same as invalid.
"""

from __future__ import annotations

from datetime import date
from fnmatch import fnmatchcase
from functools import cache, lru_cache

import msgspec

from cleanclaim.codesets.table import CodeNotKnown, day, load
from cleanclaim_data.loader import read_csv, when_overlaid

# Chapter 5 was compared between the April 2025 and April 2026 releases and had not changed, so the
# F rows hold from the start of fiscal year 2025. Other chapters hold from their own date.
_CHAPTER_5_FROM = date(2024, 10, 1)


class Diagnosis(msgspec.Struct, frozen=True):
    """One ICD-10-CM code.

    Attributes:
        billable: False for a header that needs more characters.
        verified_through: Last day that our release speaks for; not an end of the code.
    """

    code: str
    description: str
    billable: bool
    effective_from: date | None
    effective_to: date | None
    verified_through: date | None
    source: str
    confidence: str


class Exclusion(msgspec.Struct, frozen=True):
    """Two codes that one tabular note says are never coded together."""

    code: str
    other: str
    noted_at: str
    note: str


def _build(row: dict[str, str]) -> Diagnosis:
    starts = day(row["effective_from"])
    if row["code"].startswith("F") and starts is not None:
        starts = min(starts, _CHAPTER_5_FROM)
    return Diagnosis(
        row["code"],
        row["description"],
        row["billable"] == "Y",
        starts,
        day(row["effective_to"]),
        day(row["verified_through"]),
        row["source"],
        row["confidence"],
    )


def normalize(code: str) -> str:
    """Write a code with its point and in capitals: ``f331`` becomes ``F33.1``."""
    plain = code.strip().upper().replace(".", "")
    return plain if len(plain) <= 3 else f"{plain[:3]}.{plain[3:]}"


def find(code: str, on: date) -> Diagnosis | None:
    """The code on a date, or None when our table does not know it then."""
    for row in load("icd10cm", _build).get(normalize(code), ()):
        starts, ends = row.effective_from, row.effective_to
        if (starts is None or starts <= on) and (ends is None or on <= ends):
            return row
    return None


def lookup(code: str, on: date) -> Diagnosis:
    """The code on a date.

    Raises:
        CodeNotKnown: Our table does not hold it on that date.
    """
    found = find(code, on)
    if found is None:
        raise CodeNotKnown("diagnoses", code, on)
    return found


def is_header(code: str, on: date) -> bool:
    """Whether the code is known to need more characters. Unknown codes are taken as billable."""
    found = find(code, on)
    return found is not None and not found.billable


@cache
def _notes() -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """Excludes1 notes: code -> ((patterns, note text), …)."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for row in read_csv("codesets/icd10cm_notes.csv"):
        if row["note_type"] == "1" and row["matches"]:
            found.setdefault(row["code"], []).append((tuple(row["matches"].split()), row["note_text"]))
    return {code: tuple(notes) for code, notes in found.items()}


def _matches(pattern: str, code: str) -> bool:
    first, dots, last = pattern.partition("..")
    if dots:
        return first <= code[:3] <= last
    return fnmatchcase(code, pattern)


def _noted(code: str, other: str) -> Exclusion | None:
    for length in range(len(code), 2, -1):
        for patterns, note in _notes().get(code[:length].rstrip("."), ()):
            if any(_matches(pattern, other) for pattern in patterns):
                return Exclusion(code, other, code[:length].rstrip("."), note)
    return None


@lru_cache(maxsize=20_000)
def excludes1(code: str, other: str) -> Exclusion | None:
    """The Excludes1 note between two codes, written at either of them or at a parent; else None.

    Examples:
        >>> excludes1("F32.1", "F33.1").noted_at
        'F32'
        >>> excludes1("F32.1", "F43.21") is None     # an Excludes2 note: may stand together
        True
    """
    first, second = normalize(code), normalize(other)
    if first == second:
        return None
    return _noted(first, second) or _noted(second, first)


when_overlaid(_notes.cache_clear)
when_overlaid(excludes1.cache_clear)
