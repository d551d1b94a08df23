"""The page of the documentation that a run of `benchmarks/posting.py` writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from x12 import machine

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "posting-speed.md"
TABLES = {
    "posting": (
        "Posting one payment",
        "A file of one payment: kept, read, matched, posted and audited, to the commit.",
        ("database", "claims", "MB", "seconds", "of the processor", "in the server", "claims/s", "peak MB"),
    ),
    "peers": (
        "Beside plain loads of the same rows",
        "COPY on PostgreSQL, executemany on SQLite, as one transaction, to the commit, on a copy from "
        "before the posting. Ratios say how many times as long the posting took. What lies between the "
        "first and the third is what the schema promises: keys, indexes, foreign keys, guards. What the "
        "posting reads, and what it changes in rows that were there, is in no load.",
        ("database", "into", "rows", "seconds", "ratio", "of the processor", "ratio"),
    ),
    "pages": (
        "Pages opened meanwhile",
        "Pages of two patients' accounts on PostgreSQL, each audited, opened in turn while a second payment "
        "posts.",
        ("page of", "when", "pages", "p50 ms", "p95 ms", "longest ms"),
    ),
}
"""Name -> heading, what it shows, columns."""


def page_of(figures: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Figures as (table, cells), in the order in which they were measured, as one page."""
    parts = [
        "# How quick posting is\n",
        "Written by `make bench-posting` (`benchmarks/posting.py`); not by hand. Figures of one run on one "
        "machine. The processor's seconds are those of the program and of the database server together.\n",
        f"{machine()}\n",
    ]
    for name, (heading, what, columns) in TABLES.items():
        rows = [cells for table, cells in figures if table == name]
        rule = ["---" if at < len(columns) - _numbers(rows) else "---:" for at in range(len(columns))]
        lines = [columns, rule, *rows]
        parts += [f"## {heading}\n", f"{what}\n", "\n".join(f"| {' | '.join(one)} |" for one in lines) + "\n"]
    return "\n".join(parts)


def _numbers(rows: Sequence[Sequence[str]]) -> int:
    """How many of the last columns hold numbers, for their side."""
    first = rows[0] if rows else ()
    return next((at for at, cell in enumerate(reversed(first)) if cell and not cell[0].isdigit()), len(first))
