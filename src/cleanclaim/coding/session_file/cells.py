"""From a cell to a value. Each reader gives the value or raises `CellFault`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from difflib import get_close_matches

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?\Z", re.ASCII)
_US = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})\Z", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})\Z", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2}(?:\.0+)?)?\s*([AaPp])?\.?[Mm]?\.?\Z", re.ASCII)
_SHOWABLE = re.compile(
    r"(?:(?:199\d|20\d\d)-\d{1,2}-\d{1,2}"  # a date near today
    r"|\d{1,2}/\d{1,2}/(?:199\d|20\d\d)"
    r"|\d{1,2}:\d\d(?: ?[AaPp][Mm])?"  # a clock time
    r"|-?[\d.]{1,5})\Z",  # a short number
    re.ASCII,
)
_YES = frozenset({"yes", "y", "true", "1"})
_NO = frozenset({"no", "n", "false", "0"})


class CellFault(Exception):
    """A cell does not hold what its column needs.

    Attributes:
        code: Last part of the finding code: ``date_not_read``.
        expected: What would have been right.
        seen: What stood there, only when it cannot identify anybody.
    """

    def __init__(self, code: str, expected: str, seen: str = "", remedy: str = "") -> None:
        super().__init__(code)
        self.code, self.expected, self.seen, self.remedy = code, expected, seen, remedy


def shown(text: str) -> str:
    """A cell as a message may show it.

    A date near today, a clock time and a short number are shown as they are. Anything else is told
    by its length: in a shifted row it may be a name, a birth date or a member number.
    """
    if not text:
        return "nothing"
    return text if _SHOWABLE.match(text) else f"{len(text)} characters of text"


def read_date(text: str) -> date:
    """A date of service: ISO, US month/day/year with four digits, or eight digits."""
    for pattern, order in ((_ISO, (0, 1, 2)), (_US, (2, 0, 1)), (_COMPACT, (0, 1, 2))):
        match = pattern.match(text)
        if match:
            parts = [int(part) for part in match.groups()]
            try:
                day = date(*(parts[index] for index in order))
            except ValueError:
                break
            if 1990 <= day.year <= 2100:
                return day
            break
    raise CellFault("date_not_read", "a real date, YYYY-MM-DD or MM/DD/YYYY", shown(text))


def read_time(text: str) -> time:
    """A clock time: 09:00, 9:00 AM, 14:30:00."""
    match = _CLOCK.match(text)
    if match:
        hour, minute, half = int(match[1]), int(match[2]), (match[3] or "").lower()
        if half and not 1 <= hour <= 12:
            hour = 99
        elif half:
            hour = hour % 12 + (12 if half == "p" else 0)
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise CellFault("time_not_read", "a clock time, HH:MM or H:MM AM", shown(text))


def read_whole(text: str) -> int:
    """A whole number, not negative, of at most five digits; ``45.0`` as spreadsheets write it is read."""
    plain = re.sub(r"\.0+\Z", "", text)
    if plain.isascii() and plain.isdecimal() and len(plain) <= 5:
        return int(plain)
    raise CellFault("number_not_read", "a whole number", shown(text))


def read_yes(text: str) -> bool:
    """Yes or no."""
    plain = text.lower()
    if plain in _YES:
        return True
    if plain in _NO:
        return False
    raise CellFault("word_not_known", "yes or no", shown(text))


def read_word(text: str, words: Iterable[str], what: str) -> str:
    """One of a closed list, whatever its capitals."""
    by_capitals = {word.lower(): word for word in words if word}
    found = by_capitals.get(" ".join(text.lower().split()))
    if found is not None:
        return found
    near = get_close_matches(text.lower(), by_capitals, n=1, cutoff=0.75)
    remedy = f"Did you mean {by_capitals[near[0]]!r}?" if near else ""
    raise CellFault("word_not_known", what, shown(text), remedy)


def read_pairs(text: str) -> dict[str, str]:
    """``key=value;key=value``."""
    found: dict[str, str] = {}
    for item in text.split(";"):
        if not item.strip():
            continue
        key, sign, value = (part.strip() for part in item.partition("="))
        if not sign or not key or key in found:
            raise CellFault("pairs_not_read", "key=value;key=value, each key once", shown(text))
        found[key] = value
    return found
