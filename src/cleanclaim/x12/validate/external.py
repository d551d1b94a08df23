"""SNIP 5: codes of external lists, as our copies of those lists know them on a date.

A list that we hold whole warns of members that it does not know (`x12.code.unknown`); of a list that we hold
in part, an unknown member is told as such (`x12.code.unlisted`), with how much of the list we hold; where the
part is small, only codes that ended are told. Every warning names the date of the list, because a code may
simply be newer. ``x12/external_codes.csv`` says which elements point to which list, those included that are
not asked; ``codesets/external_lists.csv`` says what we hold (docs/reference/external-codes.md shows both).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache, lru_cache
from typing import Any

import msgspec

from cleanclaim.codesets import external, icd10cm
from cleanclaim.codesets.external import Member
from cleanclaim.dates import parse_ccyymmdd
from cleanclaim.x12.guide import Guide, SegmentRule
from cleanclaim_data.loader import read_csv, when_overlaid

UNKNOWN, ENDED, INCOMPLETE = "x12.code.unknown", "x12.code.not_in_force", "x12.code.incomplete"
UNLISTED = "x12.code.unlisted"
_REVENUE_DIGITS = 4


class Spec(msgspec.Struct, frozen=True):
    """Where codes of one list stand in a segment."""

    elements: tuple[int, ...]
    component: int
    when: tuple[int, int, frozenset[str]] | None
    """Element (0 for the same), component and codes that must hold for the list to apply."""
    table: str
    dated: bool
    """Asked on the day of service where one is known; without a day, only membership is judged."""


class Doubt(msgspec.Struct, frozen=True):
    """One code that its list does not confirm."""

    kind: str
    element: int
    component: int
    table: str
    code: str
    on: date | None = None


class Asked:
    """What one guide asks of external lists."""

    def __init__(self, guide: Guide) -> None:
        self.specs: dict[str, tuple[Spec, ...]] = {}
        """By segment id: lists that are asked, at elements that the guide uses."""
        used = _used(guide)
        for name, spec in all_specs():
            if external.external_lists()[spec.table].asked == "no":
                continue
            elements = tuple(at for at in spec.elements if _may_hold(used.get(name, ()), spec, at))
            if elements:
                spec = msgspec.structs.replace(spec, elements=elements)
                self.specs[name] = (*self.specs.get(name, ()), spec)
        self._firsts: dict[str, frozenset[str] | None] = {}
        for name, asked in self.specs.items():
            firsts = [_first_codes(spec) for spec in asked]
            whole = all(one is not None for one in firsts)
            self._firsts[name] = frozenset().union(*(one or () for one in firsts)) if whole else None

    def concerns(self, name: str, first: str) -> bool:
        """Whether a segment with this id and first element may hold a code that is asked."""
        if name not in self._firsts:
            return False
        firsts = self._firsts[name]
        return firsts is None or first in firsts


@cache
def all_specs() -> tuple[tuple[str, Spec], ...]:
    """Every row of the table: a segment id and what is asked of it."""
    found = []
    for row in read_csv("x12/external_codes.csv"):
        when = None
        if row["when_codes"]:
            place = int(row["when_element"] or 0), int(row["when_component"] or 0)
            when = (*place, frozenset(row["when_codes"].split("|")))
        elements = tuple(int(one) for one in row["elements"].split("|"))
        spec = Spec(elements, int(row["component"] or 0), when, row["table"], bool(row["dated"]))
        found.append((row["segment"], spec))
    return tuple(found)


def _used(guide: Guide) -> dict[str, list[SegmentRule]]:
    """The uses of each segment in a guide."""
    found: dict[str, list[SegmentRule]] = {}
    for loop in guide.loops.values():
        for child in loop.children:
            if child.segment:
                found.setdefault(child.segment.name, []).append(child.segment)
    return found


def _may_hold(uses: Iterable[SegmentRule], spec: Spec, at: int) -> bool:
    return any(may_hold(use, spec, at) for use in uses)


def may_hold(use: SegmentRule, spec: Spec, at: int) -> bool:
    """Whether a guide lets an element hold a code of this list: it is used, and its qualifier may say so."""
    rules = {(rule.at, rule.component): rule for rule in use.elements}
    if (at, spec.component) not in rules or not rules[at, spec.component].used:
        return False
    if spec.when is None:
        return True
    element, component, codes = spec.when
    qualifier = rules.get((element or at, component))
    return qualifier is None or not qualifier.codes or bool(qualifier.codes & codes) or "" in codes


def _first_codes(spec: Spec) -> frozenset[str] | None:
    """The codes of a segment's first element for which a spec holds; None when it does not hang on it.

    A shape tells these codes apart (`shapes`: the qualifiers of the guide), as those of REF01 and LQ01.
    """
    return spec.when[2] if spec.when and spec.when[:2] == (1, 0) and 1 not in spec.elements else None


def doubts(elements: list[str], separator: str, on: date | None, specs: tuple[Spec, ...]) -> Iterator[Doubt]:
    """The codes of one segment that their lists do not confirm on a day."""
    for spec in specs:
        for at in spec.elements:
            if at >= len(elements) or not elements[at]:
                continue
            code = elements[at]
            if spec.component:
                parts = code.split(separator)
                code = parts[spec.component - 1] if spec.component <= len(parts) else ""
            if not code or (spec.when and not _holds(spec.when, elements, at, separator)):
                continue
            kind = judge(spec.table, code, on if spec.dated else None)
            if kind:
                yield Doubt(kind, at, spec.component, spec.table, code, on if spec.dated else None)


def _holds(when: tuple[int, int, frozenset[str]], elements: list[str], at: int, separator: str) -> bool:
    element, component, codes = when
    text = elements[element or at] if (element or at) < len(elements) else ""
    parts = text.split(separator)
    return (parts[component - 1] if component and component <= len(parts) else text) in codes


@lru_cache(maxsize=50_000)
def judge(table: str, code: str, on: date | None) -> str:
    """What a list says against a code: the code of a finding, or nothing.

    Without a day, only membership is judged.
    """
    if table == "diagnoses":
        return _diagnosis(code, on)
    if table == "bill_types" and len(code) > len("13"):
        return _whole_bill_type(code, on)
    if table == "regions" and len(code) != len("IL"):
        return ""  # a code of another length is already told as such
    if table == "revenue_codes" and code.isdecimal():
        code = code.zfill(_REVENUE_DIGITS)  # some senders leave the leading zero out
    member = external.members(table).get(code)
    asked = external.external_lists()[table]
    if member is None:
        if asked.asked == "ended":
            return ""
        return UNKNOWN if asked.extent == "whole" else UNLISTED
    return ENDED if on is not None and _when(member, table, on) else ""


def _when(member: Member, table: str, on: date) -> str:
    """Why a code does not hold on a day, in words; `''` when it does as far as the list says."""
    if member.effective_to is not None and member.effective_to < on:
        return f"ended on {member.effective_to.isoformat()}"
    if member.effective_from is not None and on < member.effective_from:
        return f"began on {member.effective_from.isoformat()}"
    listed = external.as_of(table)
    if member.ended and member.effective_to is None and listed is not None and listed <= on:
        return f"ended before {listed.isoformat()}"
    return ""


def facts_of(doubt: Doubt) -> dict[str, Any]:
    """What a finding says of a doubt: the list, its date, how much of it we hold, when the code ended."""
    facts: dict[str, Any] = {"list": doubt.table.replace("_", " "), "dated": list_date(doubt.table)}
    if doubt.kind == UNLISTED:
        about = external.external_lists()[doubt.table].about
        count = external.held(doubt.table)
        facts["extent"] = f"{count} of about {about}" if about else f"{count} codes of it"
    if doubt.kind == ENDED and doubt.on is not None:
        facts["when"] = _ended_words(doubt.table, doubt.code, doubt.on)
    return facts


def _ended_words(table: str, code: str, on: date) -> str:
    if table == "diagnoses":
        return f"ended on {icd10cm.history(code)[-1].effective_to}"
    if table == "bill_types":
        code = code.removeprefix("0")[:2]
    if table == "revenue_codes":
        code = code.zfill(_REVENUE_DIGITS)
    return _when(external.members(table)[code], table, on)


def list_date(table: str) -> str:
    """The date of our copy of a list."""
    found = external.as_of(table)
    return found.isoformat() if found else "unknown date"


def service_day(text: str, separator: str) -> date | None:
    """The first day of a DTP or DTM segment."""
    elements = text.split(separator)
    at = 3 if elements[0] == "DTP" else 2
    value = elements[at] if at < len(elements) else ""
    return parse_ccyymmdd(value[:8])


def _diagnosis(code: str, on: date | None) -> str:
    history = icd10cm.history(code)
    if not history:
        return UNKNOWN
    if on is not None and all(row.effective_to is not None and row.effective_to < on for row in history):
        return ENDED  # before its first day our releases do not speak
    return "" if history[-1].billable else INCOMPLETE


def _whole_bill_type(code: str, on: date | None) -> str:
    """A type of bill of three positions, or of four with a leading zero."""
    code = code.removeprefix("0")
    if len(code) != len("131"):
        return UNKNOWN
    return judge("bill_types", code[:2], on) or judge("bill_frequencies", code[2], on)


when_overlaid(judge.cache_clear)
