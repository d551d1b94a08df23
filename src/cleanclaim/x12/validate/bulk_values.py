"""Check the elements of many segments at once: the same rules as `elements`, asked of arrays.

What is accepted here has no fault by `SegmentCheck.faults`. What is not accepted may be good all the
same: a rare type, a strange character, a long number. It is looked at closely, one by one.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from cleanclaim.x12.arrays import WIDTH, Array, Field, Rows, SegmentArrays
from cleanclaim.x12.guide import ElementRule
from cleanclaim.x12.structure import Delimiters
from cleanclaim.x12.validate.elements import Composite, Fault, SegmentCheck, Simple

_BLANK = ord(" ")
_SPAN = 17
"""Bytes of a range of days: CCYYMMDD-CCYYMMDD."""


class ValueArrays(SegmentArrays):
    """The segments of a window, with what is unusual in each element."""

    def __init__(self, data: bytes, offset: int, marks: Delimiters) -> None:
        super().__init__(data, offset, marks)
        body = self.octets[: len(data)]
        strange = (body < _BLANK) | (body > ord("~"))
        if marks.repetition:
            strange |= body == ord(marks.repetition)
        at = np.flatnonzero(strange)
        at = at[(body[at] != ord(marks.segment)) & (body[at] != ord(marks.element))]
        self.strange = self._elements_of(at)
        """Elements with a byte that is no plain text, or with repetitions, by number of their separator."""
        self.composite = self._elements_of(np.flatnonzero(body == ord(marks.component)))
        """Elements with a component separator."""

    def _elements_of(self, at: Array) -> Array:
        found = np.zeros(len(self.places) + 1, bool)
        found[np.searchsorted(self.places, at)] = True
        return found

    def strange_rows(self) -> Rows:
        """Segments whose id is unusual, or the element or two that tell their kind."""
        rows = np.arange(self.count)
        found = np.zeros(self.count, bool)
        for at in range(4):
            slot = np.minimum(self.first + at, self.last)
            odd = self.strange[slot]
            if not at and odd.any():  # line ends between segments stand before the id and are none of it
                odd = odd & ~self._plain_ids()
            found |= odd
        return rows[found]

    def _plain_ids(self) -> Array:
        size = self.places[self.first] - self.begins
        keys = self.wide[self.begins]
        plain: Array = (size == 2) | (size == 3)
        for at in range(3):
            octet = (keys >> np.uint64(8 * at)) & np.uint64(0xFF)
            plain &= (octet > _BLANK) & (octet < 127) | (at >= size)
        return plain


def accepted(check: SegmentCheck, arrays: ValueArrays, rows: Rows) -> Array:
    """Which of the rows have no fault for sure."""
    first, last = arrays.first[rows], arrays.last[rows]
    sizes = last - first
    places = arrays.places
    good: Array = (sizes >= 1) & (sizes <= check.count)
    good &= places[last] - places[np.maximum(last - 1, 0)] > 1
    most = int(sizes.max(initial=0))
    presence = np.zeros(len(rows), np.uint64)
    fields: dict[int, Field] = {}
    for step in check.steps:
        at = step.at
        if at > most:
            if "" not in step.start:
                return np.zeros(len(rows), bool)
            continue
        field = arrays.field(rows, at)
        filled = field.stop > field.begin
        fields[at] = field
        slot = np.minimum(first + at, last)
        presence |= filled.astype(np.uint64) << np.uint64(min(at, 63))
        if isinstance(step, Composite):
            right = _composite(step, arrays, field, slot)
        else:
            right = _simple(step, arrays, field, slot)
        good &= np.where(filled, right, "" in step.start)
    if check.syntax:
        good &= _syntax(check, presence)
    for format_at, value_at in check.formats:
        if format_at in fields and value_at in fields:
            good &= _format(arrays, fields[format_at], fields[value_at])
    return good


def _simple(step: Simple, arrays: ValueArrays, field: Field, slot: Array) -> Array:
    if not step.rule.used:
        return np.zeros(len(slot), bool)
    right = _value(step.rule, arrays, field)
    if step.rule.codes or step.rule.type in ("R", "DT") or step.rule.type[0] == "N":
        return right
    return right & ~arrays.strange[slot] & ~arrays.composite[slot]


def _composite(step: Composite, arrays: ValueArrays, field: Field, slot: Array) -> Array:
    parts = arrays.components(field, len(step.parts))
    right: Array = ~arrays.strange[slot] & (parts[-1].stop == field.stop)
    some = np.zeros(len(slot), bool)
    for rule, part in zip(step.parts, parts, strict=True):
        filled = part.stop > part.begin
        if not filled.any():
            if rule.required:
                return np.zeros(len(slot), bool)
            continue
        some |= filled
        right &= np.where(filled, _value(rule, arrays, part) if rule.used else False, not rule.required)
    right &= some
    return right


def _value(rule: ElementRule, arrays: ValueArrays, field: Field) -> Array:
    """Whether values are surely good; texts only if they hold no strange byte, which is asked elsewhere."""
    length = field.stop - field.begin
    if rule.codes:
        codes, sizes = _codes(rule.codes)
        if not len(codes):
            return np.zeros(len(length), bool)
        keys = arrays.keys(field)
        which = np.minimum(codes.searchsorted(keys), len(codes) - 1)
        listed: Array = (codes[which] == keys) & (sizes[which] == length)
        return listed
    fits: Array = (length >= rule.shortest) & (length <= rule.longest)
    kind = rule.type
    if kind == "R":
        _, known, digits = arrays.plain_cents(field)
        right: Array = known & (digits >= rule.shortest) & (digits <= rule.longest)
        return right
    if kind[0] == "N":
        fits &= arrays.digits(field).known
        return fits
    if kind == "DT":
        fits &= (length == WIDTH) & arrays.days(field).known
        return fits
    if kind in ("TM", "B"):
        return np.zeros(len(length), bool)
    octets = arrays.octets
    fits &= (octets[field.begin] != _BLANK) & (octets[field.stop - 1] != _BLANK)
    return fits


@cache
def _codes(codes: frozenset[str]) -> tuple[Array, Array]:
    """The short ones of some codes as numbers, ascending, and their lengths."""
    short = {int.from_bytes(one.encode(), "little"): len(one) for one in codes if len(one) <= WIDTH}
    numbers = sorted(short)
    return np.array(numbers, np.uint64), np.array([short[one] for one in numbers])


def _syntax(check: SegmentCheck, presence: Array) -> Array:
    """Which rows send elements together as the syntax notes allow; asked once for each combination."""
    patterns, at = np.unique(presence, return_inverse=True)
    right = np.zeros(len(patterns), bool)
    for number, pattern in enumerate(patterns):
        elements = ["", *("x" if int(pattern) >> place & 1 else "" for place in range(1, 64))]
        found: list[Fault] = []
        check.check_syntax(elements, found)
        right[number] = not found
    return right[at]


def _format(arrays: ValueArrays, kind: Field, value: Field) -> Array:
    """Which rows have a day or a range of days where their qualifier says so."""
    length = value.stop - value.begin
    empty: Array = (kind.stop == kind.begin) | (length == 0)
    day = arrays.days(value)
    right = arrays.equal_field(kind, "D8") & (length == WIDTH) & day.known
    span = arrays.equal_field(kind, "RD8")
    if span.any():
        last = arrays.days(value, WIDTH + 1)
        dash = arrays.octets[np.minimum(value.begin + WIDTH, len(arrays.bytes))] == ord("-")
        whole = (length == _SPAN) & day.known & dash & last.known & (day.values <= last.values)
        right |= span & whole
    empty |= right
    return empty
