"""The segments of a slice with their texts as columns: views into the slice, made only for tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from cleanclaim.x12.arrays import WIDTH, Array, Field, SegmentArrays, few
from cleanclaim.x12.structure import Delimiters

_LONGEST_COMPOSITE = 4 * WIDTH
_ODD = tuple(np.uint64(one) for one in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
_FEW = 2_000
"""With so few distinct values a column of short codes is translated rather than copied."""


class Segments(SegmentArrays):
    """The segments of one slice. Texts that are not UTF-8 are read with a mark for each strange byte."""

    def __init__(self, data: bytes, offset: int, marks: Delimiters) -> None:
        super().__init__(data, offset, marks)
        self.data = pl.Series("data", [_as_utf8(data)])

    def codes(self, field: Field) -> pl.Series:
        """A column of few short values, such as qualifiers; others are taken as any text."""
        length = field.stop - field.begin
        longest = int(length.max(initial=0))
        if not longest:
            return _nothing(len(length))
        if longest > WIDTH:
            return self.text(field)
        distinct, at = few(self.begun(field.begin, length))
        if len(distinct) > _FEW:
            return self.text(field)
        known = pl.Series([_decoded(int(key)) for key in distinct], dtype=pl.String)
        if len(distinct) == 1:
            return known.new_from_index(0, len(length))
        return known.gather(pl.Series(at))

    def text(self, field: Field) -> pl.Series:
        """Elements as text, null where empty."""
        return self.cut([field])[0]

    def cut(self, fields: Sequence[Field]) -> list[pl.Series]:
        """Columns of text, of any heights; all at once, for a call costs as much as some thousand texts."""
        filled = [bool((field.stop > field.begin).any()) for field in fields]
        wanted = [field for field, one in zip(fields, filled, strict=True) if one]
        if not wanted:
            return [_nothing(len(field.begin)) for field in fields]
        begin = np.concatenate([field.begin for field in wanted])
        length = np.concatenate([field.stop for field in wanted]) - begin
        text = pl.lit(self.data).bin.slice(pl.Series(begin), pl.Series(length)).cast(pl.String, strict=False)
        there = length > 0
        if not there.all():
            text = pl.when(pl.Series(there)).then(text)
        whole, at, columns = pl.select(text).to_series(), 0, []
        for field, one in zip(fields, filled, strict=True):
            height = len(field.begin)
            columns.append(whole.slice(at, height) if one else _nothing(height))
            at += height if one else 0
        return columns

    def composites(self, field: Field, count: int) -> list[pl.Series]:
        """The first components of composites, of which few are distinct: each is taken apart once."""
        length = field.stop - field.begin
        longest = int(length.max(initial=0))
        if not longest:
            return [_nothing(len(length))] * count
        rows, at = self._distinct(field, length) if longest <= _LONGEST_COMPOSITE else (length, length)
        if not len(rows) or len(rows) > _FEW or longest > _LONGEST_COMPOSITE:
            return [self.codes(part) for part in self.components(field, count)]
        apart: list[list[str | None]] = [[] for _ in range(count)]
        for row in rows:
            text = _text(self.bytes[field.begin[row] : field.stop[row]])
            parts = [*text.split(self._marks.component), *[""] * count]
            for column, part in zip(apart, parts, strict=False):
                column.append(part or None)
        places = pl.Series(at)
        return [
            pl.Series(column, dtype=pl.String).gather(places) if any(column) else _nothing(len(at))
            for column in apart
        ]

    def _distinct(self, field: Field, length: Array) -> tuple[Array, Array]:
        """A row of each distinct value, and which of them each row has; no rows where that is in doubt."""
        words = []
        for at_byte in range(0, int(length.max()), WIDTH):
            begin = np.minimum(field.begin + at_byte, self._size)
            words.append(self.begun(begin, np.clip(length - at_byte, 0, WIDTH)))
        mixed = words[0]
        for word, odd in zip(words[1:], _ODD, strict=False):
            mixed = mixed + word * odd
        distinct, at = few(mixed)
        rows = np.zeros(len(distinct), np.intp)
        rows[at] = np.arange(len(at))
        # Two values may mix to the same number: then they are not told apart here.
        same = len(words) == 1 or all((word[rows].take(at) == word).all() for word in words)
        return (rows, at) if same else (rows[:0], at)


_NULL = pl.Series([None], dtype=pl.String)


def _nothing(height: int) -> pl.Series:
    return _NULL.new_from_index(0, height)


def _decoded(key: int) -> str | None:
    return _text(key.to_bytes(WIDTH, "little").rstrip(b"\0")) or None


def _text(data: bytes) -> str:
    return _as_utf8(data).decode()


def _as_utf8(data: bytes) -> bytes:
    """Data of the same length that is valid UTF-8: what is not is read as one mark a byte."""
    if data.isascii():
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("ascii", "replace").replace("\ufffd", "?").encode()
    return data
