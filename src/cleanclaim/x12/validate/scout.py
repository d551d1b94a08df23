"""Walk the structure of single chunks ahead of the walker, to learn what their shapes mean.

A state decides over all that may follow, so a chunk can be walked from there without what came before. It is
put together from *steps*: what one kind of segment does in one place. A place forgets what stood earlier in
a claim and can change nothing any more, so that a guide has a few hundred steps at most, and a file in which
no two claims have one shape is learned nearly as quickly as one in which all have the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from cleanclaim.x12.structure import Segment
from cleanclaim.x12.validate.elements import SegmentCheck
from cleanclaim.x12.validate.shapes import LONGEST_CHUNK, Entry, StateKey, key_of_loop
from cleanclaim.x12.validate.walk import OpenLoop, Walker

_MOST_PLACES = 20_000


class _Fault(Exception):
    """The structure of a chunk is not clean."""


class _Numbered:
    """Levels as the scout sees them: all in order."""

    def __init__(self) -> None:
        self.open: dict[str, str] = {}

    def level(self, hl: Segment, here: OpenLoop, stack: list[OpenLoop], **_: Any) -> None:
        here.hl = "1"


class _Place:
    """Where the walker stands between two segments, and the steps known from there."""

    __slots__ = ("after", "key", "loops", "steps")

    def __init__(self, key: StateKey, after: StateKey) -> None:
        self.key = key
        self.after = after
        """The state that it is when a chunk ends here."""
        self.loops = frozenset(one[0] for one in key)
        self.steps: dict[int, _Step | None] = {}
        """By kind of segment; None where it may not stand, or something is missing before it."""


class _Step:
    """What one kind of segment does in one place."""

    __slots__ = ("check", "claims", "level", "loop", "names", "opened", "to")

    def __init__(
        self, check: SegmentCheck, loop: str, names: list[str], opened: tuple[str, ...], claims: int,
        level: tuple[str, str] | None, to: _Place,
    ) -> None:  # fmt: skip
        self.check = check
        self.loop = loop
        self.names = names
        """Its id and first element."""
        self.opened = opened
        self.claims = claims
        self.level = level
        """Loop of an HL, and of the level above it."""
        self.to = to


class Scout(Walker):
    """Walks the structure of single chunks ahead of the walker, to learn their shapes."""

    def __init__(self, walker: Walker) -> None:
        super().__init__(walker.compiled, walker.transaction, "", walker.limits)
        self.of = walker
        self.hierarchy = _Numbered()  # type: ignore[assignment]
        self.places: dict[StateKey, _Place] = self.compiled.shapes.steps

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

    def learn(self, key: StateKey, kinds: list[int], begin: int) -> Entry | None:
        """What a chunk's shape means in a state; None when its structure has a fault or says too little.

        Args:
            key: Of the state.
            kinds: The kinds of the chunk's segments.
            begin: The first of them.
        """
        if len(kinds) > LONGEST_CHUNK:
            return None
        place = self.place_of(key)
        steps = []
        for at, kind in enumerate(kinds, begin):
            try:
                step = place.steps[kind]
            except KeyError:
                step = place.steps[kind] = self.discover(place, at)
            if step is None:
                return None
            steps.append(step)
            place = step.to
        level = steps[0].level
        if (level and level[0] not in place.loops) or any(step.level for step in steps[1:]):
            return None
        opened: dict[str, int] = {}
        for step in steps:
            for name in step.opened:
                opened[name] = opened.get(name, 0) + 1
        claims = sum(step.claims for step in steps)
        checks, names = [step.check for step in steps], [step.names for step in steps]
        plan = self.rules.plan(checks, [step.loop for step in steps], names)
        after = self.compiled.shapes.state(place.after)
        entry = Entry(checks, plan, opened, claims, level, after, None, key)
        if claims:
            entry.note_claim([parts[0] for parts in names])
        return entry

    def exactly(self, key: StateKey, begin: int, end: int) -> StateKey:
        """Where the walker stands after a chunk without structural fault, nothing left out."""
        self.stand(key)
        for at in range(begin, end):
            self.step(self.segment(at))
        return tuple(key_of_loop(loop) for loop in self.stack)

    def stand(self, key: StateKey) -> None:
        """Stand where a state or a place says."""
        self.stack = [self._opened(*one) for one in key]
        self.trace, self.occurrences, self.claims, self.lost = [], {}, 0, False

    def discover(self, place: _Place, at: int) -> _Step | None:
        """What a segment does in a place; None where it has a fault there."""
        self.stand(place.key)
        segment = self.segment(at)
        try:
            self.step(segment)
        except _Fault:
            return None
        if len(self.trace) != 1:
            return None
        ((check, loop),) = self.trace
        level = None
        if check.name == "HL":
            level = loop, next((one.rule.name for one in reversed(self.stack[:-1]) if one.hl), "")
        names = segment.elements[:2]
        return _Step(check, loop, names, tuple(self.occurrences), self.claims, level, self.place_of_stack())

    def place_of(self, key: StateKey) -> _Place:
        """The place of a state."""
        place = self.places.get(key)
        if place is None:
            self.stand(key)
            place = self._keep(key)
        return place

    def place_of_stack(self) -> _Place:
        """The place where this stands; what stood earlier in a claim is left out."""
        key = []
        in_claim = False
        for loop in self.stack:
            in_claim = in_claim or self._is_claim(loop)
            one = key_of_loop(loop)
            if in_claim:
                # Nothing may stand before the rank that is reached, and what is required there was seen.
                counts = tuple(pair for pair in one[2] if loop.rule.children[pair[0]].rank >= loop.rank)
                one = one[0], one[1], counts, one[3]
            key.append(one)
        place = self.places.get(tuple(key))
        return place if place is not None else self._keep(tuple(key))

    def _keep(self, key: StateKey) -> _Place:
        if len(self.places) >= _MOST_PLACES:
            self.places.clear()
        place = self.places[key] = _Place(key, self._after())
        return place

    def _after(self) -> StateKey:
        """The same as `without_claim`, from a stack that knows only of what may still come."""
        keys: list[tuple[str, int, tuple[tuple[int, int], ...], int]] = []
        in_claim = False
        for loop in self.stack:
            in_claim = in_claim or self._is_claim(loop)
            if in_claim and all(
                child.rank < loop.rank or loop.counts.get(child.place)
                for child in loop.rule.required_children
            ):
                keys.append((loop.rule.name, -1, (), -1))
            else:
                keys.append(key_of_loop(loop))
        return tuple(keys)

    def _is_claim(self, loop: OpenLoop) -> bool:
        return bool(loop.rule.name) and loop.rule.first.name == self.guide.claim_segment

    def _opened(self, name: str, rank: int, counts: tuple[tuple[int, int], ...], missed: int) -> OpenLoop:
        rule = self.guide.loops[name]
        loop = OpenLoop(rule, "", 1)
        if rank < 0:  # a claim that is over: nothing more may stand in it, and nothing is missing
            rank, missed = 1 << 30, len(rule.required_children)
        loop.rank, loop.missed, loop.counts = rank, missed, dict(counts)
        if rule.name and rule.first.name == "HL":
            loop.hl = "1"
        return loop
