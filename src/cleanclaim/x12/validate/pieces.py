"""The segments of a large transaction as texts, cut out only when one is asked for."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import overload

import numpy as np

from cleanclaim.x12.arrays import cut
from cleanclaim.x12.structure import Transaction, decode

_WINDOW = 1 << 19
"""So many bytes before and after a segment that is asked for are read with it."""


_FAR = 255
"""Gaps of so many bytes and more are kept by themselves."""


class Pieces(Sequence[str]):
    """What `Transaction.pieces` gives, without making a text of each segment, or holding the whole.

    Five bytes are held of each segment: where it stops, and how far behind the one before it begins.

    Attributes:
        stops: Where each segment stops, without its terminator, from the beginning of the transaction.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._source, self._offset = transaction.source, transaction.offset
        self._size, marks = transaction.size, transaction.st.delimiters
        stops, self._gaps, self._far = array("i"), array("B"), dict[int, int]()
        self.plain, before = True, -1
        for at, block in self._source.blocks(self._offset, self._offset + self._size, marks.segment):
            self.plain = self.plain and block.isascii()
            begin, stop = (
                found + np.intc(at - self._offset)
                for found in cut(np.frombuffer(block, np.uint8), marks.segment)
            )
            if not len(stop):
                continue
            gaps = begin - np.concatenate((np.array([before], np.intc), stop[:-1])) - 1
            for far in np.flatnonzero(gaps >= _FAR).tolist():
                self._far[len(stops) + far] = int(gaps[far])
            self._gaps.frombytes(np.minimum(gaps, _FAR).astype(np.uint8).tobytes())
            stops.frombytes(stop.astype(np.intc, copy=False).tobytes())
            before = int(stop[-1])
        if len(stops):  # line ends after an unterminated last segment are not part of it
            self._stops = stops
            last = self.begin(len(stops) - 1)
            stops[-1] = last + len(self.span(last, stops[-1]).rstrip(b"\r\n\x00\x1a"))
        self._stops, self.stops = stops, np.frombuffer(stops, np.intc)
        self._from, self._held = 0, b""

    def begin(self, index: int) -> int:
        """Where a segment begins, from the beginning of the transaction."""
        gap = self._gaps[index]
        if gap == _FAR:
            gap = self._far[index]
        return (self._stops[index - 1] if index else -1) + 1 + gap

    def up_to(self, place: int) -> int:
        """How many segments stop at a place or before it."""
        return int(np.searchsorted(self.stops, np.intc(min(place, self._size)), side="right"))

    def span(self, begin: int, stop: int) -> bytes:
        """Some bytes of the transaction."""
        return self._source.raw(self._offset + begin, self._offset + min(stop, self._size))

    def __len__(self) -> int:
        return len(self._stops)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        begin, stop = self.begin(index), self._stops[index]
        if begin < self._from or stop > self._from + len(self._held):
            self._from = max(0, begin - _WINDOW)
            self._held = self.span(self._from, stop + _WINDOW)
        piece = self._held[begin - self._from : stop - self._from].decode("latin-1")
        return piece if self.plain else decode(piece)


class Offsets(Sequence[int]):
    """Where in the file the segments begin."""

    def __init__(self, pieces: Pieces, offset: int) -> None:
        self._pieces, self._offset = pieces, offset

    def __len__(self) -> int:
        return len(self._pieces)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        return self._pieces.begin(range(len(self))[index]) + self._offset
