"""The answers to very many transactions, held in about forty bytes each instead of two hundred."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import msgspec

from cleanclaim.x12.sets.records import TransactionAck

_TOGETHER = 500
"""So many are packed and unpacked at once."""

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[TransactionAck])


class PackedAnswers(Sequence[TransactionAck]):
    """Reads as a sequence of `TransactionAck`; grows at its end only."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._open: list[TransactionAck] = []

    def append(self, answer: TransactionAck) -> None:
        """Take the answer to the next transaction."""
        self._open.append(answer)
        if len(self._open) == _TOGETHER:
            self._packed.append(_ENCODER.encode(self._open))
            self._open = []

    def __len__(self) -> int:
        return len(self._packed) * _TOGETHER + len(self._open)

    def __iter__(self) -> Iterator[TransactionAck]:
        for some in self._packed:
            yield from _DECODER.decode(some)
        yield from self._open

    @overload
    def __getitem__(self, index: int) -> TransactionAck: ...
    @overload
    def __getitem__(self, index: slice) -> list[TransactionAck]: ...
    def __getitem__(self, index: int | slice) -> TransactionAck | list[TransactionAck]:
        if isinstance(index, slice):
            return list(self)[index]
        index = range(len(self))[index]
        part, at = divmod(index, _TOGETHER)
        return (_DECODER.decode(self._packed[part]) if part < len(self._packed) else self._open)[at]
