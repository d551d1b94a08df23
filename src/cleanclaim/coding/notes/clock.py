"""Times, minutes and dates as notes write them."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from cleanclaim.coding.notes.model import Span

_AP = r"(?:\s*(?P<{0}ap>[ap])\.?\s?m\b\.?)"
_SHORT_AP = r"(?P<{0}ap4>[ap])\b"
_CLOCK = (
    r"(?:(?P<{0}h>[01]?\d|2[0-3])[:.](?P<{0}m>[0-5]\d)(?![\d/])(?:" + _AP + "|" + _SHORT_AP + r")?"
    r"|(?P<{0}h2>1[0-2]|0?[1-9])(?P<{0}m2>)" + _AP.replace("ap>", "ap2>") + r""
    r"|(?P<{0}h3>[01]\d|2[0-3])(?P<{0}m3>[0-5]\d)(?:\s*(?:h|hrs|hours)\b|(?!\d|\s*(?:min|mg|/))))"
)


def _clock(prefix: str) -> str:
    return _CLOCK.replace("{0}", prefix)


_RANGE = re.compile(
    rf"(?<![\d/]){_clock('a')}\s*(?:[-–—]+|to|until|till|through|and)\s*{_clock('b')}(?![\d/])", re.IGNORECASE
)
_START = re.compile(
    rf"\b(?:start(?:ed|ing|s)?|beg[ai]n(?:ning)?|began|begun|time in|in time|from)\b(?:\s+(?:time|"
    rf"session))?\s*(?:was|at|of|[:=-])*\s*{_clock('a')}",
    re.IGNORECASE,
)
_STOP = re.compile(
    rf"\b(?:stop(?:ped|s)?|end(?:ed|ing|s)?|finish(?:ed)?|time out|out time|conclud\w+)\b(?:\s+(?:time|"
    rf"session))?\s*(?:was|at|of|[:=-])*\s*{_clock('b')}",
    re.IGNORECASE,
)
_NOT_SESSION = re.compile(
    r"\b(?:signed|signature|next (?:session|appointment|visit)|sleep\w*|bed|woke|awake|shift|works?|school|"
    r"appointment (?:on|at|scheduled)|scheduled for|office hours|available|dob|class)\b",
    re.IGNORECASE,
)
_SESSION_WORD = re.compile(
    r"\b(?:session|time|met|seen|service|psychotherapy|therapy|start|began|duration|visit)\b", re.IGNORECASE
)
_THERAPY_WORD = re.compile(r"\b(?:psychotherap\w*|therapy|counsel\w+)\b", re.IGNORECASE)
_VISIT_WORD = re.compile(
    r"\b(?:e/?m|e&m|evaluation and management|medication management|med(?:ical)? (?:management|visit|"
    r"portion)|medical)\b",
    re.IGNORECASE,
)
_LENGTH = (
    r"(?P<{0}hours>\d(?:\.\d{{1,2}})?)\s*(?:hours?|hrs?)(?:\s*(?:and\s*)?(?P<{0}more>\d{{1,2}})\s*min\w*)?"
    r"|(?P<{0}min>\d{{1,3}})\s*-?\s*(?:min(?:ute)?s?\b|['′])"
)
_MINUTES = (
    re.compile(
        r"\b(?P<label>(?:(?:total|session|service|contact|face[- ]to[- ]face|psychotherapy|therapy|"
        r"counseling|treatment|"
        r"individual|group|family|crisis|e/m|testing|evaluation|direct|actual|clinical)\s+){0,4}"
        r"(?:time|duration|length|minutes|mins?))"
        r"(?:\s+(?:spent|of|in|on|for|with|the|session|psychotherapy|therapy|patient|client|service|"
        r"provided|alone|only|face[- ]to[- ]face)){0,5}"
        r"\s*(?:\([^)\n]{0,20}\))?\s*(?:was|is|[:=–-])*\s*(?:" + _LENGTH.format("a") +
        r"|(?P<bare>\d{1,3})(?![\d:./-]|\s*(?:am|pm|mg)))",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:" + _LENGTH.format("b") +
        r")\s*,?\s*(?:of\s+)?(?P<label>(?:(?:individual|family|group|couples?|crisis|"
        r"face[- ]to[- ]face|direct|total)\s+){0,3}"
        r"(?:psychotherapy|therapy|session|counseling|e/m\b|evaluation|medication management|testing|"
        r"treatment|service))",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?P<label>(?:met|seen|spoke|session (?:lasted|was|ran|held)|lasted|face[- ]to[- ]face|"
        r"spent))\b(?:[^.\n\d]{0,40}?)\bfor\s+(?:a total of\s+|about\s+)?(?:"
        + _LENGTH.format("c") + r")"
        r"|\b(?P<label2>session\s+(?:lasted|ran|was))\s+(?:" + _LENGTH.format("d") + r")",
        re.IGNORECASE,
    ),
)  # fmt: skip

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DATE = re.compile(
    r"(?<![\d/.-])(?:(?P<y>20\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})"
    r"|(?P<m2>\d{1,2})[/.-](?P<d2>\d{1,2})[/.-](?P<y2>(?:20)?\d\d)"
    r"|(?P<mon>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?\s+(?P<d3>\d{1,2})(?:st|nd|"
    r"rd|th)?,?\s+(?P<y3>20\d\d)"
    r"|(?P<d4>\d{1,2})\s+(?P<mon4>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|"
    r"dec)[a-z]*\.?,?\s+(?P<y4>20\d\d))(?![\d])",
    re.IGNORECASE,
)
_DATE_LABEL = re.compile(
    r"(?:date of (?:service|session|visit|contact|evaluation|encounter)|session date|service date|"
    r"visit date|d\.?o\.?s\.?|encounter date|date)"
    r"(?:\s+and time)?\s*[:=-]?\s*(?:\w{3,9}day,?\s*)?$",
    re.IGNORECASE,
)
_OTHER_DATE = re.compile(
    r"\b(?:dob|birth|born|sign\w*|next|plan (?:dated?|of|review)|dated|consent\w*|last|since|previous|"
    r"prior|due|review\w*|"
    r"scheduled|authoriz\w+|completed on|updated|onset|effective|expires?|return\w*|appointment|"
    r"follow[- ]?up|attest\w*|until|by)\b",
    re.IGNORECASE,
)


class ClockRange(NamedTuple):
    """A start and a stop in minutes after midnight, what for (session, therapy, visit), and where."""

    start: int
    stop: int
    kind: str
    span: Span

    @property
    def minutes(self) -> int:
        return self.stop - self.start


class Stated(NamedTuple):
    """A number of minutes in words, what for, and where."""

    minutes: int
    kind: str
    span: Span


class NoteDate(NamedTuple):
    """A date, whether it is labelled as the date of service, and where."""

    day: date
    is_service: bool
    span: Span


def spelled(minute: int) -> str:
    """Minutes after midnight as a clock time.

    Examples:
        >>> spelled(602), spelled(1450)
        ('10:02', '00:10')
    """
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def _read(match: re.Match[str], prefix: str) -> tuple[int, str]:
    """Minutes after midnight, and a or p when the note says so."""
    groups = match.groupdict()
    for end in ("", "2", "3"):
        hour = groups.get(f"{prefix}h{end}")
        if hour is None:
            continue
        half = (
            (groups.get(f"{prefix}ap{end}") or groups.get(f"{prefix}ap4") or "").lower() if end != "3" else ""
        )
        minutes = int(hour) * 60 + int(groups.get(f"{prefix}m{end}") or 0)
        if half:
            minutes = minutes % 720 + (720 if half == "p" else 0)
        return minutes, half
    return 0, ""


def _resolve(start: tuple[int, str], stop: tuple[int, str], late: bool) -> tuple[int, int]:
    """Give both ends their half of the day; across midnight the stop goes past 1440.

    One "pm" may speak for both ("2:00 to 2:50 pm"); without any, 12:30 to 1:15 means the afternoon.
    """
    (first, half), (last, other) = start, stop
    if other and not half and first < 720:
        moved = first % 720 + (720 if other == "p" else 0)
        first = moved if moved <= last else first
    elif half and not other and last < 720:
        moved = last % 720 + (720 if half == "p" else 0)
        last = moved if moved >= first else moved + 720 if half == "a" else moved
    elif not half and not other and last < first <= 779 and first >= 660:
        last += 720  # 11:30 to 12:20 needs nothing; 12:30 to 1:15 does
    if last < first and (late or (first >= 20 * 60 and last <= 6 * 60)):
        last += 1440
    return first, last


def clock_ranges(text: str, *, crosses_midnight: bool = False, until: int | None = None) -> list[ClockRange]:
    """Session times in the note, in order of place.

    Times of other things (signature, sleep, appointments) are left out.

    Args:
        text: The note.
        crosses_midnight: The session record says that the session ended on the next day.
        until: Look no further than this offset: where the signature begins.
    """
    text = text if until is None else text[:until]
    found: list[ClockRange] = []
    for match in _RANGE.finditer(text):
        line = text.rfind("\n", 0, match.start()) + 1
        before = text[max(line, match.start() - 60) : match.start()]
        if _NOT_SESSION.search(before):
            continue
        plain = not re.search(r"[:apm.]", match[0], re.IGNORECASE)
        if plain and not _SESSION_WORD.search(before):
            continue  # "1400-1453" without a word of time is a number of something
        start, stop = _resolve(_read(match, "a"), _read(match, "b"), crosses_midnight)
        found.append(ClockRange(start, stop, _kind(before), match.span()))
    stops = [match for match in _STOP.finditer(text) if not _elsewhere(text, match)]
    for match in _START.finditer(text):
        if _elsewhere(text, match) or any(one.span[0] <= match.end() - 1 < one.span[1] for one in found):
            continue
        following = next((stop for stop in stops if 0 <= stop.start() - match.end() < 120), None)
        if following is None:
            continue
        start, stop = _resolve(_read(match, "a"), _read(following, "b"), crosses_midnight)
        line = text.rfind("\n", 0, match.start()) + 1
        found.append(
            ClockRange(start, stop, _kind(text[line : match.start()]), (match.start(), following.end()))
        )
    return sorted(found, key=lambda one: one.span)


def _elsewhere(text: str, match: re.Match[str]) -> bool:
    line = text.rfind("\n", 0, match.start()) + 1
    return _NOT_SESSION.search(text[max(line, match.start() - 40) : match.start()]) is not None


def _kind(words: str) -> str:
    """What minutes are for, by the nearest word before or in them."""
    last = {
        kind: max((match.end() for match in pattern.finditer(words)), default=-1)
        for kind, pattern in (("visit", _VISIT_WORD), ("therapy", _THERAPY_WORD))
    }
    kind = max(last, key=lambda name: last[name])
    return kind if last[kind] >= 0 else "session"


def stated_minutes(text: str, *, until: int | None = None) -> list[Stated]:
    """Minutes said in words ("53-minute session", "Psychotherapy time: 40 min"), in order of place."""
    text = text if until is None else text[:until]
    found: dict[Span, Stated] = {}
    for pattern in _MINUTES:
        for match in pattern.finditer(text):
            groups = {name: value for name, value in match.groupdict().items() if value is not None}
            minutes = 0
            for name, value in groups.items():
                if name.endswith("hours"):
                    minutes += round(float(value) * 60)
                elif name.endswith(("more", "min")) or name == "bare":
                    minutes += int(value)
            label = groups.get("label", groups.get("label2", ""))
            if not minutes:
                continue
            line = text.rfind("\n", 0, match.start()) + 1
            words = f"{text[max(line, match.start() - 25) : match.start()]} {match[0]} {label}"
            if re.search(
                r"\b(?:homework|walk\w*|exercis\w*|practice\w*|daily|each day|per day|planned|next)\b",
                words,
                re.IGNORECASE,
            ):
                continue
            if not any(first < match.end() and match.start() < last for first, last in found):
                kind = _kind(match[0])
                found[match.span()] = Stated(
                    minutes, kind if kind != "session" else _kind(words), match.span()
                )
    return sorted(found.values(), key=lambda one: one.span)


def note_dates(text: str) -> list[NoteDate]:
    """Every date of the note in order of place; impossible ones are left out."""
    found = []
    for match in _DATE.finditer(text):
        groups = {name: value for name, value in match.groupdict().items() if value is not None}
        if "mon" in groups or "mon4" in groups:
            month = _MONTHS.index((groups.get("mon") or groups["mon4"])[:3].lower()) + 1
        else:
            month = int(groups.get("m") or groups["m2"])
        year = next(int(groups[name]) for name in ("y", "y2", "y3", "y4") if name in groups)
        day = next(int(groups[name]) for name in ("d", "d2", "d3", "d4") if name in groups)
        try:
            when = date(year + 2000 if year < 100 else year, month, day)
        except ValueError:
            continue
        line = text.rfind("\n", 0, match.start()) + 1
        before = text[line : match.start()]
        labelled = _DATE_LABEL.search(before) is not None and not _OTHER_DATE.search(before[-40:])
        found.append(NoteDate(when, labelled, match.span()))
    return found


def is_other_date(text: str, place: int) -> bool:
    """Whether the words before a date say that it is no date of service (birth, signature, next visit)."""
    line = text.rfind("\n", 0, place) + 1
    return _OTHER_DATE.search(text[max(line, place - 60) : place]) is not None
