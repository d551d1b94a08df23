"""SNIP 5: codes of external lists, as our copies of those lists know them on a date.

Whole lists (diagnoses, adjustment reasons, places of service, status categories) warn of members that
they do not know. Lists of which we hold a part warn only of members that have ended. A warning names
the date of the list, because a code may simply be newer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache, lru_cache

import msgspec

from cleanclaim import codesets
from cleanclaim.codesets import icd10cm, places_of_service, procedures
from cleanclaim.dates import parse_ccyymmdd
from cleanclaim_data.loader import read_csv

UNKNOWN, ENDED, INCOMPLETE = "x12.code.unknown", "x12.code.not_in_force", "x12.code.incomplete"


class Spec(msgspec.Struct, frozen=True):
    """Where codes of one list stand in a segment."""

    elements: tuple[int, ...]
    component: int
    when: tuple[int, int, frozenset[str]] | None
    """Element (0 for the same), component and codes that must hold for the list to apply."""
    table: str
    dated: bool


class Doubt(msgspec.Struct, frozen=True):
    """One code that its list does not confirm."""

    kind: str
    element: int
    component: int
    table: str
    code: str


@cache
def specs() -> dict[str, tuple[Spec, ...]]:
    """By segment id."""
    found: dict[str, tuple[Spec, ...]] = {}
    for row in read_csv("x12/external_codes.csv"):
        when = None
        if row["when_codes"]:
            place = int(row["when_element"] or 0), int(row["when_component"] or 0)
            when = (*place, frozenset(row["when_codes"].split("|")))
        elements = tuple(int(one) for one in row["elements"].split("|"))
        spec = Spec(elements, int(row["component"] or 0), when, row["table"], bool(row["dated"]))
        found[row["segment"]] = (*found.get(row["segment"], ()), spec)
    return found


def doubts(elements: list[str], separator: str, on: date | None) -> Iterator[Doubt]:
    """The codes of one segment that their lists do not confirm on a day."""
    for spec in specs().get(elements[0], ()):
        if spec.dated and on is None:
            continue
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
                yield Doubt(kind, at, spec.component, spec.table, code)


def _holds(when: tuple[int, int, frozenset[str]], elements: list[str], at: int, separator: str) -> bool:
    element, component, codes = when
    text = elements[element or at] if (element or at) < len(elements) else ""
    parts = text.split(separator)
    return (parts[component - 1] if component and component <= len(parts) else text) in codes


@lru_cache(maxsize=50_000)
def judge(table: str, code: str, on: date | None) -> str:
    """What a list says against a code: the code of a finding, or nothing."""
    return _JUDGES[table](code, on)


def list_date(table: str) -> str:
    """The date of our copy of a list."""
    for version in codesets.versions():
        if version.table == ("icd10cm_all" if table == "diagnoses" else table):
            return version.as_of.isoformat() if version.as_of else "unknown date"
    return "unknown date"


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


def _place(code: str, on: date | None) -> str:
    try:
        places_of_service.lookup(code, on or date.max)
    except codesets.CodeNotKnown:
        return UNKNOWN
    return ""


def _procedure(code: str, on: date | None) -> str:
    return ENDED if on is not None and procedures.ended_before(code, on) else ""


def _region(code: str, on: date | None) -> str:
    # a code of another length is already told as such
    return _listed(codesets.regions.lookup)(code, on) if len(code) == 2 else ""


def _listed(look: Callable[[str], object]) -> Callable[[str, date | None], str]:
    def judged(code: str, on: date | None) -> str:
        try:
            look(code)
        except codesets.CodeNotKnown:
            return UNKNOWN
        return ""

    return judged


_JUDGES: dict[str, Callable[[str, date | None], str]] = {
    "carc": _listed(codesets.carc),
    "plb": _listed(codesets.plb),
    "claim_status_category": _listed(codesets.claim_status.category),
    "diagnoses": _diagnosis,
    "places_of_service": _place,
    "procedures": _procedure,
    "regions": _region,
}
TABLES = frozenset(_JUDGES)
