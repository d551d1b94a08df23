"""The segments of some bytes as arrays: where each begins, what it is, and its elements on demand.

Everything is done on byte offsets by array, never segment by segment. Rows are named by their number
within the bytes. Tables (`columns`) and validation in bulk (`validate.bulk`) both read from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleanclaim.money import AmountError, parse_amount
from cleanclaim.x12.structure import BLANKS, Delimiters

Array = NDArray[Any]
Rows = NDArray[Any]
"""Numbers of segments within the bytes, ascending."""

WIDTH = 8
"""So many bytes are read at once, as one number; the first is its lowest byte."""

_PADDING = b"\0" * WIDTH
"""Before and after the bytes, so that eight of them may be read anywhere."""

MASKS = np.array([(1 << 8 * length) - 1 for length in range(WIDTH)] + [2**64 - 1], np.uint64)
_ZEROS, _HIGH = np.uint64(0x3030303030303030), np.uint64(0xF0F0F0F0F0F0F0F0)
_KEPT = ~MASKS[::-1]
"""By length: the last bytes of a number that belong to an element ending there."""
_FILL = MASKS[::-1] & _ZEROS

_SAMPLE = 256
"""So many values tell most of the distinct ones of a column."""

_LAST_BLANK = max(map(ord, BLANKS))

_PLAIN_AMOUNT = 12
"""Longer amounts are read one by one."""


def code(name: str) -> int:
    """The number under which a segment id is kept.

    Examples:
        >>> code("ST") == 0x5453, code("CLP") == 0x504C43
        (True, True)
    """
    return int.from_bytes(name.encode(), "little")


class Field(NamedTuple):
    """Where an element begins and stops in the bytes, by row; both are equal where it is empty."""

    begin: Array
    stop: Array

    def at(self, rows: Array) -> Field:
        """The same for some of the rows."""
        return Field(self.begin[rows], self.stop[rows])


def as_index(places: Array) -> Array:
    """Places in the width that arrays are indexed by: eight bytes at odd places are read twice as fast so."""
    return places.astype(np.intp, copy=False)


class Numbers(NamedTuple):
    """Numbers, and for which rows they are known."""

    values: Array
    known: Array

    def at(self, rows: Array) -> Numbers:
        """The same for some of the rows."""
        return Numbers(self.values[rows], self.known[rows])


class SegmentArrays:
    """The segments of a run of bytes.

    Attributes:
        ids: `code` of each segment, 0 where the id has not two or three characters.
        count: How many there are; empty ones are left out.
    """

    def __init__(self, data: bytes, offset: int, marks: Delimiters) -> None:
        self.bytes = data
        self._offset = offset
        self._size = len(data)
        padded = _PADDING + data + _PADDING
        self.octets = octets = np.frombuffer(padded, np.uint8)[WIDTH:]
        self.wide = np.ndarray((len(data) + 1,), "<u8", padded, WIDTH, strides=(1,))
        """The eight bytes that begin at each place."""
        self._wide_back = np.ndarray((len(data) + 1,), "<u8", padded, strides=(1,))
        """The eight bytes that stop before each place."""
        end, element = ord(marks.segment), ord(marks.element)
        self._component = ord(marks.component)
        body = octets[: len(data)]
        mask = body == end
        mask |= body == element
        places = np.flatnonzero(mask).astype(np.int32)
        last = np.flatnonzero(octets.take(places) == end)
        stops = places.take(last)
        begins = np.empty_like(stops)
        begins[:1], begins[1:] = 0, stops[:-1] + 1
        first = np.empty_like(last)
        first[:1], first[1:] = 0, last[:-1] + 1
        heads = self.wide[as_index(begins)]
        begun = heads.astype(np.uint8)
        if ((begun <= _LAST_BLANK) | (begun == end)).any():
            begins = _skip_blanks(octets, begins, stops, end)
            filled = begins < stops
            if not filled.all():
                begins, first, last, stops = begins[filled], first[filled], last[filled], stops[filled]
            heads = self.wide[as_index(begins)]
        self.count = len(begins)
        self.places, self.begins, self.first, self.last = places, begins, first, last
        self._heads = heads
        length, heads = places.take(first) - begins, heads.astype(np.uint32)
        self.ids = np.where(length == 3, heads & 0xFFFFFF, np.where(length == 2, heads & 0xFFFF, 0))
        self._heads_of: dict[str, Array] = {}
        self._marks = marks
        self._rows: dict[tuple[str, ...], Rows] = {}
        self._components: Array | None = None
        nothing = np.zeros(0, np.int32)
        self._asked: tuple[Rows, Array, Array, int] = (nothing, nothing, nothing, 0)

    def offsets(self, rows: Rows) -> Array:
        """Byte offset of segments in the file."""
        return self.begins[rows].astype(np.int64) + self._offset

    def sizes(self, rows: Rows) -> Array:
        """How many elements segments have."""
        return self.last[rows] - self.first[rows]

    def rows(self, *names: str) -> Rows:
        """The rows that hold one of these segment ids, in file order."""
        found = self._rows.get(names)
        if found is None:
            found = self._rows[names] = np.flatnonzero(self.mask(*names))
        return found

    def mask(self, *names: str) -> Array:
        """Whether each segment has one of these ids."""
        found: Array = self.ids == code(names[0])
        for name in names[1:]:
            found |= self.ids == code(name)
        return found

    def beginning(self, name: str, first: str) -> Rows:
        """The rows of a segment id whose first element has a value; both together of at most six characters.

        This needs no look at where elements stand, so it is the quickest way to a qualifier.
        """
        rows = self.rows(name)
        heads = self._heads_of.get(name)
        if heads is None:
            heads = self._heads_of[name] = self._heads[rows]
        head = f"{name}{self._marks.element}{first}"
        keys = heads & MASKS[len(head) + 1]
        found = keys == code(head + self._marks.element)
        found |= keys == code(head + self._marks.segment)
        return rows if found.all() else rows[found]

    # -- elements ----------------------------------------------------------------------------------

    def field(self, rows: Rows, at: int) -> Field:
        """Where an element of each row begins and stops; empty where it is absent."""
        if rows is not self._asked[0]:  # a table asks many elements of the same rows
            first, last = self.first.take(rows), self.last.take(rows)
            self._asked = (rows, first, last, int((last - first).min()) if len(rows) else 0)
        _, first, last, fewest = self._asked
        if fewest >= at:
            return Field(self.places.take(first + (at - 1)) + 1, self.places.take(first + at))
        separator = np.minimum(first + (at - 1), last)
        begin = self.places.take(separator) + 1
        stop = self.places.take(np.minimum(separator + 1, last))
        return Field(begin, np.maximum(begin, stop))

    def components(self, field: Field, count: int) -> list[Field]:
        """The first components of composites."""
        if self._components is None:
            found = np.flatnonzero(self.octets[: self._size] == self._component).astype(np.int32)
            self._components = np.concatenate((found, np.full(64, self._size, np.int32)))
        at = np.searchsorted(self._components, field.begin)
        parts = []
        begin = field.begin
        for part in range(count):
            stop = np.minimum(self._components[np.minimum(at + part, len(self._components) - 1)], field.stop)
            parts.append(Field(begin, np.maximum(begin, stop)))
            begin = np.minimum(stop + 1, field.stop)
        return parts

    def begun(self, begin: Array, length: Array) -> Array:
        """The first bytes from some places as numbers; `length` of them, at most eight, the others zero."""
        found: Array = self.wide[as_index(begin)]
        found &= MASKS.take(length)
        return found

    def keys(self, field: Field) -> Array:
        """The first eight bytes of each element as a number, zeros after its end."""
        return self.begun(field.begin, np.minimum(field.stop - field.begin, WIDTH))

    def equal(self, rows: Rows, at: int, *values: str) -> Array:
        """Whether an element is one of a few values, each of at most eight characters."""
        return self.equal_field(self.field(rows, at), *values)

    def equal_field(self, field: Field, *values: str) -> Array:
        """The same for an element whose place is known."""
        length = field.stop - field.begin
        keys = self.wide[as_index(field.begin)]
        found = np.zeros(len(length), bool)
        for value in values:
            wanted = np.uint64(int.from_bytes(value.encode(), "little"))
            found |= (length == len(value)) & ((keys & MASKS[len(value)]) == wanted)
        return found

    # -- numbers -----------------------------------------------------------------------------------

    def cents(self, field: Field) -> tuple[Numbers, Array]:
        """Amounts in whole cents, and where a text stands that is none.

        The rules are those of `cleanclaim.money.parse_amount`, which is asked itself about what is not plain.
        """
        value, known, _ = self.plain_cents(field)
        filled = field.stop > field.begin
        unread = np.flatnonzero(filled & ~known)
        if len(unread):
            self._read_closely(field, unread, value, known)
        return Numbers(value, known), filled & ~known

    def plain_cents(self, field: Field) -> tuple[Array, Array, Array]:
        """Amounts of up to eight characters: cents, whether they are such amounts, and how many digits."""
        value, known, digits = self._unsigned(field)
        if not known.all():
            rows = np.flatnonzero(~known)
            begin, stop = field.at(rows)
            minus = (self.octets[begin] == ord("-")) & (stop > begin)
            rows = rows[minus]
            found, known[rows], digits[rows] = self._unsigned(Field(begin[minus] + 1, stop[minus]))
            value[rows] = -found
        return value, known, digits

    def _unsigned(self, field: Field) -> tuple[Array, Array, Array]:
        length = field.stop - field.begin
        text = self._last_bytes(field.stop, length)
        one = text & np.uint64(0xFF << 48) == np.uint64(46 << 48)
        two = text & np.uint64(0xFF << 40) == np.uint64(46 << 40)
        scale: Any = 100
        digits = length
        if one.any() or two.any():  # a point is taken out; what stood before it moves one place
            one &= ~two
            text = np.where(two, (text & MASKS[5]) << np.uint64(8) | text & ~MASKS[6] | np.uint64(48), text)
            text = np.where(one, (text & MASKS[6]) << np.uint64(8) | text & ~MASKS[7] | np.uint64(48), text)
            scale = np.where(two, 1, np.where(one, 10, 100))
            digits = length - one - two
        value, known = _eight_digits(text)
        known &= (digits > 0) & (length <= WIDTH)
        value *= scale
        return value, known, digits

    def digits(self, field: Field) -> Numbers:
        """Whole numbers of one to eight digits without a sign; others are not known."""
        length = field.stop - field.begin
        value, known = _eight_digits(self._last_bytes(field.stop, length))
        return Numbers(value, known & (length > 0) & (length <= WIDTH))

    def _last_bytes(self, stop: Array, length: Array) -> Array:
        """The last eight bytes of elements, digits zero before their beginning."""
        length = np.minimum(length, WIDTH)
        text: Array = self._wide_back[as_index(stop)]
        text &= _KEPT.take(length)
        text |= _FILL.take(length)
        return text

    def _read_closely(self, field: Field, rows: Rows, value: Array, known: Array) -> None:
        """Read amounts of more than eight characters, or such as few would write."""
        longer, amounts = self._longer_cents(field.at(rows))
        value[rows[longer]], known[rows[longer]] = amounts[longer], True
        for row in rows[~longer]:
            amount = _cents_or_none(self.bytes[field.begin[row] : field.stop[row]])
            if amount is not None:
                value[row], known[row] = amount, True

    def _longer_cents(self, field: Field) -> tuple[Array, Array]:
        """Which amounts of up to twelve characters are plain, and what they are."""
        begin, stop = field
        length = stop - begin
        first = self.octets[begin]
        cursor = begin + (first == ord("-"))
        value = np.zeros(len(begin), np.int64)
        decimals, digits = np.zeros(len(begin), np.int8), np.zeros(len(begin), np.int8)
        pointed = np.zeros(len(begin), bool)
        plain = length <= _PLAIN_AMOUNT
        for step in range(min(int(length.max(initial=0)), _PLAIN_AMOUNT)):
            place = cursor + step
            active = place < stop
            octet = self.octets[np.minimum(place, self._size)]
            digit = octet - 48
            is_digit = active & (digit < 10)
            is_point = active & (octet == ord("."))
            plain &= ~active | is_digit | (is_point & ~pointed)
            value = np.where(is_digit, value * 10 + digit, value)
            digits += is_digit
            decimals += is_digit & pointed
            pointed |= is_point
        plain &= (digits > 0) & (decimals <= 2)
        value *= np.array([100, 10, 1], np.int64)[np.minimum(decimals, 2)]
        return plain, np.where(first == ord("-"), -value, value)

    def days(self, field: Field, skip: int = 0) -> Numbers:
        """CCYYMMDD as days since 1970, `skip` bytes into the element; unknown where it is no day."""
        begin = field.begin + skip
        whole = (field.stop - begin == WIDTH) | ((field.stop - begin > WIDTH) & (not skip))
        distinct, at = few(self.wide[as_index(np.minimum(begin, self._size))])
        days, known = _days(distinct)
        return Numbers(days.take(at), known.take(at) & whole)


def few(keys: Array) -> tuple[Array, Array]:
    """The distinct values of an array, ascending, and which of them each row has; quick where few repeat."""
    distinct = np.unique(keys[:: len(keys) // _SAMPLE + 1])
    if len(distinct) == 1 and (keys == distinct[0]).all():
        return distinct, np.zeros(len(keys), np.intp)
    at = _placed(distinct, keys)
    other = distinct.take(at) != keys if len(distinct) else at != at
    if other.any():
        distinct = np.unique(np.concatenate((distinct, np.unique(keys[other]))))
        at = _placed(distinct, keys)
    return distinct, at


_MULTIPLIERS = tuple(
    np.uint64(one) for one in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xFF51AFD7ED558CCD, 0xD6E8FEB86659FD93)
)
_HASHED = 256
"""So many values are looked up in a table without collisions; more are searched for."""


def _placed(distinct: Array, keys: Array) -> Array:
    """For each key the number of a distinct value: the equal one, if there is one."""
    count = len(distinct)
    if 0 < count <= _HASHED and keys.dtype == np.uint64:
        bits = min(
            16, 3 + 2 * count.bit_length()
        )  # with so much room one multiplier of a few has no collision
        down = np.uint64(64 - bits)
        for multiplier in _MULTIPLIERS:
            slots = distinct * multiplier >> down
            table = np.zeros(1 << bits, np.intp)
            table[slots] = np.arange(count)
            if (table[slots] == np.arange(count)).all():
                places = keys * multiplier
                places >>= down
                return table.take(places.view(np.int64))
    return np.minimum(distinct.searchsorted(keys), max(count - 1, 0))


def _eight_digits(text: Array) -> tuple[Array, Array]:
    """Eight digits, read at once, as a number; and whether they are digits."""
    value = text ^ _ZEROS
    strange = value + np.uint64(0x0606060606060606)
    strange |= value
    strange &= _HIGH
    for odd, down, kept in _PAIRS:  # in place: these arrays are large
        value &= kept
        value *= odd
        value >>= down
    return value.view(np.int64), strange == 0


_PAIRS = (
    (np.uint64(2561), np.uint64(8), np.uint64(2**64 - 1)),
    (np.uint64(6553601), np.uint64(16), np.uint64(0x00FF00FF00FF00FF)),
    (np.uint64(42949672960001), np.uint64(32), np.uint64(0x0000FFFF0000FFFF)),
)
"""Neighbouring digits become numbers of two, of four and of eight digits: factor, shift, bits kept."""


def _days(texts: Array) -> tuple[Array, Array]:
    """Eight bytes each as a day since 1970, and whether it is one of the calendar."""
    number, good = _eight_digits(texts)
    year, month, day = number // 10000, number // 100 % 100, number % 100
    good &= (month > 0) & (month < 13) & (day > 0) & (year > 0)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
    days = months.astype("M8[D]") + np.where(good, day - 1, 0)
    good &= days.astype("M8[M]") == months
    return days.astype(np.int32), good


def cut(octets: Array, terminator: str) -> tuple[Array, Array]:
    """Where the segments of some bytes begin and stop; empty ones are left out."""
    end = ord(terminator)
    stops = np.flatnonzero(octets == end).astype(np.int32)
    if not len(octets) or octets[-1] != end:
        stops = np.append(stops, np.int32(len(octets)))
    begins = np.concatenate((np.zeros(1, np.int32), stops[:-1] + 1))
    begins = _skip_blanks(np.append(octets, np.uint8(0)), begins, stops, end)
    filled = begins < stops
    return (begins, stops) if filled.all() else (begins[filled], stops[filled])


def _skip_blanks(octets: Array, begins: Array, stops: Array, end: int) -> Array:
    """Where segments begin behind line ends and padding."""
    blank = np.zeros(256, bool)
    blank[[ord(character) for character in BLANKS if ord(character) != end]] = True
    waiting = np.flatnonzero(blank[octets[begins]] & (begins < stops))
    if not len(waiting):
        return begins
    begins = begins.copy()
    for _ in range(16):  # line ends are one or two bytes
        begins[waiting] += 1
        moved = begins[waiting]
        waiting = waiting[blank[octets[moved]] & (moved < stops[waiting])]
        if not len(waiting):
            return begins
    # The few segments behind a long run of padding.
    filled = np.flatnonzero(~blank[octets]).astype(begins.dtype)
    filled = np.append(filled, begins.dtype.type(len(octets)))
    following = filled[np.searchsorted(filled, begins[waiting])]
    begins[waiting] = np.minimum(following, stops[waiting])
    return begins


def _cents_or_none(text: bytes) -> int | None:
    try:
        amount = parse_amount(text.decode("latin-1"))
    except AmountError:
        return None
    return amount if abs(amount) < 2**63 else None


def spread(height: int, at: Array, found: Sequence[Array]) -> list[Array]:
    """Arrays of `height` rows with each value at its place, the first one winning, else zero."""
    out = []
    for values in found:
        spread_out = np.zeros(height, values.dtype)
        spread_out[at[::-1]] = values[::-1]
        out.append(spread_out)
    return out


def spread_field(height: int, at: Array, field: Field) -> Field:
    """The same for an element: empty where there is none."""
    return Field(*spread(height, at, field))


def spread_numbers(height: int, at: Array, numbers: Numbers) -> Numbers:
    """The same for numbers: unknown where there is none."""
    return Numbers(*spread(height, at, numbers))
