"""A note as text: its sections, and where it shows an element.

The words are data (``cleanclaim_data/notes/lexicon.yaml``). An element is shown by a headed section that has
content, or by a phrase that is not negated in its sentence. Everything is an offset into the text as given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import NamedTuple

from cleanclaim.coding.notes.model import Span
from cleanclaim_data import loader

_HOLLOW = re.compile(
    r"(?:n/?a|none|nil|tbd|to be (?:completed|determined|done)|pending|same(?: as (?:above|before|"
    r"last|previous)[^.\n]*)?|"
    r"see (?:above|below|attached|chart|treatment plan|the treatment plan|tx plan|previous note|prior note)|"
    r"as above|unchanged|not (?:documented|completed|done|applicable|stated|recorded)|unknown|deferred|"
    r"will (?:complete|add|update) later|left blank|continue)"
    r"[\s.;]*",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"_{2,}|\[[^\]\n]*\]|\*{2,}|\.{3,}|-{2,}|<[^>\n]*>|\{[^}\n]*\}")
_NEGATION = re.compile(
    r"(?:\b(?:no|not|without|did not|does not|was not|were not|unable to|never|neither|nor)|"
    r"n.t)\s+(?:\w+\s+){0,3}$",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"(?m)^[ \t>#*•\-–]*(?:\d{1,2}[.)][ \t]*)?(?P<head>[A-Za-z][A-Za-z0-9/&()'’ ,\-]{0,60}?)[ "
    r"\t*]*(?::|=|->|→|\.{3,})[ \t*]*"
)
_TITLE = re.compile(r"(?m)^[ \t#*]*(?P<head>[A-Z][A-Za-z/&'’ \-]{1,48}?)[ \t#*]*$")
_FIRST_LINE = re.compile(r"\s*[^\n]*(?:\n[ \t]*(?:[-*•]|\d{1,2}[.)])[^\n]*)*")
_FIRST_SENTENCE = re.compile(r"\s*[^\n]*?(?=[.;]\s+[A-Z]|\n|$)")


class Section(NamedTuple):
    """A headed part: where its heading and its content are."""

    head: str
    start: int
    body: int
    stop: int


@dataclass(frozen=True)
class Element:
    """One entry of the lexicon, compiled."""

    name: str
    headings: frozenset[str]
    phrases: re.Pattern[str] | None
    refused: re.Pattern[str] | None
    negated_counts: bool
    not_under: tuple[str, ...]


@cache
def lexicon() -> dict[str, Element]:
    """Every element by name."""
    return {
        name: Element(
            name=name,
            headings=frozenset(entry.get("headings", ())),
            phrases=_any_of(entry.get("phrases")),
            refused=_any_of(entry.get("refused")),
            negated_counts=bool(entry.get("negated_counts")),
            not_under=tuple(entry.get("not_under", ())),
        )
        for name, entry in loader.read_yaml("notes/lexicon.yaml").items()
    }


def _any_of(patterns: list[str] | None) -> re.Pattern[str] | None:
    if not patterns:
        return None
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE)


@cache
def _known_headings() -> re.Pattern[str]:
    """Headings that also open a section in the middle of a line, after a full stop. Single letters do not."""
    words = {word for element in lexicon().values() for word in element.headings if len(word) > 2}
    joined = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<=[.;|])[ \t]+(?P<head>{joined})[ \t]*:[ \t]*", re.IGNORECASE)


def _plain_heading(text: str) -> str:
    text = re.sub(r"\s*\([^)]*\)?", "", text.lower().replace("’", "'"))
    return " ".join(text.split()).strip(" .-")


class Note:
    """A note, read once. All members are computed when asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Headed parts in order; each ends where the next begins."""
        known = {word for element in lexicon().values() for word in element.headings}
        openings: dict[int, tuple[str, int]] = {}
        for match in _OPENING.finditer(self.text):
            openings[match.start("head")] = (_plain_heading(match["head"]), match.end())
        for match in _known_headings().finditer(self.text):
            openings[match.start("head")] = (_plain_heading(match["head"]), match.end())
        for match in _TITLE.finditer(self.text):
            if _plain_heading(match["head"]) in known and match.start("head") not in openings:
                openings[match.start("head")] = (_plain_heading(match["head"]), match.end())
        places = sorted(openings)
        return tuple(
            Section(openings[place][0], place, openings[place][1], max(openings[place][1], following))
            for place, following in pairwise([*places, len(self.text)])
        )

    def headed(self, headings: frozenset[str]) -> list[Section]:
        """Sections under one of these headings."""
        return [section for section in self.sections if section.head in headings]

    def content(self, section: Section) -> Span:
        """The section's content without blanks around it."""
        body = self.text[section.body : section.stop]
        return section.body + len(body) - len(body.lstrip()), section.body + len(body.rstrip())

    def is_hollow(self, section: Section) -> bool:
        """Whether nothing of substance stands under the heading: blanks, "N/A", "see above", one word."""
        first, last = self.content(section)
        body = _BLANKS.sub(" ", self.text[first:last] if last > first else "").strip(" \t\n.:;-")
        return not body or _HOLLOW.fullmatch(body) is not None or len(re.findall(r"\w+", body)) < 2

    def sentence_start(self, place: int) -> int:
        """Where the sentence or line of a place begins."""
        return max(self.text.rfind(end, 0, place) + 1 for end in (".", "\n", ";", ":"))

    def is_negated(self, place: int) -> bool:
        """Whether a negation stands closely before a place in its sentence."""
        return _NEGATION.search(self.text[self.sentence_start(place) : place]) is not None

    def _reach(self, section: Section, element: str) -> int:
        """How far a heading reaches: a plan over its line and the list below, others over one sentence."""
        pattern = _FIRST_LINE if element == "plan" else _FIRST_SENTENCE
        found = pattern.match(self.text, section.body, section.stop)
        return found.end() if found else section.stop

    def phrases(self, name: str) -> list[Span]:
        """Where phrases of an element stand, negated ones left out unless they count."""
        element = lexicon()[name]
        if element.phrases is None:
            return []
        barred = [found.span() for found in element.refused.finditer(self.text)] if element.refused else []
        barred += [(section.start, section.body) for section in self.sections if self.is_hollow(section)]
        for other in element.not_under:
            barred += [
                (section.start, self._reach(section, other))
                for section in self.headed(lexicon()[other].headings)
            ]
        return [
            found.span()
            for found in element.phrases.finditer(self.text)
            if (element.negated_counts or not self.is_negated(found.start()))
            and not any(first <= found.start() < last for first, last in barred)
        ]

    def shows(self, name: str) -> tuple[Span, ...]:
        """Where the note shows an element: content under its headings, then phrases. Empty: not shown."""
        element = lexicon()[name]
        spans = []
        for section in self.headed(element.headings):
            first, last = self.content(section)
            # A longer content than a few lines may be the rest of the note: quote its first paragraph.
            paragraph = self.text.find("\n\n", first, last)
            last = paragraph if paragraph > first else last
            barred = element.refused and element.refused.search(self.text, section.start, last)
            if not self.is_hollow(section) and not barred:
                spans.append((first, last))
        return tuple(dict.fromkeys([*spans, *self.phrases(name)]))

    def traces(self, name: str) -> tuple[Span, ...]:
        """What stands in place of a missing element: empty headings, refusals such as "not assessed"."""
        element = lexicon()[name]
        spans = [
            (section.start, max(self.content(section)[1], section.start + len(section.head)))
            for section in self.headed(element.headings)
            if self.is_hollow(section)
        ]
        if element.refused:
            spans += [found.span() for found in element.refused.finditer(self.text)]
        return tuple(spans)
