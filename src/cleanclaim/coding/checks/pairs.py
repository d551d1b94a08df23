"""Codes that do not go together, and units beyond the daily limit (NCCI)."""

from __future__ import annotations

from itertools import combinations

from cleanclaim.codesets import mue, procedures, ptp
from cleanclaim.coding.families.crisis import CRISIS_CODES
from cleanclaim.coding.visit import Line, Visit, is_em, is_psychotherapy

_EVALUATIONS = frozenset({"90791", "90792"})


def check_crisis(visit: Visit) -> None:
    """Note E_CRISIS_CONFLICT with the same day's code; inside the row where no NCCI check speaks."""
    if CRISIS_CODES.isdisjoint(visit.codes()):
        return
    others = [visit.other("same_day").upper()]
    if not visit.ncci_on:
        others += [code for code in visit.all_codes() if code not in CRISIS_CODES]
    for code in others:
        if code in _EVALUATIONS or is_psychotherapy(code):
            visit.refuse("E_CRISIS_CONFLICT", code=code)


def _alternatives(visit: Visit, first: str, second: str) -> bool:
    """Whether one of two codes is only the user's other choice for the same service."""
    computed = set(visit.codes())
    if (first in computed) == (second in computed):
        return False
    one, other = procedures.find(first), procedures.find(second)
    return one is not None and other is not None and one.family == other.family


def check_pairs(visit: Visit) -> None:
    """Note pairs of computed and requested codes; mark the column-2 line and put column 1 first.

    Indicator 0 never goes. Indicator 1 goes when separate sessions are documented, with the
    payer's modifier on the column-2 code; an E/M in column 2 carries 25 instead.
    """
    if not visit.ncci_on:
        return
    on = visit.facts.dos
    for first, second in combinations(visit.all_codes(), 2):
        pair = ptp.lookup(first, second, on)
        if pair is None or _alternatives(visit, first, second):
            continue
        if pair.indicator == 0:
            visit.refuse("E_CODE_PAIR_NCCI0", column1=pair.column1, column2=pair.column2)
        elif not visit.sessions_are_separate:
            visit.refuse("E_PAIR_NEEDS_MODIFIER", column1=pair.column1, column2=pair.column2)
        else:
            _mark(visit, pair)
    _tell_same_day(visit)


def _mark(visit: Visit, pair: ptp.Pair) -> None:
    modifier = "25" if is_em(pair.column2) else visit.profile("distinct_mod", "59")
    for line in visit.lines:
        if line.code == pair.column2 and modifier not in line.edit_modifiers:
            line.edit_modifiers.append(modifier)
            visit.because(
                f"{pair.column1} and {pair.column2} were separate sessions: {modifier} on {pair.column2}",
                "NCCI PTP practitioner 2024Q3",
            )
    _move_before(visit.lines, pair.column1, pair.column2)


def _move_before(lines: list[Line], first: str, second: str) -> None:
    """Put the line of `first`, with its own add-ons, before the line of `second`."""
    codes = [line.code for line in lines]
    if first not in codes or second not in codes or codes.index(first) < codes.index(second):
        return
    group = lines[codes.index(first)].group
    moved = [line for line in lines if line.group == group]
    target = lines[codes.index(second)]
    if target in moved:
        return
    rest = [line for line in lines if line.group != group]
    place = next(index for index, line in enumerate(rest) if line.group == target.group)
    lines[:] = [*rest[:place], *moved, *rest[place:]]


def _tell_same_day(visit: Visit) -> None:
    """A code billed that day outside this row is judged by the claim edits; say it here already."""
    other = visit.other("same_day").upper()
    for code in visit.codes() if other else ():
        pair = ptp.lookup(code, other, visit.facts.dos)
        if pair is not None:
            visit.tell(
                "same_day_pair",
                "A code of this session and one billed elsewhere that day form an NCCI pair.",
                "other_inputs",
                column1=pair.column1,
                column2=pair.column2,
                indicator=pair.indicator,
            )


def check_daily_limits(visit: Visit) -> None:
    """Note W_MUE_EXCEEDED (reviewable) and E_MUE_EXCEEDED (absolute); a limit of 0 limits no units."""
    if not visit.ncci_on:
        return
    for line in visit.lines:
        limit = mue.lookup(line.code, visit.facts.dos)
        if limit is not None and limit.units and line.units > limit.units:
            code = "E_MUE_EXCEEDED" if limit.mai == 2 else "W_MUE_EXCEEDED"
            visit.refuse(code, code=line.code, units=line.units, limit=limit.units)
