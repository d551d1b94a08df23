"""How one segment becomes fields and fields a segment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cleanclaim.dates import ccyymmdd, parse_ccyymmdd
from cleanclaim.x12.sets.layouts.values import CLOCK, Value, not_carried
from cleanclaim.x12.writer import Element

if TYPE_CHECKING:
    from cleanclaim.x12.sets.reading import Faults
    from cleanclaim.x12.structure import Segment

EMPTY = (None, "", ())


class Row:
    """A segment whose elements are fields.

    Args:
        segment: Its id.
        values: Where each field stands.
        fixed: Elements that are always the same; they are sent whenever the segment is, and an element
            that differs is told.
        keys: Values of element 01 that make the segment this one; empty for any.
    """

    def __init__(
        self, segment: str, *values: Value, fixed: Mapping[int, str] | None = None, keys: Iterable[str] = ()
    ) -> None:
        self.segment = segment
        self.values = values
        self.fixed = dict(fixed or {})
        self.keys = frozenset(keys)

    @property
    def fields(self) -> list[str]:
        """The names of all fields, in element order."""
        return [value.field for value in self.values]

    def fits(self, segment: Segment) -> bool:
        """Whether a segment of this id is the one meant."""
        return not self.keys or segment.get(1, 1) in self.keys

    def read(self, segment: Segment, faults: Faults) -> dict[str, Any]:
        """The fields; what the row has no place for is told."""
        found = {one.field: one.kind.read(segment, one.at, one.component, faults) for one in self.values}
        known = {one.at for one in self.values}
        for at, text in enumerate(segment.elements):
            if not at or not text or at in known:
                continue
            if self.fixed.get(at) != text:
                not_carried(faults, segment, at)
        return found

    def write(self, record: Any) -> tuple[Element, ...]:
        """The segment; an empty one when no field is filled."""
        elements: dict[int, Any] = {}
        for one in self.values:
            held = getattr(record, one.field)
            if held in EMPTY:
                continue
            if one.component:
                elements.setdefault(one.at, {})[one.component] = one.kind.put(held)
            else:
                elements[one.at] = one.kind.put(held)
        if not elements:
            return ()
        for at, held in elements.items():
            if isinstance(held, dict):
                elements[at] = tuple(held.get(one, "") for one in range(1, max(held) + 1))
        elements = self.fixed | elements
        return (self.segment, *(elements.get(at, "") for at in range(1, max(elements) + 1)))

    def bare(self) -> tuple[Element, ...]:
        """The segment without any field: what is written where it must stand, for the guide to refuse."""
        return (self.segment, *(self.fixed.get(at, "") for at in range(1, max(self.fixed, default=0) + 1)))


class DateRow(Row):
    """A DTP: a day (D8), a period (RD8), a moment (DT) or a time of day (TM).

    Args:
        start: Field of the first day, `''` when only a time of day is expected.
        end: Field of the last day, `''` when none is expected; filled by RD8 only.
        clock: Field of the time of day, `''` when none is expected.
        qualifier: Field that holds DTP01; `''` when `keys` holds the only one.
    """

    def __init__(
        self, start: str, end: str = "", clock: str = "", *, qualifier: str = "", keys: Iterable[str] = ()
    ) -> None:
        values = [Value(1, qualifier)] if qualifier else []
        super().__init__("DTP", *values, keys=keys)
        self.names = [name for name in (start, end, clock) if name]
        self.start, self.end, self.clock, self.qualifier = start, end, clock, qualifier

    @property
    def fields(self) -> list[str]:
        return [*super().fields, *self.names]

    def read(self, segment: Segment, faults: Faults) -> dict[str, Any]:
        found: dict[str, Any] = {self.qualifier: segment.get(1)} if self.qualifier else {}
        form, text = segment.get(2), segment.get(3)
        first, _, last = text.partition("-")
        if form == "TM" and self.clock:
            found[self.clock] = CLOCK.take(text, segment, 3, faults) if text else ""
            return found
        if form == "DT" and self.clock:
            found[self.clock] = CLOCK.take(text[8:], segment, 3, faults) if text[8:] else ""
            first = text[:8]
        if not self.start:
            faults.bad_date(segment, 3)
            return found
        found[self.start] = parse_ccyymmdd(first)
        known = form in ("D8", "RD8") or (form == "DT" and self.clock)
        if form == "RD8" and self.end:
            found[self.end] = parse_ccyymmdd(last)
        if not known or found[self.start] is None or (form == "RD8" and self.end and found[self.end] is None):
            faults.bad_date(segment, 3)
        elif last and not (form == "RD8" and self.end):
            not_carried(faults, segment, 3)
        return found

    def write(self, record: Any) -> tuple[Element, ...]:
        start = getattr(record, self.start) if self.start else None
        end = getattr(record, self.end) if self.end else None
        clock = getattr(record, self.clock) if self.clock else ""
        if start is None and not clock:
            return ()
        qualifier = getattr(record, self.qualifier) if self.qualifier else next(iter(self.keys))
        if start is None:
            return ("DTP", qualifier, "TM", clock)
        if clock:
            return ("DTP", qualifier, "DT", ccyymmdd(start) + clock)
        if end is not None:
            return ("DTP", qualifier, "RD8", f"{ccyymmdd(start)}-{ccyymmdd(end)}")
        return ("DTP", qualifier, "D8", ccyymmdd(start))


class ContactRow(Row):
    """A PER: a name and up to three ways to reach it, as pairs (kind, number)."""

    def __init__(self) -> None:
        super().__init__("PER", Value(1, "function"), Value(2, "name"))

    @property
    def fields(self) -> list[str]:
        return [*super().fields, "numbers"]

    def read(self, segment: Segment, faults: Faults) -> dict[str, Any]:
        pairs = [(segment.get(at), segment.get(at + 1)) for at in (3, 5, 7)]
        if len(segment.elements) > 9:
            not_carried(faults, segment, 9)
        numbers = tuple(pair for pair in pairs if any(pair))
        return {"function": segment.get(1), "name": segment.get(2), "numbers": numbers}

    def write(self, record: Any) -> tuple[Element, ...]:
        return ("PER", record.function, record.name, *(part for pair in record.numbers for part in pair))
