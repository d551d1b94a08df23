"""Units that the user asks for, against what the facts give."""

from __future__ import annotations

from cleanclaim.codesets import procedures
from cleanclaim.coding.visit import Line, Visit

_COUNTED = frozenset({"each_unit_midpoint", "each_unit_full", "per_instrument", "per_hour"})
_ADDED = frozenset({"addon_midpoint", "addon_block_after_74", "each_unit_full"})


def _rule(line: Line) -> str:
    found = procedures.find(line.code)
    return found.time_rule if found is not None else ""


def _counts(line: Line) -> bool:
    """Whether more time or more instruments give more units of this code."""
    return _rule(line) in _COUNTED | _ADDED


def merge_repeats(visit: Visit) -> None:
    """Join lines of one code. Two units of a one-per-session code need separate sessions."""
    kept: dict[str, Line] = {}
    for line in list(visit.lines):
        first = kept.setdefault(line.code, line)
        if first is not line:
            first.units += line.units
            visit.lines.remove(line)
            if not _counts(first) and not visit.sessions_are_separate:
                visit.refuse("E_UNITS_GT_1", code=first.code, units=first.units)


def apply_units(visit: Visit) -> None:
    """Check the units asked for; a second documented session is billed with them, less is billed as asked."""
    asked = visit.facts.units
    main = [line for line in visit.lines if line.code not in ("90785", "G2211")]
    if asked is None or not main:
        if asked is not None and asked > 1:
            visit.refuse("E_UNITS_GT_1" if visit.parts else "E_UNITS_NOT_SUPPORTED", asked=asked)
        return
    first = main[0]
    total = sum(line.units for line in main)
    added = any(_rule(line) in _ADDED for line in main[1:])
    if asked == first.units or (added and asked == total):
        return
    if asked < 1:
        visit.refuse("E_UNITS_NOT_SUPPORTED", column="units", asked=asked, supported=total)
    elif not _counts(first) and not (added and asked < total):
        if len(main) == 1 and visit.sessions_are_separate:
            first.units = asked
            visit.because(f"{asked} separately documented sessions of {first.code}")
        else:
            visit.refuse("E_UNITS_GT_1", column="units", code=first.code, asked=asked)
    elif len(main) == 1 and asked < first.units:
        visit.tell(
            "fewer_units",
            "Fewer units are billed than the time supports, as asked.",
            "units",
            supported=first.units,
        )
        first.units = asked
    else:
        visit.refuse("E_UNITS_NOT_SUPPORTED", column="units", asked=asked, supported=total)
