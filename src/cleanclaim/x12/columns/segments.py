"""The segments of a slice as arrays: where each begins, what it is, and its elements on demand.

Everything is done by Polars over byte offsets, never segment by segment. Texts are views into the
slice. Rows are named by their number within the slice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import polars as pl

from cleanclaim.dates import parse_ccyymmdd
from cleanclaim.money import AmountError, parse_amount
from cleanclaim.x12.structure import BLANKS, Delimiters

_BLANK_BYTES = [ord(character) for character in BLANKS]
_FRACTION = 10**4
"""Amounts are read with six decimals, so that a fraction of a cent is seen and not rounded away."""

_LOW = 0xFFFFFFFF
_PACKED, _FEW = 4, 2_000
"""Up to so many bytes an element is compared as one number, and with so few values translated as one."""


class Field(NamedTuple):
    """Where an element begins and stops in the slice, by row; both are equal where it is empty."""

    begin: pl.Series
    stop: pl.Series


def code(name: str) -> int:
    """The number under which a segment id is kept.

    Examples:
        >>> code("ST") == 0x535400, code("CLP") == 0x434C50
        (True, True)
    """
    letters = name.encode().ljust(3, b"\0")
    return letters[0] << 16 | letters[1] << 8 | letters[2]


class Segments:
    """The segments of one slice.

    Attributes:
        ids: `code` of each segment, 0 where the id has not two or three characters.
        count: How many there are; empty ones are left out.
    """

    def __init__(self, data: bytes, offset: int, marks: Delimiters) -> None:
        self._data = pl.Series("data", [_as_utf8(data)])
        self._marks = marks
        self._offset = offset
        octets = pl.Series([data]).bin.reinterpret(dtype=pl.Array(pl.UInt8, len(data))).explode()
        end, element = ord(marks.segment), ord(marks.element)
        places = ((octets == end) | (octets == element)).arg_true()
        last = (octets.gather(places) == end).arg_true()
        stops = places.gather(last)
        begins = (stops + 1).shift(1, fill_value=0)
        first = (last + 1).shift(1, fill_value=0)
        begins = _skip_blanks(octets, begins, stops, end)
        filled = begins < stops
        if not filled.all():
            begins, stops, first, last = (one.filter(filled) for one in (begins, stops, first, last))
        self.count = len(begins)
        self._places, self._begins, self._first, self._last = places, begins, first, last
        length = places.gather(first) - begins
        far = len(data) - 1
        self._octets, self._far = octets, far
        letters = [octets.gather((begins + at).clip(0, far)).cast(pl.UInt32) for at in range(3)]
        two = letters[0] * 65536 + letters[1] * 256
        self.ids = (two + letters[2] * (length == 3).cast(pl.UInt32)) * (length.is_between(2, 3)).cast(
            pl.UInt32
        )

    def offsets(self, rows: pl.Series) -> pl.Series:
        """Byte offset of segments in the file."""
        return self._begins.gather(rows).cast(pl.Int64) + self._offset

    def sizes(self, rows: pl.Series) -> pl.Series:
        """How many elements segments have."""
        return self._last.gather(rows).cast(pl.Int64) - self._first.gather(rows).cast(pl.Int64)

    def rows(self, *names: str) -> pl.Series:
        """The rows that hold one of these segment ids, in file order."""
        found = self.ids == code(names[0])
        for name in names[1:]:
            found |= self.ids == code(name)
        return found.arg_true()

    def mask(self, *names: str) -> pl.Series:
        """Whether each segment has one of these ids."""
        found = self.ids == code(names[0])
        for name in names[1:]:
            found |= self.ids == code(name)
        return found

    def field(self, rows: pl.Series, at: int) -> Field:
        """Where an element of each row begins and stops; empty where it is absent."""
        separator = self._first.gather(rows) + (at - 1)
        last = self._last.gather(rows)
        there = separator < last
        following = separator + 1
        if not there.all():
            separator, following = separator.zip_with(there, last), following.zip_with(there, last)
        begin, stop = self._places.gather(separator) + 1, self._places.gather(following)
        return Field(begin, stop.zip_with(stop > begin, begin))

    def texts(self, rows: pl.Series, places: Mapping[str, int]) -> pl.DataFrame:
        """Whole elements as text, null where absent or empty."""
        height = len(rows)
        if not height:
            return pl.DataFrame(schema=dict.fromkeys(places, pl.String))
        most = _largest(self.sizes(rows))
        data = pl.lit(self._data)
        columns = []
        for name, at in places.items():
            if at > most:
                columns.append(pl.lit(_nothing(pl.String, height)).alias(name))
                continue
            field = self.field(rows, at)
            length = field.stop - field.begin
            text = data.bin.slice(field.begin, length).cast(pl.String, strict=False)
            columns.append((pl.when(length > 0).then(text) if not (length > 0).all() else text).alias(name))
        return pl.select(columns)

    def codes(self, rows: pl.Series, at: int) -> pl.Series:
        """An element of few short values, such as a qualifier: the same as `text`, and much faster."""
        if at > _largest(self.sizes(rows)):
            return _nothing(pl.String, len(rows))
        field = self.field(rows, at)
        length = field.stop - field.begin
        if _largest(length) > _PACKED:
            return self.text(rows, at)
        keys = self._pack(field, length)
        distinct = keys.unique()
        if len(distinct) > _FEW:
            return self.text(rows, at)
        texts = [(key & _LOW).to_bytes(4, "big")[: key >> 32].decode("latin-1") or None for key in distinct]
        if len(distinct) == 1:
            return pl.Series(texts, dtype=pl.String).new_from_index(0, len(rows))
        return keys.replace_strict(distinct, pl.Series(texts, dtype=pl.String), return_dtype=pl.String)

    def _pack(self, field: Field, length: pl.Series) -> pl.Series:
        """The bytes of short elements and their number in one integer."""
        key = length.cast(pl.UInt64) * (1 << 32)
        for at in range(_largest(length)):
            octet = self._octets.gather((field.begin + at).clip(0, self._far)).cast(pl.UInt64)
            key += octet * (length > at).cast(pl.UInt64) * (1 << (24 - 8 * at))
        return key

    def equal(self, rows: pl.Series, at: int, *values: str) -> pl.Series:
        """Whether an element is one of a few values, each of at most four characters."""
        if not len(rows):
            return pl.Series(dtype=pl.Boolean)
        field = self.field(rows, at)
        length = field.stop - field.begin
        keys = self._pack(field, length.clip(0, _PACKED))
        found = pl.Series([False]).new_from_index(0, len(rows))
        for value in values:
            packed = int.from_bytes(value.encode().ljust(4, b"\0"), "big") | len(value) << 32
            found |= keys == packed
        return found & (length <= _PACKED)

    def text(self, rows: pl.Series, at: int) -> pl.Series:
        """One whole element as text, null where absent or empty."""
        return self.texts(rows, {"text": at}).to_series()

    def components(self, texts: pl.Series, names: Sequence[str]) -> pl.DataFrame:
        """The first components of composites, null where absent or empty."""
        if not len(texts):
            return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        # Composites repeat a lot (a code with its modifiers): each distinct one is split once.
        distinct = texts.unique()
        parts = distinct.str.split_exact(self._marks.component, len(names)).struct.unnest()
        table = pl.DataFrame({"whole": distinct}).hstack(
            [empty_to_null(parts.to_series(at)).alias(name) for at, name in enumerate(names)]
        )
        return (
            pl.DataFrame({"whole": texts})
            .join(table, on="whole", how="left", maintain_order="left")
            .drop("whole")
        )


def _as_utf8(data: bytes) -> bytes:
    """Data of the same length that is valid UTF-8: what is not is read as one mark a byte."""
    if data.isascii():
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("ascii", "replace").replace("\ufffd", "?").encode()
    return data


def _skip_blanks(octets: pl.Series, begins: pl.Series, stops: pl.Series, end: int) -> pl.Series:
    blanks = pl.Series([byte for byte in _BLANK_BYTES if byte != end], dtype=pl.UInt8)
    waiting = octets.gather(begins).is_in(blanks.implode()).arg_true()
    step = 1
    while len(waiting):
        # Line ends are one or two bytes; long runs of padding are walked in ever larger groups.
        moved = begins.gather(waiting) + 1
        begins = begins.scatter(waiting, moved)
        still = octets.gather(moved).is_in(blanks.implode()) & (moved < stops.gather(waiting))
        waiting = waiting.filter(still)
        step += 1
        if step > 16 and len(waiting):
            return _skip_runs(octets, begins, stops, waiting, blanks)
    return begins


def _skip_runs(
    octets: pl.Series, begins: pl.Series, stops: pl.Series, waiting: pl.Series, blanks: pl.Series
) -> pl.Series:
    """The few segments behind a long run of blanks, one by one."""
    data_places = (~octets.is_in(blanks.implode())).arg_true()
    found = data_places.search_sorted(begins.gather(waiting), side="left")
    moved = data_places.gather(found.clip(0, len(data_places) - 1))
    limit = stops.gather(waiting)
    return begins.scatter(waiting, moved.zip_with(moved < limit, limit))


def _largest(numbers: pl.Series) -> int:
    most = numbers.max()
    return most if isinstance(most, int) else 0


def _nothing(kind: type[pl.DataType], height: int) -> pl.Series:
    return pl.Series([None], dtype=kind).new_from_index(0, height)


def empty_to_null(texts: pl.Series) -> pl.Series:
    """Texts with null where they are empty."""
    return texts.set(texts == "", None)


def cents(texts: pl.Series) -> pl.Series:
    """Amounts in whole cents; null where there is none, or where it is no amount in whole cents.

    The rules are those of `cleanclaim.money.parse_amount`, which is asked itself about what is not plain.

    Examples:
        >>> cents(pl.Series(["175", "-.5", "12.345", "1e3", None])).to_list()
        [17500, -50, None, None, None]
    """
    wide = texts.cast(pl.Decimal(18, 6), strict=False).to_physical().cast(pl.Int64)
    exponent = texts.str.contains("e", literal=True) | texts.str.contains("E", literal=True)
    good = (wide % _FRACTION == 0) & ~exponent
    amounts = (wide // _FRACTION).set(~good.fill_null(False), None)
    doubtful = (amounts.is_null() & texts.is_not_null()).arg_true()
    if len(doubtful):
        amounts = amounts.scatter(
            doubtful, texts.gather(doubtful).map_elements(_cents_or_none, return_dtype=pl.Int64)
        )
    return amounts


def _cents_or_none(text: str) -> int | None:
    try:
        return parse_amount(text)
    except AmountError:
        return None


def days(texts: pl.Series) -> pl.Series:
    """CCYYMMDD texts as dates; null where there is none, or where it is no day of the calendar."""
    distinct = texts.unique().drop_nulls()
    if len(distinct) > 20_000:  # a file has a few hundred days; more is not worth a table
        return texts.str.to_date("%Y%m%d", strict=False)
    known: dict[str, date | None] = {text: parse_ccyymmdd(text) for text in distinct}
    return texts.replace_strict(
        list(known), pl.Series(list(known.values()), dtype=pl.Date), default=None, return_dtype=pl.Date
    )
