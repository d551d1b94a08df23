"""Walk the structure of single chunks ahead of the walker, to learn what their shapes mean.

A state decides over all that may follow, so a chunk can be walked from there without what came before.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from cleanclaim.x12.structure import Segment
from cleanclaim.x12.validate.shapes import LONGEST_CHUNK, Entry, StateKey, entry_of, without_claim
from cleanclaim.x12.validate.walk import OpenLoop, Walker


class _Fault(Exception):
    """The structure of a chunk is not clean."""


class _Numbered:
    """Levels as the scout sees them: all in order."""

    def __init__(self) -> None:
        self.open: dict[str, str] = {}

    def level(self, hl: Segment, here: OpenLoop, stack: list[OpenLoop], **_: Any) -> None:
        here.hl = "1"


class Scout(Walker):
    """Walks the structure of single chunks ahead of the walker, to learn their shapes."""

    def __init__(self, walker: Walker) -> None:
        super().__init__(walker.compiled, walker.transaction, "", walker.limits)
        self.of = walker
        self.hierarchy = _Numbered()  # type: ignore[assignment]

    @cached_property
    def pieces(self) -> Sequence[str]:
        return self.of.pieces

    @cached_property
    def offsets(self) -> Sequence[int]:
        return self.of.offsets

    def tell(self, *_: Any, **__: Any) -> None:
        raise _Fault

    def check_elements(self, rule: Any, segment: Segment, open_loop: OpenLoop) -> None:
        self.trace.append((self.compiled.check_of(rule), open_loop.rule.name))

    def learn(self, key: StateKey, begin: int, end: int) -> Entry | None:
        """What a chunk's shape means in a state; None when its structure has a fault or says too little."""
        if end - begin > LONGEST_CHUNK:
            return None
        self.stack = [self._opened(*one) for one in key]
        self.trace, self.occurrences, self.claims, self.lost = [], {}, 0, False
        try:
            for at in range(begin, end):
                self.step(self.segment(at))
        except _Fault:
            return None
        checks, loops = [one for one, _ in self.trace], [name for _, name in self.trace]
        if len(checks) != end - begin:
            return None
        plan = self.rules.plan(checks, loops, self.pieces[begin:end])
        after = self.compiled.shapes.state(without_claim(self.stack, self.guide.claim_segment))
        return entry_of(self, plan, {}, self.claims, after)

    def _opened(self, name: str, rank: int, counts: tuple[tuple[int, int], ...], missed: int) -> OpenLoop:
        rule = self.guide.loops[name]
        loop = OpenLoop(rule, "", 1)
        if rank < 0:  # a claim that is over: nothing more may stand in it, and nothing is missing
            rank, missed = 1 << 30, len(rule.required_children)
        loop.rank, loop.missed, loop.counts = rank, missed, dict(counts)
        if rule.name and rule.first.name == "HL":
            loop.hl = "1"
        return loop
