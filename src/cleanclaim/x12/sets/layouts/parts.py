"""What a loop consists of, in the order of its guide.

Each part says which segments or loops it holds, how they become fields of the record of its loop, and how
these become segments again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from cleanclaim.x12.sets.layouts.rows import EMPTY, Row
from cleanclaim.x12.sets.layouts.values import Composite, Value, not_carried
from cleanclaim.x12.sets.reading import cas_triples
from cleanclaim.x12.sets.writing import cas_segments
from cleanclaim.x12.writer import Element

if TYPE_CHECKING:
    from cleanclaim.x12.sets.reading import Faults
    from cleanclaim.x12.structure import Segment

Fields = dict[str, Any]
"""Fields of a record in the making; what repeats is a list until the record is made."""
Segments = list[tuple[Element, ...]]


class Part(ABC):
    """One part. `segments` are the ids it may hold."""

    segments: tuple[str, ...] = ()

    def fits(self, segment: Segment, fields: Fields) -> bool:
        """Whether this segment belongs here, given what the record holds by now."""
        return segment.id in self.segments

    @abstractmethod
    def read(self, segment: Segment, fields: Fields, faults: Faults) -> None:
        """Take the segment into the fields; what cannot be read is told to `faults`."""

    @abstractmethod
    def write(self, record: Any) -> Segments:
        """The segments that say this part of a record."""


class Own(Part):
    """A segment that stands at most once; its elements are fields of the loop's own record."""

    def __init__(self, row: Row, *, always: bool = False) -> None:
        self.row = row
        self.segments = (row.segment,)
        self.always = always

    def fits(self, segment: Segment, fields: Fields) -> bool:
        return segment.id == self.row.segment and self.row.fits(segment) and id(self) not in fields["_seen"]

    def read(self, segment: Segment, fields: Fields, faults: Faults) -> None:
        fields["_seen"].add(id(self))
        fields |= self.row.read(segment, faults)

    def write(self, record: Any) -> Segments:
        found = self.row.write(record)
        return [found or self.row.bare()] if found or self.always else []


class One(Part):
    """A segment that stands at most once and is a record of its own."""

    def __init__(self, row: Row, field: str, record: Any) -> None:
        self.row, self.field, self.record = row, field, record
        self.segments = (row.segment,)

    def fits(self, segment: Segment, fields: Fields) -> bool:
        return segment.id == self.row.segment and self.row.fits(segment) and self.field not in fields

    def read(self, segment: Segment, fields: Fields, faults: Faults) -> None:
        fields[self.field] = made(self.record, self.row.read(segment, faults), segment)

    def write(self, record: Any) -> Segments:
        held = getattr(record, self.field)
        return [] if held is None else [self.row.write(held) or self.row.bare()]


class Many(Part):
    """A segment that repeats; each is a record of a tuple."""

    def __init__(self, row: Row, field: str, record: Any) -> None:
        self.row, self.field, self.record = row, field, record
        self.segments = (row.segment,)

    def fits(self, segment: Segment, fields: Fields) -> bool:
        return segment.id == self.row.segment and self.row.fits(segment)

    def read(self, segment: Segment, fields: Fields, faults: Faults) -> None:
        one = made(self.record, self.row.read(segment, faults), segment)
        fields.setdefault(self.field, []).append(one)

    def write(self, record: Any) -> Segments:
        return [self.row.write(one) or self.row.bare() for one in getattr(record, self.field)]


class Texts(Part):
    """A segment that repeats and holds one text."""

    def __init__(self, segment: str, field: str) -> None:
        self.row = Row(segment, Value(1, field))
        self.field = field
        self.segments = (segment,)

    def read(self, segment: Segment, fields: Fields, faults: Faults) -> None:
        text = self.row.read(segment, faults)[self.field]
        fields.setdefault(self.field, []).append(text)

    def write(self, record: Any) -> Segments:
        return [(self.segments[0], text) for text in getattr(record, self.field)]


class Codes(Part):
    """HI segments of some qualifiers: up to `per` codes each, gathered into one tuple (or one value)."""

    segments = ("HI",)

    def __init__(
        self, field: str, kind: Composite, keys: Sequence[str], *, per: int = 12, single: bool = False
    ) -> None:
        self.field, self.kind, self.keys, self.per, self.single = field, kind, frozenset(keys), per, single

    def fits(self, segment: Segment, fields: Fields) -> bool:
        if segment.id != "HI" or segment.get(1, 1) not in self.keys:
            return False
        return not self.single or self.field not in fields

    def read(self, segment: Segment, fields: Fields, faults: Faults) -> None:
        found = []
        for at in range(1, len(segment.elements)):
            if segment.get(at) and segment.get(at, 1) in self.keys:
                found.append(self.kind.read(segment, at, 0, faults))
            elif segment.get(at):
                not_carried(faults, segment, at)
        if not self.single:
            fields.setdefault(self.field, []).extend(found)
        elif found:
            fields[self.field] = found[0]
            if len(found) > 1:
                not_carried(faults, segment, 2)

    def write(self, record: Any) -> Segments:
        held = getattr(record, self.field)
        if held in EMPTY:
            return []
        codes = [self.kind.put(one) for one in ((held,) if self.single else held)]
        return [("HI", *codes[at : at + self.per]) for at in range(0, len(codes), self.per)]


class Addressed(Part):
    """N3 and N4 as one record."""

    segments = ("N3", "N4")

    def __init__(self, field: str, record: Any, street: Row, city: Row) -> None:
        self.field, self.record = field, record
        self.rows = {"N3": street, "N4": city}

    def fits(self, segment: Segment, fields: Fields) -> bool:
        return segment.id in self.rows and (id(self), segment.id) not in fields["_seen"]

    def read(self, segment: Segment, fields: Fields, faults: Faults) -> None:
        fields["_seen"].add((id(self), segment.id))
        known = fields.get(self.field) or self.record()
        new = self.rows[segment.id].read(segment, faults)
        held = {name: getattr(known, name) for name in known.__struct_fields__}
        fields[self.field] = self.record(**(held | new))

    def write(self, record: Any) -> Segments:
        held = getattr(record, self.field)
        return [] if held is None else [found for row in self.rows.values() if (found := row.write(held))]


class Adjusted(Part):
    """CAS segments as triples."""

    segments = ("CAS",)

    def __init__(self, field: str) -> None:
        self.field = field

    def read(self, segment: Segment, fields: Fields, faults: Faults) -> None:
        fields.setdefault(self.field, []).extend(cas_triples(segment, faults))

    def write(self, record: Any) -> Segments:
        return list(cas_segments(getattr(record, self.field)))


class Raw(Part):
    """Rare segments kept as they came: each its id and elements, composites as tuples."""

    def __init__(self, segments: Sequence[str], field: str, keys: Sequence[str] = ()) -> None:
        self.segments = tuple(segments)
        self.field = field
        self.keys = frozenset(keys)

    def fits(self, segment: Segment, fields: Fields) -> bool:
        return segment.id in self.segments and (not self.keys or segment.get(1) in self.keys)

    def read(self, segment: Segment, fields: Fields, faults: Faults) -> None:
        component = segment.delimiters.component
        elements = [tuple(text.split(component)) if component in text else text for text in segment.elements]
        fields.setdefault(self.field, []).append(tuple(elements))

    def write(self, record: Any) -> Segments:
        return [one for one in getattr(record, self.field) if one]


class Fixed(Part):
    """A segment that is always the same and stands when a field is filled: LS and LE."""

    def __init__(self, segment: tuple[str, ...], when: str) -> None:
        self.segment, self.when = segment, when
        self.segments = (segment[0],)

    def read(self, segment: Segment, fields: Fields, faults: Faults) -> None:
        if tuple(segment.elements) != self.segment:
            not_carried(faults, segment, 1)

    def write(self, record: Any) -> Segments:
        return [self.segment] if getattr(record, self.when) else []


class Level(Part):
    """The HL of a level. `below` are the fields that hold lower levels: whether HL04 is 1."""

    segments = ("HL",)

    def __init__(self, code: str, *below: str) -> None:
        self.code, self.below = code, below

    def read(self, segment: Segment, fields: Fields, faults: Faults) -> None:
        """Nothing: the tree of loops says what HL says."""

    def write(self, record: Any) -> Segments:
        """Nothing: its numbers run through the whole transaction, whose writer alone knows them."""
        return []

    def has_children(self, record: Any) -> bool:
        return any(getattr(record, name) not in EMPTY for name in self.below)


class Inline:
    """A loop that stands at most once and whose fields belong to the record of the loop around it.

    `when` says of a record whether the loop is written; by default it always is.
    """

    def __init__(self, loop: str, *parts: Any, when: Callable[[Any], bool] | None = None) -> None:
        self.loops = (loop,)
        self.parts = parts
        self.when = when


class Child:
    """Loops that are records of their own: a tuple of them in `field`, or one when `single`."""

    def __init__(
        self,
        loops: str | Sequence[str],
        field: str,
        layout: Layout,
        *,
        single: bool = False,
        when: Callable[[Any], bool] | None = None,
    ) -> None:
        self.loops = (loops,) if isinstance(loops, str) else tuple(loops)
        self.field, self.layout, self.single, self.when = field, layout, single, when


class Layout:
    """The record that a loop becomes, and its parts in the order of the guide."""

    def __init__(self, record: Any, *parts: Any) -> None:
        self.record = record
        self.parts = parts


def made(record: Any, fields: Fields, segment: Segment) -> Any:
    """A record of one segment, with the place where it stood when it has a field for it."""
    if "position" in record.__struct_fields__:
        fields["position"] = segment.position
    return record(**fields)


__all__ = ["Addressed", "Adjusted", "Child", "Codes", "Fields", "Fixed", "Inline", "Layout", "Level",
           "Many", "One", "Own", "Part", "Raw", "Segments", "Texts", "made"]  # fmt: skip
