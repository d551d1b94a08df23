"""A keyed sketch of a note: enough to find a copy of it later, too little to read it.

The note's own words become runs of `RUN` words; each run is hashed with a secret key, and the smallest hashes
are kept, a third of them for a note of usual length. A later note, at hand as text, is hashed alike:
the share of kept hashes that it holds says how much of the earlier note stands in it.

Without the key a hash says nothing. With it, a run that somebody guesses whole can be confirmed; neighbouring
runs, by which a text could be guessed on word by word, are mostly not kept.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import msgspec

from cleanclaim.coding.notes.cloning import RUN, own_words
from cleanclaim.coding.notes.model import Span

MOST, LEAST, SHARE = 96, 12, 3
"""Kept hashes: at most, at least, and one of how many between."""
CONFIDENCE = 1.645
"""Standard errors by which a likeness must pass a limit: one in twenty by chance."""
_HEAD = struct.Struct(">BH")
_VERSION = 1


class Sketch(msgspec.Struct, frozen=True):
    """What is kept of a note: how many distinct runs it had, and the smallest of their keyed hashes."""

    runs: int
    hashes: tuple[int, ...]

    def to_bytes(self) -> bytes:
        """Version, count of runs, and eight bytes a hash."""
        return _HEAD.pack(_VERSION, self.runs) + struct.pack(f">{len(self.hashes)}Q", *self.hashes)

    @classmethod
    def from_bytes(cls, data: bytes) -> Sketch | None:
        """Read a kept sketch; None where there is none, or another version wrote it."""
        if len(data) < _HEAD.size or (len(data) - _HEAD.size) % 8:
            return None
        version, runs = _HEAD.unpack_from(data)
        if version != _VERSION:
            return None
        return cls(runs, struct.unpack_from(f">{(len(data) - _HEAD.size) // 8}Q", data, _HEAD.size))


class OtherSketch(NamedTuple):
    """The sketch of another note, and the date of service it was written for."""

    on: date
    sketch: Sketch


class Alike(NamedTuple):
    """What a note shares with a sketched one.

    Attributes:
        percent: Estimated share of the note's own words that lie in copied runs, in percent.
        surely: The least that it is, but for one time in twenty.
        spans: Where the shared runs stand in the note at hand.
    """

    percent: int
    surely: int
    spans: tuple[Span, ...]


class Hashed:
    """A note at hand, hashed once to be compared with many sketches."""

    def __init__(self, text: str, key: bytes, *, without: Iterable[Span] = ()) -> None:
        words = own_words(text, without)
        self.words = len(words)
        self._places = [span for _, span in words]
        plain = [word for word, _ in words]
        self._runs = [_hash(plain[at : at + RUN], key) for at in range(len(words) - RUN + 1)]
        self._known = set(self._runs)

    def sketch(self) -> Sketch:
        """What may be kept of it."""
        runs = len(self._known)
        kept = min(MOST, max(LEAST, runs // SHARE))
        return Sketch(min(runs, 0xFFFF), tuple(sorted(self._known)[:kept]))

    def likeness(self, other: Sketch) -> Alike:
        """Compare with an earlier note by its sketch."""
        if not self._known or not other.hashes:
            return Alike(0, 0, ())
        kept = len(other.hashes)
        found = set(other.hashes) & self._known
        if not found:
            return Alike(0, 0, ())
        shown = self._filled(set(other.hashes), max(other.hashes), whole=kept >= other.runs)
        words = {at + beyond for at, same in enumerate(shown) if same for beyond in range(RUN)}
        percent = len(words) * 100 // self.words
        # The kept hashes are a fair sample of the other's runs: as many may be shared by chance.
        share = len(found) / kept
        error = math.sqrt(share * (1 - share) / kept)
        surely = int(percent * (1 - CONFIDENCE * error / share))
        return Alike(percent, max(0, surely), self._spans(words))

    def _filled(self, kept: set[int], border: int, *, whole: bool) -> list[bool]:
        """For each run of the note whether the other has it, guessed from the nearest run that is known.

        A hash up to the sketch's largest would have been kept, had the other note had its run: that it is
        not there says no. Above it nothing is known.
        """
        known = [
            (at, value in kept)
            for at, value in enumerate(self._runs)
            if value in kept or whole or value <= border
        ]
        shown, next_ = [], 0
        for at in range(len(self._runs)):
            while next_ + 1 < len(known) and abs(known[next_ + 1][0] - at) <= abs(known[next_][0] - at):
                next_ += 1
            shown.append(known[next_][1])
        return shown

    def _spans(self, words: set[int]) -> tuple[Span, ...]:
        """Stretches of neighbouring words, as offsets."""
        spans: list[Span] = []
        before = -2
        for place in sorted(words):
            first, last = self._places[place]
            spans[-1:] = [(spans[-1][0], last)] if place == before + 1 else [*spans[-1:], (first, last)]
            before = place
        return tuple(spans)


def _hash(words: list[str], key: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(" ".join(words).encode(), digest_size=8, key=key).digest())
