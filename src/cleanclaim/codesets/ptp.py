"""Procedure-to-procedure edits: pairs that Medicare does not pay together.

The table says which release it is (`as_of`); it is 2024Q3 until a newer one is loaded. The two
codes are looked up in either order.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import msgspec

from cleanclaim.codesets.table import day
from cleanclaim_data.loader import read_csv, when_overlaid


class Pair(msgspec.Struct, frozen=True):
    """One edit: `column2` is the code denied.

    `indicator` 0: never together. 1: with a modifier that says why they are separate. 9: ignore.
    """

    column1: str
    column2: str
    indicator: int
    effective_to: date | None
    rationale: str
    effective_from: date | None = None


@cache
def _pairs() -> dict[tuple[str, str], Pair]:
    found = {}
    for row in read_csv("codesets/ptp_edits.csv"):
        pair = Pair(
            row["column1"],
            row["column2"],
            int(row["modifier_indicator"]),
            day(row["effective_to"]),
            row["rationale"],
            day(row["effective_from"]),
        )
        found[pair.column1, pair.column2] = pair
    return found


when_overlaid(_pairs.cache_clear)


def lookup(code: str, other: str, on: date) -> Pair | None:
    """The edit between two codes on a date, in whichever order it is listed; None when there is none.

    Examples:
        >>> pair = lookup("90834", "90847", date(2026, 11, 9))
        >>> pair.column1, pair.column2, pair.indicator
        ('90847', '90834', 1)
    """
    pairs = _pairs()
    for key in ((code, other), (other, code)):
        pair = pairs.get(key)
        if (
            pair is not None
            and pair.indicator != 9
            and (pair.effective_from is None or pair.effective_from <= on)
            and (pair.effective_to is None or on <= pair.effective_to)
        ):
            return pair
    return None
