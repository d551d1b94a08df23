"""The segments of a slice with their texts as columns: views into the slice, made only for tables."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cleanclaim.x12.arrays import MASKS, WIDTH, Field, SegmentArrays, few
from cleanclaim.x12.structure import Delimiters

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
        distinct, at = few(self.wide[field.begin] & MASKS[length])
        if len(distinct) > _FEW:
            return self.text(field)
        known = pl.Series([_decoded(int(key)) for key in distinct], dtype=pl.String)
        if len(distinct) == 1:
            return known.new_from_index(0, len(length))
        return known[at]

    def text(self, field: Field) -> pl.Series:
        """Elements as text, null where empty."""
        return self.texts({"text": field}).to_series()

    def texts(self, fields: Mapping[str, Field]) -> pl.DataFrame:
        """Several columns of text at once."""
        data = pl.lit(self.data)
        columns: list[pl.Expr] = []
        for name, field in fields.items():
            length = field.stop - field.begin
            filled = length > 0
            if not filled.any():
                columns.append(pl.lit(_nothing(len(length))).alias(name))
                continue
            text = data.bin.slice(pl.Series(field.begin), pl.Series(length)).cast(pl.String, strict=False)
            columns.append((text if filled.all() else pl.when(pl.Series(filled)).then(text)).alias(name))
        return pl.select(columns)


_NULL = pl.Series([None], dtype=pl.String)


def _nothing(height: int) -> pl.Series:
    return _NULL.new_from_index(0, height)


def _decoded(key: int) -> str | None:
    return key.to_bytes(WIDTH, "little").rstrip(b"\0").decode("utf-8", "replace") or None


def _as_utf8(data: bytes) -> bytes:
    """Data of the same length that is valid UTF-8: what is not is read as one mark a byte."""
    if data.isascii():
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("ascii", "replace").replace("\ufffd", "?").encode()
    return data
