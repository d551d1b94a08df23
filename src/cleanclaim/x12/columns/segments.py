"""The segments of a slice as arrays: where each begins, what it is, and its elements on demand.

Everything is done on byte offsets by array, never segment by segment. Rows are named by their number
within the slice. Texts become views into the slice only when a table is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cleanclaim.money import AmountError, parse_amount
from cleanclaim.x12.structure import BLANKS, Delimiters

Array = NDArray[Any]
Rows = NDArray[Any]
"""Numbers of segments within the slice, ascending."""

_PADDING = b"\0" * 8
"""After the slice, so that eight bytes may be read at once anywhere in it."""

_WIDTH = 8
_MASKS = np.array([(1 << 8 * length) - 1 for length in range(_WIDTH)] + [2**64 - 1], np.uint64)
_FEW = 2_000
"""With so few distinct values a column of short codes is translated rather than copied."""

_PLAIN_AMOUNT = 12
"""Longer amounts are read one by one."""

_ZEROS, _HIGH = np.uint64(0x3030303030303030), np.uint64(0xF0F0F0F0F0F0F0F0)


def code(name: str) -> int:
    """The number under which a segment id is kept.

    Examples:
        >>> code("ST") == 0x5453, code("CLP") == 0x504C43
        (True, True)
    """
    return int.from_bytes(name.encode(), "little")


class Field(NamedTuple):
    """Where an element begins and stops in the slice, by row; both are equal where it is empty."""

    begin: Array
    stop: Array

    def at(self, rows: Array) -> Field:
        """The same for some of the rows."""
        return Field(self.begin[rows], self.stop[rows])


class Numbers(NamedTuple):
    """Numbers, and for which rows they are known."""

    values: Array
    known: Array

    def at(self, rows: Array) -> Numbers:
        """The same for some of the rows."""
        return Numbers(self.values[rows], self.known[rows])


class Segments:
    """The segments of one slice.

    Attributes:
        ids: `code` of each segment, 0 where the id has not two or three characters.
        count: How many there are; empty ones are left out.
    """

    def __init__(self, data: bytes, offset: int, marks: Delimiters) -> None:
        self.data = pl.Series("data", [_as_utf8(data)])
        self._bytes = data
        self._offset = offset
        padded = data + _PADDING
        octets = np.frombuffer(padded, np.uint8)
        self.octets = octets
        self._wide = np.ndarray((len(data),), "<u8", padded, strides=(1,))
        end, element = ord(marks.segment), ord(marks.element)
        self._component = ord(marks.component)
        body = octets[: len(data)]
        places = np.flatnonzero((body == end) | (body == element)).astype(np.int32)
        last = np.flatnonzero(octets[places] == end).astype(np.int32)
        stops = places[last]
        begins = np.concatenate((np.zeros(1, np.int32), stops[:-1] + 1))
        first = np.concatenate((np.zeros(1, np.int32), last[:-1] + 1))
        begins = _skip_blanks(octets, begins, stops, end)
        filled = begins < stops
        if not filled.all():
            begins, first, last = begins[filled], first[filled], last[filled]
        self.count = len(begins)
        self._places, self._begins, self._first, self._last = places, begins, first, last
        length = places[first] - begins
        keys = self._wide[begins]
        self.ids = np.where(length == 3, keys & _MASKS[3], np.where(length == 2, keys & _MASKS[2], 0)).astype(
            np.uint32
        )
        self._components: Array | None = None
        nothing = np.zeros(0, np.int32)
        self._asked: tuple[Rows, Array, Array, int] = (nothing, nothing, nothing, 0)

    def offsets(self, rows: Rows) -> Array:
        """Byte offset of segments in the file."""
        return self._begins[rows].astype(np.int64) + self._offset

    def sizes(self, rows: Rows) -> Array:
        """How many elements segments have."""
        return self._last[rows] - self._first[rows]

    def rows(self, *names: str) -> Rows:
        """The rows that hold one of these segment ids, in file order."""
        return np.flatnonzero(self.mask(*names))

    def mask(self, *names: str) -> Array:
        """Whether each segment has one of these ids."""
        found: Array = self.ids == code(names[0])
        for name in names[1:]:
            found |= self.ids == code(name)
        return found

    # -- elements ----------------------------------------------------------------------------------

    def field(self, rows: Rows, at: int) -> Field:
        """Where an element of each row begins and stops; empty where it is absent."""
        if rows is not self._asked[0]:  # a table asks many elements of the same rows
            first, last = self._first[rows], self._last[rows]
            self._asked = (rows, first, last, int((last - first).min()) if len(rows) else 0)
        _, first, last, fewest = self._asked
        if fewest >= at:
            return Field(self._places[first + (at - 1)] + 1, self._places[first + at])
        separator = np.minimum(first + (at - 1), last)
        begin = self._places[separator] + 1
        stop = self._places[np.minimum(separator + 1, last)]
        return Field(begin, np.maximum(begin, stop))

    def components(self, field: Field, count: int) -> list[Field]:
        """The first components of composites."""
        if self._components is None:
            found = np.flatnonzero(self.octets[: len(self._bytes)] == self._component).astype(np.int32)
            self._components = np.concatenate((found, np.full(count + 8, len(self._bytes), np.int32)))
        at = np.searchsorted(self._components, field.begin)
        parts = []
        begin = field.begin
        for part in range(count):
            stop = np.minimum(self._components[np.minimum(at + part, len(self._components) - 1)], field.stop)
            parts.append(Field(begin, np.maximum(begin, stop)))
            begin = np.minimum(stop + 1, field.stop)
        return parts

    def equal(self, rows: Rows, at: int, *values: str) -> Array:
        """Whether an element is one of a few values, each of at most eight characters."""
        field = self.field(rows, at)
        length = field.stop - field.begin
        keys = self._wide[np.minimum(field.begin, len(self._bytes) - 1)]
        found = np.zeros(len(rows), bool)
        for value in values:
            wanted = np.uint64(int.from_bytes(value.encode(), "little"))
            found |= (length == len(value)) & ((keys & _MASKS[len(value)]) == wanted)
        return found

    def cents(self, field: Field) -> tuple[Numbers, Array]:
        """Amounts in whole cents, and where a text stands that is none.

        The rules are those of `cleanclaim.money.parse_amount`, which is asked itself about what is not plain.
        """
        begin, stop = field
        length = stop - begin
        filled = length > 0
        first = self.octets[begin]
        cursor = begin + (first == ord("-"))
        value = np.zeros(len(begin), np.int64)
        decimals = np.zeros(len(begin), np.int8)
        digits = np.zeros(len(begin), np.int8)
        pointed = np.zeros(len(begin), bool)
        plain = filled & (length <= _PLAIN_AMOUNT)
        longest = min(int(length.max(initial=0)), _PLAIN_AMOUNT)
        for step in range(longest):
            place = cursor + step
            active = place < stop
            octet = self.octets[np.minimum(place, len(self._bytes))]
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
        value = np.where(first == ord("-"), -value, value)
        known = plain
        for row in np.flatnonzero(filled & ~plain):
            amount = _cents_or_none(self._bytes[begin[row] : stop[row]])
            if amount is not None:
                value[row], known[row] = amount, True
        return Numbers(value, known), filled & ~known

    def days(self, field: Field, skip: int = 0) -> Numbers:
        """CCYYMMDD as days since 1970, `skip` bytes into the element; unknown where it is no day."""
        begin = field.begin + skip
        whole = (field.stop - begin == 8) | ((field.stop - begin > 8) & (not skip))
        return self._days(begin, whole)

    def _days(self, begin: Array, whole: Array) -> Numbers:
        digits = self._wide[np.minimum(begin, len(self._bytes) - 1)] - _ZEROS
        good = whole & ((digits & _HIGH) == 0)
        parts = [((digits >> np.uint64(8 * at)) & np.uint64(0xFF)).astype(np.int32) for at in range(8)]
        for part in parts:
            good &= part < 10
        year = parts[0] * 1000 + parts[1] * 100 + parts[2] * 10 + parts[3]
        month, day = parts[4] * 10 + parts[5], parts[6] * 10 + parts[7]
        good &= (month > 0) & (month < 13) & (day > 0) & (year > 0)
        months = np.where(good, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
        days = months.astype("M8[D]") + np.where(good, day - 1, 0)
        good &= days.astype("M8[M]") == months
        return Numbers(days.astype(np.int32), good)

    def codes(self, field: Field) -> pl.Series:
        """A column of few short values, such as qualifiers; others are taken as any text."""
        length = field.stop - field.begin
        longest = int(length.max(initial=0))
        if not longest:
            return _nothing(len(length))
        if longest > _WIDTH:
            return self.text(field)
        keys = pl.Series(self._wide[np.minimum(field.begin, len(self._bytes) - 1)] & _MASKS[length])
        distinct = keys.unique()
        if len(distinct) > _FEW:
            return self.text(field)
        texts = [_decoded(int(key)) for key in distinct]
        known = pl.Series(texts, dtype=pl.String)
        if len(distinct) == 1:
            return known.new_from_index(0, len(length))
        return keys.replace_strict(distinct, known, return_dtype=pl.String)

    def text(self, field: Field) -> pl.Series:
        """Elements as text, null where empty."""
        return self.texts({"text": field}).to_series()

    def texts(self, fields: Mapping[str, Field]) -> pl.DataFrame:
        """Several columns of text at once."""
        data = pl.lit(self.data)
        columns: list[pl.Expr] = []
        for name, field in fields.items():
            length = pl.Series(field.stop - field.begin)
            if not (length > 0).any():
                columns.append(pl.lit(_nothing(len(length))).alias(name))
                continue
            text = data.bin.slice(pl.Series(field.begin), length).cast(pl.String, strict=False)
            columns.append((text if (length > 0).all() else pl.when(length > 0).then(text)).alias(name))
        return pl.select(columns)


def _nothing(height: int) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, height)


def _decoded(key: int) -> str | None:
    return key.to_bytes(_WIDTH, "little").rstrip(b"\0").decode("utf-8", "replace") or None


def _as_utf8(data: bytes) -> bytes:
    """Data of the same length that is valid UTF-8: what is not is read as one mark a byte."""
    if data.isascii():
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("ascii", "replace").replace("\ufffd", "?").encode()
    return data


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
    following = filled[np.minimum(np.searchsorted(filled, begins[waiting]), len(filled) - 1)]
    begins[waiting] = np.minimum(np.maximum(following, begins[waiting]), stops[waiting])
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
