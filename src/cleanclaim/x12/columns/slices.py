"""Cut a file of any size into slices that end between claims, reading each byte once.

A slice ends where a claim or a transaction begins, so that what belongs to one claim is in one
slice. Delimiters are read from each ISA; a slice never mixes two sets of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import msgspec
import numpy as np

from cleanclaim.x12.envelopes import read_isa
from cleanclaim.x12.structure import BLANKS, Delimiters

SLICE_BYTES = 3_000_000
LARGEST_CLAIM = 64_000_000
"""A slice grows up to this when no claim begins in it; then it is cut at a segment."""

_BLANKS = BLANKS.encode()
_ISA = re.compile(rb"ISA[^A-Za-z0-9 \t\r\n\x00]")
_ISA_LONGEST = 512
_UTF16_OR_32 = (b"\xff\xfe", b"\xfe\xff", b"I\0S\0", b"\0I\0S", b"I\0\0\0")


class Slice(msgspec.Struct, frozen=True):
    """A run of whole segments. `data` ends in a terminator; `offset` is where it begins in the file."""

    data: bytes
    offset: int
    marks: Delimiters
    cut_inside: bool = False
    """The slice had to end inside a claim."""


class NotReadable(ValueError):
    """The file has no ISA whose delimiters can be read. `reason` is ``empty`` or ``no_isa``."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"no readable ISA segment ({reason})")


def slices(source: BinaryIO, size: int = SLICE_BYTES) -> Iterator[Slice]:
    """Cut what `source` gives into slices of about `size` bytes.

    Raises:
        NotReadable: Before the first slice, when no interchange begins in the first `size` bytes.
    """
    buffer, at = source.read(size), 0
    if buffer[:2] in _UTF16_OR_32[:2] or any(buffer.startswith(mark) for mark in _UTF16_OR_32[2:]):
        raise NotReadable("no_isa")
    found = _next_isa(buffer, 0)
    if found is None:
        raise NotReadable("no_isa" if buffer.strip(_BLANKS) else "empty")
    start, marks = found
    buffer, at = buffer[start:], start
    ended = False
    while buffer:
        if not ended and len(buffer) < size:
            more = source.read(size - len(buffer))
            ended = not more
            buffer += more
            if more and len(buffer) < size:
                continue
        change = _change_of_marks(buffer, marks)
        if change is not None:
            stop, following = change
            if stop:
                yield Slice(_ended(buffer[:stop], marks), at, marks)
            buffer, at, marks = buffer[stop:], at + stop, following
            continue
        if ended:
            yield Slice(_ended(buffer, marks), at, marks)
            return
        stop = _cut(buffer, marks)
        if stop <= 0 and len(buffer) < LARGEST_CLAIM:
            more = source.read(size)
            ended = not more
            buffer += more
            continue
        inside = stop <= 0
        if inside:
            stop = buffer.rfind(marks.segment.encode("latin-1")) + 1 or len(buffer)
        yield Slice(_ended(buffer[:stop], marks), at, marks, inside)
        buffer, at = buffer[stop:], at + stop


def _ended(data: bytes, marks: Delimiters) -> bytes:
    """Data with a terminator after its last segment."""
    end = marks.segment.encode("latin-1")
    return data if data.endswith(end) else data + end


def _next_isa(buffer: bytes, begin: int) -> tuple[int, Delimiters] | None:
    for match in _ISA.finditer(buffer, begin):
        at = match.start()
        text = buffer[at : at + _ISA_LONGEST].decode("latin-1")
        _, marks, _ = read_isa(text, 0)
        if marks is not None and all(ord(mark) < 128 for mark in _all(marks)):
            return at, marks
    return None


def _all(marks: Delimiters) -> str:
    return marks.element + marks.component + marks.repetition + marks.segment


def _change_of_marks(buffer: bytes, marks: Delimiters) -> tuple[int, Delimiters] | None:
    """Where an interchange with other delimiters begins, and which."""
    end = marks.segment.encode("latin-1")
    for at in _places_of_isa(buffer):
        if at < 3 or not _ISA.match(buffer, at) or len(buffer) - at < 106:
            continue
        before = buffer[max(0, at - 64) : at].rstrip(_BLANKS.replace(end, b""))
        if before and not before.endswith(end):
            continue
        found = _next_isa(buffer[: at + _ISA_LONGEST], at)
        if found is not None and found[0] == at and found[1] != marks:
            return found
    return None


def _places_of_isa(buffer: bytes) -> list[int]:
    """Where ISA stands, looked for byte by byte at once, which is quicker than one after the other."""
    octets = np.frombuffer(buffer, np.uint8)
    places = np.flatnonzero(octets[:-2] == ord("I"))
    places = places[octets[places + 1] == ord("S")]
    found: list[int] = places[octets[places + 2] == ord("A")].tolist()
    return found


def _cut(buffer: bytes, marks: Delimiters) -> int:
    """Where the last claim, payment or transaction of the buffer begins; 0 when there is none."""
    end, element = marks.segment.encode("latin-1"), marks.element.encode("latin-1")
    first = buffer.find(end)
    gap = b""
    while 0 <= first + 1 + len(gap) < len(buffer) and len(gap) < 3:
        byte = buffer[first + 1 + len(gap) :][:1]
        if byte not in (b"\r", b"\n") or byte == end:
            break
        gap += byte
    best = 0
    for name in (b"CLP", b"CLM", b"ST"):
        for between in {gap, b""}:
            at = buffer.rfind(end + between + name + element, best)
            if at > 0:
                best = max(best, at + 1)
    return best
