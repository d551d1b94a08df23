"""SNIP 4: what one value makes required, or not used, elsewhere in the same claim.

Rules are rows of ``x12/situations.csv``. A rule looks at one segment of one loop ("when CLM05-3 is 7 or
8") and wants something of the same occurrence of that loop:

- ``has REF:F8@2300``: a segment, with a qualifier, in a loop at or below it;
- ``filled 11.4``: an element of the segment itself;
- ``digits 3=9``: an element of the segment itself, as so many digits;
- ``value SBR.1=P|S``: a value in another segment of the occurrence;
- ``either A or B``: one of two of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

import msgspec

from cleanclaim.findings import Severity
from cleanclaim.x12.guide import Guide
from cleanclaim_data.loader import read_csv

_HAS = re.compile(r"has (\w+)(?::(\w+))?@(\w+)\Z")
_FILLED = re.compile(r"filled (\d+)(?:\.(\d+))?\Z")
_DIGITS = re.compile(r"digits (\d+)=(\d+)\Z")
_VALUE = re.compile(r"value (\w+)\.(\d+)=(\S*)\Z")


class Need(msgspec.Struct, frozen=True):
    """One thing that a rule wants: a segment, an element of the same segment, or a value elsewhere."""

    kind: str
    segment: str = ""
    qualifier: str = ""
    loop: str = ""
    element: int = 0
    component: int = 0
    codes: frozenset[str] = frozenset()
    length: int = 0


class Situation(msgspec.Struct, frozen=True):
    """One rule."""

    id: str
    bases: tuple[str, ...]
    loop: str
    segment: str
    element: int
    components: tuple[int, ...]
    codes: frozenset[str]
    negated: bool
    filled: bool
    """Applies whenever the element is sent, whatever it holds."""
    empty: bool
    """Applies when the element is empty."""
    needs: tuple[Need, ...]
    """One of them is enough."""
    severity: Severity
    message: str
    remedy: str


def parse_need(text: str) -> tuple[Need, ...]:
    """Read the column `need`.

    Examples:
        >>> parse_need("has REF:F8@2300")[0].qualifier, len(parse_need("either SBR.1=P or filled 5"))
        ('F8', 2)

    Raises:
        ValueError: Not one of the forms above.
    """
    if text.startswith("either "):
        parts = text.removeprefix("either ").split(" or ")
        return tuple(need for part in parts for need in parse_need(part if " " in part else f"value {part}"))
    if match := _HAS.match(text):
        return (Need("has", match[1], match[2] or "", match[3]),)
    if match := _FILLED.match(text):
        return (Need("filled", element=int(match[1]), component=int(match[2] or 0)),)
    if match := _DIGITS.match(text):
        return (Need("digits", element=int(match[1]), length=int(match[2])),)
    if match := _VALUE.match(text):
        return (Need("value", match[1], element=int(match[2]), codes=frozenset(match[3].split("|"))),)
    raise ValueError(f"not a need: {text!r}")


@cache
def situations() -> tuple[Situation, ...]:
    """All rules."""
    found = []
    for row in read_csv("x12/situations.csv"):
        codes = row["codes"]
        found.append(
            Situation(
                row["rule"], tuple(row["bases"].split("|")), row["loop"], row["segment"], int(row["element"]),
                tuple(int(one) for one in row["component"].split("|")) if row["component"] else (0,),
                frozenset(codes.removeprefix("!").split("|")), codes.startswith("!"), codes == "*", not codes,
                parse_need(row["need"]), Severity(row["severity"]),
                row["message"].removesuffix("."), row["remedy"].removesuffix("."),
            )
        )  # fmt: skip
    return tuple(found)


@cache
def situations_of(base: str) -> tuple[Situation, ...]:
    """The rules of a guide, by its base."""
    return tuple(rule for rule in situations() if base in rule.bases)


class Question(msgspec.Struct, frozen=True):
    """What is left of a rule in a chunk of known shape: values at known places."""

    rule: Situation
    at: int
    """The segment that the rule looks at, counted in its chunk."""
    others: tuple[tuple[int, Need], ...]
    """Other segments whose value may satisfy the rule."""

    def offends(
        self, elements: list[str], pieces: Sequence[str], begin: int, separator: str, component: str
    ) -> bool:
        """Whether the rule applies to the segment with these elements and nothing satisfies it."""
        text = elements[self.rule.element] if self.rule.element < len(elements) else ""
        if not (applies(self.rule, text, component) if text else self.rule.empty):
            return False
        for need in self.rule.needs:
            if need.kind == "filled" and _value(elements, need.element, need.component, component):
                return False
            value = _value(elements, need.element, 0, component)
            if need.kind == "digits" and _is_number(value, need.length):
                return False
        for at, need in self.others:
            if _value(pieces[begin + at].split(separator), need.element, 0, component) in need.codes:
                return False
        return True


def applies(rule: Situation, text: str, component: str) -> bool:
    """Whether the element holds what the rule looks for."""
    if rule.filled:
        return bool(text)
    parts = text.split(component)
    for at in rule.components:
        value = text if not at else parts[at - 1] if at <= len(parts) else ""
        if rule.negated:
            if value and value not in rule.codes:
                return True
        elif value in rule.codes:
            return True
    return False


def _value(elements: list[str], element: int, component: int, separator: str) -> str:
    text = elements[element] if element < len(elements) else ""
    if not component:
        return text
    parts = text.split(separator)
    return parts[component - 1] if component <= len(parts) else ""


def _is_number(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdecimal()


@cache
def _situations_at(base: str) -> dict[tuple[str, str], tuple[tuple[Situation, bool], ...]]:
    """The rules of a guide by loop and segment, and whether they look at other segments too."""
    found: dict[tuple[str, str], tuple[tuple[Situation, bool], ...]] = {}
    for rule in situations_of(base):
        further = any(need.kind in ("has", "value") for need in rule.needs)
        place = rule.loop, rule.segment
        found[place] = (*found.get(place, ()), (rule, further))
    return found


def questions(
    guide: Guide, loops: Sequence[str], begins: Sequence[bool], names: Sequence[Sequence[str]]
) -> Iterator[Question]:
    """The questions that the rules of a guide ask of a chunk, in the order of its segments.

    Args:
        loops: The loop of each segment.
        begins: Whether each segment begins an occurrence of its loop.
        names: The id and first element of each segment.
    """
    rules = _situations_at(guide.base)
    for at, loop in enumerate(loops):
        for rule, further in rules.get((loop, names[at][0]), ()):
            if not further:
                yield Question(rule, at, ())
                continue
            inside = range(*_occurrence(guide, loops, begins, at))
            if any(_stands(need, loops, names, inside) for need in rule.needs if need.kind == "has"):
                continue
            others = tuple(
                (other, need)
                for need in rule.needs
                if need.kind == "value"
                for other in inside
                if names[other][0] == need.segment and loops[other] == rule.loop
            )
            yield Question(rule, at, others)


def _stands(need: Need, loops: Sequence[str], names: Sequence[Sequence[str]], inside: range) -> bool:
    wanted, loop, qualifier = need.segment, need.loop, need.qualifier
    for at in inside:
        parts = names[at]
        if parts[0] == wanted and loops[at] == loop and (not qualifier or parts[-1] == qualifier):
            return True
    return False


def _occurrence(guide: Guide, loops: Sequence[str], begins: Sequence[bool], at: int) -> tuple[int, int]:
    """Where the occurrence of a loop that holds a segment begins and ends."""
    name = loops[at]
    first = at
    while first > 0 and not (loops[first] == name and begins[first]):
        first -= 1
    end = at + 1
    inside = descendants(guide, name)
    while end < len(loops) and loops[end] in inside and not (loops[end] == name and begins[end]):
        end += 1
    return first, end


@cache
def descendants(guide: Guide, name: str) -> frozenset[str]:
    """A loop and all loops below it, other levels (HL) left out."""
    found = {name}
    while True:
        more = {
            loop.name
            for loop in guide.loops.values()
            if loop.name and found & set(loop.parents) and loop.first.name != "HL"
        }
        if more <= found:
            return frozenset(found)
        found |= more
