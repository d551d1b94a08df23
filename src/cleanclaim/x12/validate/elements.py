"""Check the elements of one segment against its rule: presence, type, length, codes, dates, syntax.

Rules are compiled once per guide and set of delimiters. Each compiled element remembers the values
it has found good, because real files repeat a few values many times; the memory is emptied at the
end of each file, so that no patient's data outlives it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cleanclaim.dates import parse_ccyymmdd
from cleanclaim.x12.guide import ElementRule, SegmentRule
from cleanclaim.x12.structure import Delimiters

_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)\Z", re.ASCII)
_INTEGER = re.compile(r"-?\d+\Z", re.ASCII)
_TIME = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d\d{0,2})?\Z", re.ASCII)
_REMEMBERED = 20_000
_LISTED = 40


class Fault(NamedTuple):
    """What is wrong with an element; the walker adds where."""

    code: str
    at: int
    component: int
    facts: dict[str, Any]


def check_value(rule: ElementRule, value: str, name: str) -> tuple[str, dict[str, Any]] | None:
    """The first thing wrong with a value that is not empty, or None.

    Examples:
        >>> rule = ElementRule(1, 0, True, True, "R", 1, 18)
        >>> check_value(rule, "-12.50", "CLM02"), check_value(rule, "1,250", "CLM02")[0]
        (None, 'x12.element.character')
    """
    kind = rule.type
    length = len(value)
    if kind == "R":
        length -= value.count("-") + value.count(".")
    elif kind[0] == "N":
        length -= value.count("-")
    if length < rule.shortest:
        return "x12.element.too_short", {"seen": length, "limit": rule.shortest}
    if length > rule.longest:
        return "x12.element.too_long", {"seen": length, "limit": rule.longest}
    if kind == "DT":
        if parse_ccyymmdd(value if length == 8 else "20" + value) is None:
            return "x12.element.date", {}
    elif kind == "TM":
        if not _TIME.match(value):
            return "x12.element.time", {}
    elif kind == "R":
        if not _NUMBER.match(value):
            return "x12.element.character", {"type": kind}
    elif kind[0] == "N":
        if not _INTEGER.match(value):
            return "x12.element.character", {"type": kind}
    elif not value.isprintable():
        return "x12.element.character", {"type": kind}
    if rule.codes and value not in rule.codes:
        listed = sorted(rule.codes)
        expected = ", ".join(listed[:_LISTED]) + (" ..." if len(listed) > _LISTED else "")
        return "x12.element.code", {"expected": expected}
    if kind == "AN" and (value[0] == " " or value[-1] == " "):
        return "x12.element.trailing_blanks", {}
    return None


def _acceptor(rule: ElementRule, delimiters: Delimiters) -> Callable[[str], object]:
    """A quick test that only ever accepts good values; what it does not accept is looked at closely."""
    kind, least, most = rule.type, rule.shortest, rule.longest
    if not rule.used or rule.codes or kind in ("DT", "TM", "B"):
        return _never
    if kind == "R":
        if least > 1:
            return _never
        pattern = rf"-?\d{{1,{most}}}" if most < 4 else rf"-?\d{{1,{most - 3}}}(?:\.\d{{1,3}})?"
    elif kind[0] == "N":
        pattern = rf"-?\d{{{least},{most}}}"
    else:
        inside = "".join(re.escape(mark) for mark in _all_marks(delimiters))
        plain = rf"(?:(?![{inside}])[!-~])"
        pattern = rf"(?={plain})(?:{plain}| ){{{least},{most}}}(?<! )"
    return re.compile(rf"{pattern}\Z", re.ASCII).match


def _never(value: str) -> None:
    return None


def _all_marks(delimiters: Delimiters) -> str:
    return delimiters.element + delimiters.component + delimiters.repetition + delimiters.segment


class Simple:
    """An element without components."""

    __slots__ = ("accepts", "at", "good", "repetition", "rule", "start")

    def __init__(self, rule: ElementRule, delimiters: Delimiters) -> None:
        self.at = rule.at
        self.rule = rule
        self.repetition = delimiters.repetition
        self.start = set() if rule.required else {""}
        if rule.codes:
            self.start |= rule.codes
        self.good = set(self.start)
        self.accepts = _acceptor(rule, delimiters)

    def check(self, value: str, name: str) -> Iterator[Fault]:
        rule = self.rule
        if not value:
            yield Fault("x12.element.required", self.at, 0, {})
            return
        if not rule.used:
            yield Fault("x12.element.not_used", self.at, 0, {})
            return
        values = [value]
        if self.repetition and self.repetition in value:
            values = value.split(self.repetition)
            if rule.repeats and len(values) > rule.repeats:
                facts = {"seen": len(values), "limit": rule.repeats}
                yield Fault("x12.element.repeats", self.at, 0, facts)
                return
        clean = True
        for one in values:
            fault = check_value(rule, one, name) if one else ("x12.element.required", {})
            if fault:
                clean = False
                yield Fault(fault[0], self.at, 0, fault[1])
                break
        if clean and len(self.good) < _REMEMBERED:
            self.good.add(value)


class Composite:
    """An element with components."""

    __slots__ = ("accepts", "at", "good", "parts", "repeats", "repetition", "required", "separator", "start")

    def __init__(self, at: int, required: bool, parts: list[ElementRule], delimiters: Delimiters) -> None:
        self.at = at
        self.required = required
        self.parts = parts
        self.separator = delimiters.component
        self.repetition = delimiters.repetition
        self.repeats = parts[0].repeats
        self.start: set[str] = set() if required else {""}
        self.good = set(self.start)
        self.accepts = _never

    def check(self, value: str, name: str) -> Iterator[Fault]:
        if not value:
            yield Fault("x12.element.required", self.at, 0, {})
            return
        values = value.split(self.repetition) if self.repetition else [value]
        if self.repeats and len(values) > self.repeats:
            yield Fault("x12.element.repeats", self.at, 0, {"seen": len(values), "limit": self.repeats})
            return
        clean = True
        for one in values:
            for fault in self._check_one(one, name):
                clean = False
                yield fault
        if clean and len(self.good) < _REMEMBERED:
            self.good.add(value)

    def _check_one(self, value: str, name: str) -> Iterator[Fault]:
        components = value.split(self.separator)
        if not any(components):
            yield Fault("x12.element.required", self.at, 0, {})
            return
        if len(components) > len(self.parts):
            facts = {"seen": len(components), "limit": len(self.parts)}
            yield Fault("x12.element.too_many_components", self.at, 0, facts)
        for rule in self.parts:
            text = components[rule.component - 1] if rule.component <= len(components) else ""
            if not text:
                if rule.required:
                    yield Fault("x12.element.required", self.at, rule.component, {})
            elif not rule.used:
                yield Fault("x12.element.not_used", self.at, rule.component, {})
            else:
                fault = check_value(rule, text, name)
                if fault:
                    yield Fault(fault[0], self.at, rule.component, fault[1])


class SegmentCheck:
    """A segment rule made ready for one set of delimiters."""

    __slots__ = (
        "clean",
        "count",
        "formats",
        "good_formats",
        "good_presence",
        "name",
        "number",
        "separator",
        "steps",
        "syntax",
    )

    def __init__(self, rule: SegmentRule, delimiters: Delimiters, number: int = 0) -> None:
        self.name = rule.name
        self.number = number
        """Its place among the checks of its guide."""
        by_element: dict[int, list[ElementRule]] = {}
        for element in rule.elements:
            by_element.setdefault(element.at, []).append(element)
        self.count = max(by_element, default=0)
        self.steps: list[Simple | Composite] = []
        for at, rules in sorted(by_element.items()):
            if rules[0].component:
                self.steps.append(Composite(at, rule.composites[at], rules, delimiters))
            else:
                self.steps.append(Simple(rules[0], delimiters))
        self.syntax = [
            (note[0], [int(note[i : i + 2]) for i in range(1, len(note), 2)]) for note in rule.syntax
        ]
        self.formats = rule.formats
        self.good_formats: set[tuple[str, str]] = set()
        self.good_presence: set[bytes] = set()
        """Which elements are sent together without offending a syntax note."""
        self.separator = delimiters.element
        self.clean: set[str] = set()
        """Whole segments found without fault: lines, dates and codes repeat a lot."""

    def forget(self) -> None:
        """Empty the memory of good values."""
        self.good_formats.clear()
        self.clean.clear()
        for step in self.steps:
            if len(step.good) != len(step.start):
                step.good = set(step.start)

    def is_clean(self, text: str) -> bool:
        """Whether a whole segment, as sent, has no fault; remembers those that have none."""
        if text in self.clean:
            return True
        if self.faults(text.split(self.separator)):
            return False
        self.remember(text)
        return True

    def remember(self, text: str) -> None:
        """Keep a whole segment as one without fault."""
        if len(self.clean) >= _REMEMBERED:
            self.clean.clear()
        self.clean.add(text)

    def faults(self, elements: list[str]) -> list[Fault]:
        """All faults of a segment, in element order; usually none."""
        return self._find(elements)

    def _find(self, elements: list[str]) -> list[Fault]:
        found: list[Fault] = []
        sent = len(elements)
        for step in self.steps:
            at = step.at
            value = elements[at] if at < sent else ""
            if value in step.good:
                continue
            if value and step.accepts(value):
                if len(step.good) < _REMEMBERED:
                    step.good.add(value)
            else:
                found += step.check(value, self.name)
        if sent - 1 > self.count and any(elements[self.count + 1 :]):
            found.append(
                Fault("x12.element.too_many", self.count + 1, 0, {"seen": sent - 1, "limit": self.count})
            )
        elif sent > 1 and not elements[-1]:
            code = "x12.segment.trailing_separators" if any(elements[1:]) else "x12.segment.empty"
            if code == "x12.segment.empty":
                found.clear()
            found.append(Fault(code, 0, 0, {}))
        elif sent == 1:
            return [Fault("x12.segment.empty", 0, 0, {})]
        if self.syntax:
            presence = bytes(map(bool, elements))
            if presence not in self.good_presence:
                self.check_syntax(elements, found)
                if not found and len(self.good_presence) < _REMEMBERED:
                    self.good_presence.add(presence)
        for format_at, value_at in self.formats:
            self._check_format(elements, format_at, value_at, found)
        return found

    def check_syntax(self, elements: list[str], found: list[Fault]) -> None:
        sent = len(elements)
        for kind, places in self.syntax:
            filled = [at for at in places if at < sent and elements[at]]
            if kind == "P":
                bad, code = 0 < len(filled) < len(places), "x12.element.syntax_pair"
            elif kind == "R":
                bad, code = not filled, "x12.element.syntax_one_of"
            elif kind == "E":
                bad, code = len(filled) > 1, "x12.element.syntax_exclusive"
            elif kind == "C":
                bad, code = places[0] in filled and len(filled) < len(places), "x12.element.syntax_pair"
            else:  # L: when the first is sent, so is one of the others
                bad, code = places[0] in filled and len(filled) < 2, "x12.element.syntax_one_of"
            if not bad:
                continue
            # An element that is already said to be missing or unused is not said again.
            if any(fault.at in places for fault in found):
                continue
            empty = [at for at in places if at not in filled]
            names = " and ".join(f"{self.name}{at:02d}" for at in places)
            at = filled[-1] if kind == "E" else (empty or places)[0]
            found.append(Fault(code, at, 0, {"elements": names}))

    def _check_format(self, elements: list[str], format_at: int, value_at: int, found: list[Fault]) -> None:
        if value_at >= len(elements):
            return
        pair = (elements[format_at], elements[value_at])
        if (
            pair in self.good_formats
            or not all(pair)
            or any(fault.at in (format_at, value_at) for fault in found)
        ):
            return
        kind, value = pair
        if kind == "D8":
            good = parse_ccyymmdd(value) is not None
        elif kind == "RD8":
            first, dash, last = value.partition("-")
            begin, end = parse_ccyymmdd(first), parse_ccyymmdd(last)
            good = bool(dash) and begin is not None and end is not None and begin <= end
        elif kind == "TM":
            good = bool(_TIME.match(value))
        elif kind == "DT":
            good = parse_ccyymmdd(value[:8]) is not None and bool(_TIME.match(value[8:]))
        else:
            good = True
        if good:
            self.good_formats.add(pair)
        else:
            found.append(Fault("x12.element.date", value_at, 0, {}))
