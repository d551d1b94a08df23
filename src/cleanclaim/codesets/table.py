"""Dated tables: the one way in which every code set is read.

A table is loaded on first use, indexed by code, and kept. A row is in force on a day when the day
lies between its two dates; an empty first date means "before 2024, start not checked", an empty
last date means "still in force as far as the release says".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from typing import Any, Protocol, TypeVar

from cleanclaim_data.loader import read_csv, when_overlaid


class CodeNotKnown(LookupError):
    """The code is not in our table, or not in force on that date. Never answered by a neighbour.

    Attributes:
        table: Which code set was asked.
        code: What was looked for.
        on: The date asked about; None for tables without dates.
    """

    def __init__(self, table: str, code: str, on: date | None = None) -> None:
        self.table, self.code, self.on = table, code, on
        when = f" on {on.isoformat()}" if on else ""
        super().__init__(f"{code!r} is not in the table {table!r}{when}; nothing is assumed about it")


class Dated(Protocol):
    """A row with dates of effect; either may be None."""

    @property
    def effective_from(self) -> date | None: ...

    @property
    def effective_to(self) -> date | None: ...


Row = TypeVar("Row")
DatedRow = TypeVar("DatedRow", bound=Dated)


def day(text: str) -> date | None:
    """Read a date cell; empty is None."""
    return date.fromisoformat(text) if text else None


def number(text: str) -> int | None:
    """Read a whole-number cell; empty is None."""
    return int(text) if text else None


def in_force(row: Dated, on: date) -> bool:
    """Whether a row holds on a day. Both ends are inclusive."""
    return (row.effective_from is None or row.effective_from <= on) and (
        row.effective_to is None or on <= row.effective_to
    )


def load(table: str, build: Callable[[dict[str, str]], Row], key: str = "code") -> dict[str, tuple[Row, ...]]:
    """Load ``codesets/<table>.csv`` as code -> rows in file order. Kept for the life of the process."""
    loaded: dict[str, tuple[Row, ...]] = _load(table, build, key)  # a cached function loses its types
    return loaded


@cache
def _load(table: str, build: Callable[[dict[str, str]], Any], key: str) -> dict[str, tuple[Any, ...]]:
    return index(read_csv(f"codesets/{table}.csv"), build, key)


when_overlaid(_load.cache_clear)


def index(
    rows: Iterable[dict[str, str]], build: Callable[[dict[str, str]], Row], key: str
) -> dict[str, tuple[Row, ...]]:
    """Group built rows by one column."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(build(row))
    return {code: tuple(built) for code, built in found.items()}


def pick(rows: dict[str, tuple[DatedRow, ...]], code: str, on: date) -> DatedRow | None:
    """The row of a code in force on a day; the last one when several are."""
    for row in reversed(rows.get(code, ())):
        if in_force(row, on):
            return row
    return None
