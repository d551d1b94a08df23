"""Calendar dates as the trade writes them."""

from __future__ import annotations

import re
from datetime import date

_CCYYMMDD = re.compile(r"\d{8}\Z", re.ASCII)


def parse_ccyymmdd(text: str) -> date | None:
    """Read an X12 D8 date; `None` when it is not a real date.

    Examples:
        >>> parse_ccyymmdd("20260229") is None, parse_ccyymmdd("20261123")
        (True, datetime.date(2026, 11, 23))
    """
    if not _CCYYMMDD.match(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def ccyymmdd(day: date) -> str:
    """Write an X12 D8 date."""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"
