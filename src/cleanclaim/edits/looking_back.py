"""How far edits look around a service for others like it: what a history must hold to be whole for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

# Every service: sessions that overlap, duplicates, two sessions of a day. A few days cover spans.
DAYS = 3
WEEKLY = frozenset(["G2067", "G2068", "G2069", "G2070", "G2071", "G2072", "G2073", "G2074", "G2075"])
MONTHLY = frozenset(
    [
        "99484",
        "99492",
        "99493",
        "G0323",
        "G2214",
        "G2086",
        "G2087",
        "G0556",
        "G0557",
        "G0558",
        "G0568",
        "G0569",
        "G0570",
    ]
)
EVALUATIONS = frozenset(["90791", "90792"])

# Codes -> days before and after a service of the same list that edits compare it with.
_REACH = ((WEEKLY, 6, 6), (MONTHLY, 30, 30), (EVALUATIONS, 184, DAYS))


def reach(codes: Collection[str], first: date, last: date) -> tuple[frozenset[str], date, date]:
    """What of a history a batch needs beyond `DAYS`: the codes, and the first and last day of their lines.

    Args:
        codes: Procedure codes of the batch.
        first: Its first date of service.
        last: Its last date of service.

    Returns:
        No codes, and the batch's own days, when it holds none that edits look further back for.

    Examples:
        >>> reach({"90837", "G2067"}, date(2026, 3, 10), date(2026, 3, 12))[1:]
        (datetime.date(2026, 3, 4), datetime.date(2026, 3, 18))
    """
    wanted: frozenset[str] = frozenset()
    start, end = first, last
    for listed, before, after in _REACH:
        if listed & frozenset(codes):
            wanted |= listed
            start = min(start, first - timedelta(days=before))
            end = max(end, last + timedelta(days=after))
    return wanted, start, end
