"""Where the segments of a slice stand: in which transaction, claim, line and level.

What reaches over the end of a slice is in `Carried`: a few numbers and ids, whatever the size of the file.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import polars as pl

from cleanclaim.x12.arrays import Array, Numbers, Rows, code
from cleanclaim.x12.columns.segments import Segments
from cleanclaim.x12.columns.tables import Columns

REMITTANCE, CLAIMS, OTHER = 1, 2, 0
_KINDS = {"835": REMITTANCE, "837": CLAIMS}
_DENTAL = "005010X224"
_TURNS = {
    frozenset(): ("ST", "SE"),
    frozenset({REMITTANCE}): ("ST", "SE", "CLP", "SVC", "LX", "PLB"),
    frozenset({CLAIMS}): ("ST", "SE", "CLM", "LX", "HL"),
    frozenset({REMITTANCE, CLAIMS}): ("ST", "SE", "CLP", "SVC", "LX", "PLB", "CLM", "HL"),
}
"""The segments at which the nesting changes, by the kinds of transactions in a slice."""


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
        self.number = np.arange(1, segments.count + 1, dtype=np.int32)
        set_rows = segments.rows("ST")
        names = segments.cut([segments.field(set_rows, 1), segments.field(set_rows, 3)])
        kinds = [carried.kind]
        for name, guide in zip(*names, strict=True):
            dental = (guide or "").startswith(_DENTAL)
            kinds.append(OTHER if dental else _KINDS.get((name or "").strip(), OTHER))
        self.kinds = kinds
        self.has = frozenset(kinds)
        turns = segments.mask(*_TURNS[self.has - {OTHER}])
        self._turn = np.cumsum(turns, dtype=np.int32)
        """The last change of nesting up to each segment, as a number into the arrays below; 0 is none."""
        self._nest(np.flatnonzero(turns))
        self._asked: tuple[Rows, Array] = (self.number, self._turn)

    def _nest(self, rows: Rows) -> None:
        """Work out the nesting where it changes, which is at few of the segments."""
        ids = np.concatenate((np.zeros(1, np.uint32), self.segments.ids[rows]))
        numbers = np.concatenate((np.zeros(1, np.int32), (rows + 1).astype(np.int32)))
        order = np.arange(len(ids), dtype=np.int32)

        def marked(*names: str) -> Array:
            found: Array = ids == code(names[0])
            for name in names[1:]:
                found |= ids == code(name)
            return found

        def last(mask: Array) -> Array:
            found: Array = np.maximum.accumulate(np.where(mask, order, 0))
            return found

        sets = marked("ST")
        self._set_number = np.cumsum(sets, dtype=np.int32)
        kind = self._kind = np.array(self.kinds, np.int8)[self._set_number]
        self._begun = numbers[last(sets)]
        opens, lines, ends = np.zeros(len(ids), bool), np.zeros(len(ids), bool), marked("ST", "SE")
        if REMITTANCE in self.has:
            remits = kind == REMITTANCE
            opens |= marked("CLP") & remits
            lines |= marked("SVC") & remits
            ends |= marked("LX", "PLB") & remits
        if CLAIMS in self.has:
            claims = kind == CLAIMS
            opens |= marked("CLM") & claims
            lines |= marked("LX") & claims
            ends |= marked("HL") & claims
        last_claim = last(opens)
        self._in_claim = last_claim > last(ends)
        self._claim = np.cumsum(opens, dtype=np.int32)
        lines &= self._in_claim
        self._line = np.cumsum(lines, dtype=np.int32)
        self._in_line = self._in_claim & (last(lines) > last_claim)
        self.claim_rows, self.line_rows = numbers[opens] - 1, numbers[lines] - 1

    def turn(self, rows: Rows) -> Array:
        """The last change of nesting up to each row; asked for the same rows again and again."""
        if rows is not self._asked[0]:
            self._asked = (rows, self._turn[rows])
        return self._asked[1]

    @cached_property
    def kind(self) -> Array:
        """The kind of transaction of each segment."""
        return self._kind[self._turn]

    def last(self, mask: Array) -> Array:
        """For each segment the number (from 1) of the last marked one up to it, 0 when there is none."""
        found: Array = np.maximum.accumulate(np.where(mask, self.number, 0))
        return found

    def of_kind(self, rows: Rows, kind: int) -> Rows:
        """Those of the rows that stand in transactions of a kind."""
        return rows if self.has == {kind} else rows[self._kind[self.turn(rows)] == kind]

    def claim(self, rows: Rows) -> Numbers:
        """The claim of each row, unknown outside of claims."""
        return Numbers(
            self._claim[self.turn(rows)].astype(np.int64) + self.carried.claims,
            self._in_claim[self.turn(rows)],
        )

    def line(self, rows: Rows) -> Numbers:
        """The service line of each row, unknown outside of lines."""
        return Numbers(
            self._line[self.turn(rows)].astype(np.int64) + self.carried.lines, self._in_line[self.turn(rows)]
        )

    def in_claim(self, rows: Rows) -> Array:
        return self._in_claim[self.turn(rows)]

    def in_line(self, rows: Rows) -> Array:
        return self._in_line[self.turn(rows)]

    def claim_index(self, rows: Rows) -> Array:
        """The number of each row's claim within the slice, from 0."""
        return self._claim[self.turn(rows)] - 1

    def line_index(self, rows: Rows) -> Array:
        """The number of each row's line within the slice, from 0."""
        return self._line[self.turn(rows)] - 1

    def transaction(self, rows: Rows) -> Array:
        """The transaction of each row."""
        return self._set_number[self.turn(rows)].astype(np.int64) + self.carried.transactions

    def position(self, rows: Rows) -> Array:
        """The number of each segment, counted from ST = 1."""
        begun = self._begun[self.turn(rows)]
        counted = rows + 2 - begun.astype(np.int64)
        if len(begun) and begun[0] > 0:  # a transaction that began in this slice: so did those of later rows
            return counted
        return np.where(begun > 0, counted, rows + 1 + self.carried.segments)

    def columns(self, rows: Rows, set_id: str) -> Columns:
        """The place of each row, as the first columns of every table."""
        height = len(rows)
        return {
            "file": pl.Series([self.carried.file], dtype=pl.String).new_from_index(0, height),
            "set_id": pl.Series([set_id], dtype=pl.String).new_from_index(0, height),
            "transaction": pl.Series(self.transaction(rows)),
            "segment": pl.Series(self.position(rows)),
            "offset": pl.Series(self.segments.offsets(rows)),
        }

    @cached_property
    def levels(self) -> Array:
        """The number of the last HL at each segment."""
        hl = self.segments.mask("HL") & (self.kind == CLAIMS)
        return np.cumsum(hl, dtype=np.int64) + self.carried.levels

    def after(self, texts: dict[str, str | None], level_of: dict[str, int | None]) -> Carried:
        """What the next slice needs."""
        if not self.segments.count:
            return self.carried
        before, last = self.carried, np.array([self.segments.count - 1])
        return Carried(
            before.file, int(self.transaction(last)[0]), self.kinds[-1], int(self.position(last)[0]),
            before.claims + int(self._claim[-1]), before.lines + int(self._line[-1]),
            int(self.levels[-1]) if CLAIMS in self.has else before.levels, texts, level_of,
        )  # fmt: skip
