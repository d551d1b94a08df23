"""The segments of a large transaction as texts, cut out only when one is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import numpy as np

from cleanclaim.x12.arrays import cut
from cleanclaim.x12.structure import Transaction, decode


def _view(numbers: Any) -> memoryview:
    return memoryview(numbers)


class Pieces(Sequence[str]):
    """What `Transaction.pieces` gives, without making a text of each segment.

    Attributes:
        begins: Where each segment begins in the text of the transaction.
        stops: Where it stops, without its terminator.
    """

    def __init__(self, transaction: Transaction) -> None:
        self.text = text = transaction.text()
        data = np.frombuffer(text.encode("latin-1"), np.uint8)
        self.begins, self.stops = cut(data, transaction.st.delimiters.segment)
        if len(self.stops):  # line ends after an unterminated last segment are not part of it
            begin, stop = int(self.begins[-1]), int(self.stops[-1])
            self.stops[-1] = begin + len(text[begin:stop].rstrip("\r\n\x00\x1a"))
        self.plain = text.isascii()
        # One number of an array is quicker to get through a memoryview.
        self._begins, self._stops = _view(self.begins), _view(self.stops)

    def __len__(self) -> int:
        return len(self.begins)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        piece = self.text[self._begins[index] : self._stops[index]]
        return piece if self.plain else decode(piece)


class Offsets(Sequence[int]):
    """Where in the file the segments begin."""

    def __init__(self, pieces: Pieces, offset: int) -> None:
        self._begins, self._offset = _view(pieces.begins), offset

    def __len__(self) -> int:
        return len(self._begins)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        return int(self._begins[index]) + self._offset
