"""Place of service codes."""

from __future__ import annotations

from datetime import date

import msgspec

from cleanclaim.codesets.table import CodeNotKnown, day, load, pick


class Place(msgspec.Struct, frozen=True):
    """One place. `rate_class` says which Medicare rate applies: facility or nonfacility."""

    code: str
    label: str
    rate_class: str
    use: str
    effective_from: date | None
    effective_to: date | None
    source: str
    confidence: str


def _build(row: dict[str, str]) -> Place:
    return Place(
        row["pos"],
        row["plain_label"],
        row["medicare_rate_class"],
        row["bh_use"],
        day(row["effective_from"]),
        day(row["effective_to"]),
        row["source"],
        row["confidence"],
    )


def lookup(code: str, on: date) -> Place:
    """The place in force on a date.

    Raises:
        CodeNotKnown: Not a place of service on that date.
    """
    found = pick(load("places_of_service", _build, "pos"), code, on)
    if found is None:
        raise CodeNotKnown("places_of_service", code, on)
    return found


def all_places(on: date) -> tuple[Place, ...]:
    """Every place in force on a date, in code order."""
    rows = load("places_of_service", _build, "pos")
    return tuple(place for code in sorted(rows) if (place := pick(rows, code, on)) is not None)
