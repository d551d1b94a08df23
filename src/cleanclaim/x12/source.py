"""The characters of a file, one a byte, from memory or from the disk, read when they are asked for."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from typing import BinaryIO

_BLOCK = 1 << 20
_FIRST_BLOCK = 1 << 8


class Text:
    """Bytes in memory as Latin-1 text, without a second copy of them."""

    is_held = True
    """Whether all of it is in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._size = len(data)

    def __len__(self) -> int:
        return self._size

    def raw(self, begin: int, stop: int) -> bytes:
        """Some of the bytes."""
        return self._data[begin:stop]

    def __getitem__(self, place: int | slice) -> str:
        if isinstance(place, slice):
            begin, stop, _ = place.indices(self._size)
            return self.raw(begin, stop).decode("latin-1")
        return self.raw(place, place + 1).decode("latin-1")

    def find(self, wanted: str, begin: int = 0, end: int | None = None) -> int:
        """Where a text stands, -1 when it does not."""
        return self._data.find(wanted.encode("latin-1"), begin, self._size if end is None else end)

    def matches(
        self, pattern: re.Pattern[bytes], begin: int, end: int, mark: str
    ) -> Iterator[tuple[str, int]]:
        """The first group of each match, and where it begins.

        Args:
            pattern: Begins with `mark`, and holds it nowhere else but as a look ahead.
        """
        for match in pattern.finditer(self._data, begin, end):
            yield match[1].decode("latin-1"), match.start(1)

    def blocks(self, begin: int, end: int, mark: str) -> Iterator[tuple[int, bytes]]:
        """Parts of about a megabyte and where each begins; all but the last end with a mark."""
        wanted, size = mark.encode("latin-1"), _BLOCK
        while begin < end:
            block = self.raw(begin, min(begin + size, end))
            if not block:
                return
            if begin + len(block) < end:
                cut = block.rfind(wanted) + 1
                if not cut:
                    size *= 4
                    continue
                block = block[:cut]
            yield begin, block
            begin, size = begin + len(block), _BLOCK

    def behind_blanks(self, at: int, begin: int, blanks: str) -> int:
        """Where the last character before `at` stands that is no blank; before `begin` when there is none."""
        unwanted = blanks.encode("latin-1")
        while at > begin:
            from_here = max(begin, at - _BLOCK)
            kept = len(self.raw(from_here, at).rstrip(unwanted))
            if kept:
                return from_here + kept - 1
            at = from_here
        return begin - 1

    def is_blank(self, begin: int, blanks: str) -> bool:
        """Whether nothing but blanks follows."""
        unwanted = blanks.encode("latin-1")
        blocks = range(begin, self._size, _BLOCK)
        return not any(self.raw(at, at + _BLOCK).strip(unwanted) for at in blocks)

    def sha256(self) -> str:
        """The digest of all bytes."""
        digest = hashlib.sha256()
        for at in range(0, self._size, _BLOCK):
            digest.update(self.raw(at, at + _BLOCK))
        return digest.hexdigest()


class FileText(Text):
    """The same for an open file, block by block, so that memory does not depend on its size."""

    is_held = False

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(b"")
        self._file = file
        self._size = os.fstat(file.fileno()).st_size

    def raw(self, begin: int, stop: int) -> bytes:
        return os.pread(self._file.fileno(), max(0, stop - begin), begin)

    def find(self, wanted: str, begin: int = 0, end: int | None = None) -> int:
        needle = wanted.encode("latin-1")
        end = self._size if end is None else min(end, self._size)
        size = _FIRST_BLOCK  # most that is looked for is the end of a segment, which is near
        while begin < end:
            at = self.raw(begin, min(begin + size + len(needle) - 1, end)).find(needle)
            if at >= 0:
                return begin + at
            begin += size
            size = min(size * 8, _BLOCK)
        return -1

    def matches(
        self, pattern: re.Pattern[bytes], begin: int, end: int, mark: str
    ) -> Iterator[tuple[str, int]]:
        size = _BLOCK
        while begin < end:
            block = self.raw(begin, min(begin + size, end))
            whole = begin + len(block) >= end or not block
            # A block ends where a segment does: there the next one begins.
            cut = len(block) if whole else block.rfind(mark.encode("latin-1"))
            if cut <= 0 and not whole:
                size *= 4
                continue
            for match in pattern.finditer(block, 0, cut):
                yield match[1].decode("latin-1"), begin + match.start(1)
            if whole:
                return
            begin, size = begin + cut, _BLOCK
