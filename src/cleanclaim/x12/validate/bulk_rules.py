"""Sums, situational rules and external codes of many chunks at once, from arrays.

As in `bulk_values`: what is not flagged here has nothing to be told for sure; what is flagged is asked again,
chunk by chunk, by `balance` and `claim_rules` themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cleanclaim.x12.arrays import WIDTH, Array, Field, Rows, code, few
from cleanclaim.x12.validate import external
from cleanclaim.x12.validate.bulk_balance import small
from cleanclaim.x12.validate.bulk_values import ValueArrays
from cleanclaim.x12.validate.situations import Need, Situation

if TYPE_CHECKING:
    from cleanclaim.x12.validate.claim_rules import ClaimRules
    from cleanclaim.x12.validate.shapes import Entry

_EPOCH = date(1970, 1, 1)
_NO_DAY = -(1 << 31)
_ANY_DAY = np.full(1, _NO_DAY)


class Asked(NamedTuple):
    """A rule, and how far from its segment the others stand that may satisfy it."""

    rule: Situation
    others: tuple[tuple[int, Need], ...]


class Questions:
    """All that was asked so far, each question at its number; rules live as long as their table."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._numbers: dict[tuple[int, tuple[tuple[int, Need], ...]], int] = {}

    def number(self, rule: Situation, others: tuple[tuple[int, Need], ...]) -> int:
        """The number of a question."""
        found = self._numbers.get((id(rule), others))
        if found is None:
            found = self._numbers[id(rule), others] = len(self.asked)
            self.asked.append(Asked(rule, others))
        return found


class EntryColumns:
    """What one entry asks of a chunk, as places within it. Lists: most entries are small, and may be many."""

    __slots__ = ("checks", "code_at", "day_at", "has_day", "question", "question_at")

    def __init__(self, entry: Entry, numbers: Questions) -> None:
        self.checks = [check.number for check in entry.checks]
        self.question_at: list[int] = []
        self.question: list[int] = []
        for at, questions in entry.plan.questions:
            for question in questions:
                others = question.others
                if others:
                    others = tuple((other - at, need) for other, need in others)
                self.question_at.append(at)
                self.question.append(numbers.number(question.rule, others))
        codes = entry.plan.codes
        self.code_at = [at for at, _ in codes]
        self.day_at = [day - at if day >= 0 else 0 for at, day in codes]
        self.has_day = [day >= 0 for _, day in codes]


def spread_out(parts: list[list[Any]], of: Array, starts: Array) -> tuple[Array, Array]:
    """Lay out each chunk's part of some lists: all values, and for each the row where its chunk starts.

    Args:
        parts: The lists of each entry.
        of: The entry of each chunk.
        starts: The first row of each chunk.
    """
    sizes = np.fromiter(map(len, parts), np.int64, len(parts))
    flat = np.fromiter(chain.from_iterable(parts), np.int32)
    base = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)[:-1]))
    counts = sizes[of]
    before = np.cumsum(counts) - counts
    at = np.arange(int(counts.sum())) + np.repeat(base[of] - before, counts)
    return flat[at], np.repeat(starts, counts)


def unbalanced(arrays: ValueArrays, starts: Array, ends: Array, first: int, last: int) -> Array:
    """Which of the chunks of claims may have another charge (CLM02) than their lines, or lines misnumbered.

    Args:
        starts, ends: Rows of the chunks; each begins with a claim.
        first, last: The rows within which they lie.
    """
    if not len(starts):
        return np.zeros(0, bool)
    total = np.zeros(last - first + 1, np.int64)
    unread = np.zeros(last - first + 1, bool)
    ids = arrays.ids[first:last]
    for name, element in (("SV1", 2), ("SV2", 3)):
        rows = np.flatnonzero(ids == code(name)) + first
        amounts, _ = arrays.cents(arrays.field(rows, element))
        plain = small(amounts.values, amounts.known)
        total[rows - first] = np.where(plain, amounts.values, 0)
        unread[rows - first] = ~plain
    heads = ids == code("LX")
    lines = np.concatenate((np.zeros(1, np.int64), np.cumsum(heads)))
    at = np.flatnonzero(heads) + first
    chunk = np.searchsorted(starts, at, "right") - 1
    numbers = arrays.digits(arrays.field(at, 1))
    counted = lines[at - first + 1] - lines[starts[np.maximum(chunk, 0)] - first]
    unread[at - first] = ~numbers.known | (numbers.values != counted)
    # Sums over chunks as differences of running sums: whole numbers, so nothing is lost.
    sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(total)))
    faults = np.concatenate((np.zeros(1, np.int64), np.cumsum(unread)))
    charge, _ = arrays.cents(arrays.field(starts, 2))
    begin, stop = starts - first, ends - first
    balanced: Array = charge.known & (sums[stop] - sums[begin] == charge.values)
    balanced &= faults[stop] == faults[begin]
    return ~balanced


def offending(arrays: ValueArrays, asked: Asked, rows: Rows) -> Array:
    """Rows where a rule may apply and nothing satisfies it."""
    rule = asked.rule
    field = arrays.field(rows, rule.element)
    filled = field.stop > field.begin
    applies = np.where(filled, _applies(arrays, rule, field), rule.empty)
    for need in rule.needs:
        if need.kind == "filled" and applies.any():
            value = arrays.field(rows, need.element)
            if need.component:
                value = arrays.components(value, need.component)[-1]
            applies &= value.stop == value.begin
        elif need.kind == "digits" and applies.any():
            applies &= ~_digits(arrays, arrays.field(rows, need.element), need.length)
    for distance, need in asked.others:
        if applies.any():
            applies &= ~_one_of(arrays, arrays.field(rows + distance, need.element), need.codes)
    return rows[applies]


def _applies(arrays: ValueArrays, rule: Situation, field: Field) -> Array:
    if rule.filled:
        return np.ones(len(field.begin), bool)
    found = np.zeros(len(field.begin), bool)
    for component in rule.components:
        value = arrays.components(field, component)[-1] if component else field
        if rule.negated:
            found |= (value.stop > value.begin) & ~_one_of(arrays, value, rule.codes)
        elif any(len(one) > WIDTH for one in rule.codes):
            return np.ones(len(field.begin), bool)
        else:
            found |= _one_of(arrays, value, rule.codes)
    return found


def _digits(arrays: ValueArrays, field: Field, length: int) -> Array:
    right: Array = field.stop - field.begin == length
    for at in range(length):
        octet = arrays.octets[np.minimum(field.begin + at, len(arrays.bytes))]
        right &= (octet >= ord("0")) & (octet <= ord("9"))
    return right


def _one_of(arrays: ValueArrays, field: Field, codes: Iterable[str]) -> Array:
    return arrays.equal_field(field, *(one for one in codes if len(one) <= WIDTH and one.isascii()))


def doubtful(arrays: ValueArrays, rows: Rows, day_rows: Array, has_day: Array, rules: ClaimRules) -> Array:
    """Rows with a code that its list may not confirm on its day."""
    days = np.full(len(rows), _NO_DAY, np.int64)
    dated = np.flatnonzero(has_day)
    found = _service_days(arrays, day_rows[dated])
    days[dated] = found
    flagged = []
    ids = arrays.ids[rows]
    for name, specs in rules.asked.specs.items():
        chosen = np.flatnonzero(ids == code(name))
        if len(chosen):
            flagged += _Coded(arrays, rows[chosen], days[chosen], rules).doubtful(specs)
    return np.concatenate(flagged) if flagged else rows[:0]


def _service_days(arrays: ValueArrays, rows: Rows) -> Array:
    """The first day of DTP and DTM segments, by the same rule as `external.service_day`."""
    is_dtp = arrays.ids[rows] == code("DTP")
    days = np.full(len(rows), _NO_DAY, np.int64)
    for chosen, element in ((is_dtp, 3), (~is_dtp, 2)):
        if chosen.any():
            found = arrays.days(arrays.field(rows[chosen], element))
            days[chosen] = np.where(found.known, found.values, _NO_DAY)
    return days


class _Coded:
    """Segments of one id that may hold codes of lists; what several lists need is worked out once."""

    def __init__(self, arrays: ValueArrays, rows: Rows, days: Array, rules: ClaimRules) -> None:
        self.arrays, self.rows, self.days, self.told = arrays, rows, days, rules.told
        self.parts: dict[int, list[Field]] = {}
        """By element: the whole, then its components."""

    def doubtful(self, specs: Sequence[external.Spec]) -> list[Rows]:
        """The rows with a code that its list may not confirm, for each list and element."""
        most = int(self.arrays.sizes(self.rows).max())
        depths: dict[int, int] = {}
        for spec in specs:
            for element in spec.elements:
                depths[element] = max(depths.get(element, 0), spec.component)
                if spec.when:
                    place = spec.when[0] or element
                    depths[place] = max(depths.get(place, 0), spec.when[1])
        for element, depth in depths.items():
            field = self.arrays.field(self.rows, element)
            self.parts[element] = [field, *(self.arrays.components(field, depth) if depth else ())]
        asked = [(spec, element) for spec in specs for element in spec.elements if element <= most]
        return [self.rows[self._doubts(spec, element)] for spec, element in asked]

    def _doubts(self, spec: external.Spec, element: int) -> Array:
        arrays = self.arrays
        value = self.parts[element][spec.component]
        asked = value.stop > value.begin
        if spec.when:
            place, component, codes = spec.when
            parts = self.parts[place or element]
            holds = _one_of(arrays, parts[0], codes)  # a text of fewer components is compared as a whole
            if component:
                holds |= _one_of(arrays, parts[component], codes)
            asked &= holds
        at = np.flatnonzero(asked)
        if not len(at):
            return at
        found = value.at(at)
        longer = found.stop - found.begin > 2 * WIDTH
        if longer.any():
            return np.concatenate(
                (at[longer], at[~longer][self._wrong(spec, found.at(~longer), at[~longer])])
            )
        return at[self._wrong(spec, found, at)]

    def _wrong(self, spec: external.Spec, field: Field, at: Rows) -> Array:
        """Which of some codes are not confirmed: each distinct code is asked once for each day."""
        texts, which = _distinct(self.arrays, field)
        dates, when = few(self.days[at]) if spec.dated else (_ANY_DAY, 0)
        pairs, pair_of = few(which * len(dates) + when) if len(dates) > 1 else (range(len(texts)), which)
        wrong = np.zeros(len(pairs), bool)
        for number, pair in enumerate(map(int, pairs)):
            raw, day = texts[pair // len(dates)], int(dates[pair % len(dates)])
            on = None if day == _NO_DAY else _EPOCH + timedelta(days=day)
            wrong[number] = bool(external.judge(spec.table, raw, on)) and (spec.table, raw) not in self.told
        answer: Array = wrong[pair_of]
        return answer


def _distinct(arrays: ValueArrays, field: Field) -> tuple[list[str], Array]:
    """The distinct texts of some elements of at most sixteen bytes, and which of them each has."""
    heads, head_of = few(arrays.keys(field))
    if not (field.stop - field.begin > WIDTH).any():
        return [_text(one) for one in heads.tolist()], head_of
    begin = np.minimum(field.begin + WIDTH, field.stop)
    tails, tail_of = few(arrays.keys(Field(begin, field.stop)))
    pairs, which = few(head_of * len(tails) + tail_of)
    count = len(tails)
    texts = [_text(int(heads[one // count])) + _text(int(tails[one % count])) for one in pairs.tolist()]
    return texts, which


def _text(key: int) -> str:
    return key.to_bytes(WIDTH, "little").rstrip(b"\0").decode("latin-1")
