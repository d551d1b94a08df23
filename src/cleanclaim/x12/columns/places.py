"""Where the segments of a slice stand: in which transaction, claim, line and level.

What reaches over the end of a slice is in `Carried`: a few numbers and ids, whatever the size of the file.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import msgspec
import polars as pl

from cleanclaim.x12.columns.segments import Segments
from cleanclaim.x12.columns.tables import Columns

REMITTANCE, CLAIMS, OTHER = 1, 2, 0
_KINDS = {"835": REMITTANCE, "837": CLAIMS}
_DENTAL = "005010X224"


class Carried(msgspec.Struct, frozen=True):
    """What a slice hands to the next one of its file."""

    file: str = ""
    transactions: int = 0
    kind: int = OTHER
    segments: int = 0
    """Segments of the open transaction in earlier slices."""
    claims: int = 0
    lines: int = 0
    levels: int = 0
    texts: dict[str, str | None] = {}
    """Subscriber, payer and billing provider above the next claim."""
    level_of: dict[str, int | None] = {}


class Places:
    """The nesting of one slice. Numbers are those of the whole file."""

    def __init__(self, segments: Segments, carried: Carried) -> None:
        self.segments = segments
        self.carried = carried
        self.above: Any = None
        """What `claims.context` keeps here for its slice."""
        self.number = pl.int_range(1, segments.count + 1, dtype=pl.UInt32, eager=True)
        sets = segments.mask("ST")
        set_rows = sets.arg_true()
        names = segments.texts(set_rows, {"set": 1, "guide": 3})
        kinds = [carried.kind]
        for name, guide in zip(names["set"], names["guide"], strict=True):
            dental = (guide or "").startswith(_DENTAL)
            kinds.append(OTHER if dental else _KINDS.get((name or "").strip(), OTHER))
        self.kinds = kinds
        self.has = frozenset(kinds)
        set_number = sets.cast(pl.UInt32).cum_sum()
        self._set_number = set_number
        self.kind = pl.Series(kinds, dtype=pl.UInt8).gather(set_number)
        self._begun = self.last(sets)
        nothing = pl.Series([False]).new_from_index(0, segments.count)
        opens, lines, ends = nothing, nothing, segments.mask("ST", "SE")
        if REMITTANCE in self.has:
            remits = self.kind == REMITTANCE
            opens |= segments.mask("CLP") & remits
            lines |= segments.mask("SVC") & remits
            ends |= segments.mask("LX", "PLB") & remits
        if CLAIMS in self.has:
            claims = self.kind == CLAIMS
            opens |= segments.mask("CLM") & claims
            lines |= segments.mask("LX") & claims
            ends |= segments.mask("HL") & claims
        self.claim_rows = opens.arg_true()
        last_claim = self.last(opens)
        self._in_claim = last_claim > self.last(ends)
        self._claim = opens.cast(pl.UInt32).cum_sum()
        lines &= self._in_claim
        self.line_rows = lines.arg_true()
        self._line = lines.cast(pl.UInt32).cum_sum()
        self._in_line = self._in_claim & (self.last(lines) > last_claim)

    def last(self, mask: pl.Series) -> pl.Series:
        """For each segment the number (from 1) of the last marked one up to it, 0 when there is none."""
        return (mask.cast(pl.UInt32) * self.number).cum_max()

    def of_kind(self, rows: pl.Series, kind: int) -> pl.Series:
        """Those of the rows that stand in transactions of a kind."""
        if self.has == {kind}:
            return rows
        return rows.filter(self.kind.gather(rows) == kind)

    def claim(self, rows: pl.Series) -> pl.Series:
        """The claim of each row, null outside of claims."""
        numbers = self._claim.gather(rows).cast(pl.Int64) + self.carried.claims
        return numbers.set(~self._in_claim.gather(rows), None)

    def line(self, rows: pl.Series) -> pl.Series:
        """The service line of each row, null outside of lines."""
        numbers = self._line.gather(rows).cast(pl.Int64) + self.carried.lines
        return numbers.set(~self._in_line.gather(rows), None)

    def in_claim(self, rows: pl.Series) -> pl.Series:
        return self._in_claim.gather(rows)

    def in_line(self, rows: pl.Series) -> pl.Series:
        return self._in_line.gather(rows)

    def claim_index(self, rows: pl.Series) -> pl.Series:
        """The number of each row's claim within the slice, from 0."""
        return self._claim.gather(rows) - 1

    def line_index(self, rows: pl.Series) -> pl.Series:
        """The number of each row's line within the slice, from 0."""
        return self._line.gather(rows) - 1

    def transaction(self, rows: pl.Series) -> pl.Series:
        """The transaction of each row."""
        return self._set_number.gather(rows).cast(pl.Int64) + self.carried.transactions

    def position(self, rows: pl.Series) -> pl.Series:
        """The number of each segment, counted from ST = 1."""
        begun, number = self._begun.gather(rows).cast(pl.Int64), self.number.gather(rows).cast(pl.Int64)
        return (number - begun + 1).zip_with(begun > 0, number + self.carried.segments)

    def columns(self, rows: pl.Series, set_id: str) -> Columns:
        """The place of each row, as the first columns of every table."""
        height = len(rows)
        return {
            "file": pl.Series([self.carried.file], dtype=pl.String).new_from_index(0, height),
            "set_id": pl.Series([set_id], dtype=pl.String).new_from_index(0, height),
            "transaction": self.transaction(rows),
            "segment": self.position(rows),
            "offset": self.segments.offsets(rows),
        }

    @cached_property
    def levels(self) -> pl.Series:
        """The number of the last HL at each segment."""
        hl = self.segments.mask("HL") & (self.kind == CLAIMS)
        return hl.cast(pl.UInt32).cum_sum().cast(pl.Int64) + self.carried.levels

    def after(self, texts: dict[str, str | None], level_of: dict[str, int | None]) -> Carried:
        """What the next slice needs."""
        if not self.segments.count:
            return self.carried
        before, last = self.carried, pl.Series([self.segments.count - 1], dtype=pl.UInt32)
        return Carried(
            before.file, self.transaction(last)[0], self.kinds[-1], self.position(last)[0],
            before.claims + self._claim[-1], before.lines + self._line[-1],
            self.levels[-1] if CLAIMS in self.has else before.levels, texts, level_of,
        )  # fmt: skip


def spread(values: pl.Series, at: pl.Series, height: int) -> pl.Series:
    """A column of `height` rows with each value at its place; the first one wins."""
    out = pl.Series(values.name, [None], dtype=values.dtype).new_from_index(0, height)
    if len(at):
        out = out.scatter(at.reverse(), values.reverse())
    return out
