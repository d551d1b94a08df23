"""Medically unlikely edits: the most units of a code that Medicare expects on one day."""

from __future__ import annotations

from datetime import date

import msgspec

from cleanclaim.codesets.table import day, load


class UnitLimit(msgspec.Struct, frozen=True):
    """One limit.

    `mai` 2: absolute. 3: may be reviewed. A limit of 0 says that Medicare does not pay the code at
    all; it says nothing about other payers.
    """

    code: str
    units: int
    mai: int
    rationale: str
    effective_from: date | None
    effective_to: date | None


def _build(row: dict[str, str]) -> UnitLimit:
    return UnitLimit(
        row["code"],
        int(row["mue"]),
        int(row["mai"]),
        row["rationale"],
        day(row["effective_from"]),
        day(row["effective_to"]),
    )


def lookup(code: str, on: date) -> UnitLimit | None:
    """The limit of a code, None when none is published.

    The release in hand is used for dates before it too: earlier quarters are not loaded.
    """
    for limit in load("mue", _build).get(code, ()):
        if limit.effective_to is None or on <= limit.effective_to:
            return limit
    return None
