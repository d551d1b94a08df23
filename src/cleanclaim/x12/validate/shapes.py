"""Check the structure once for each shape of claim, and values once for each distinct segment.

A transaction is cut into chunks that begin at a level (HL) or a claim. The *shape* of a chunk is its
sequence of segment ids and qualifiers; where the walker stood before it is a *state*. What the walker
found about a shape in a state holds for every chunk of that shape in that state, so it walks only
the first of them. All others need their values checked, and most segments have been seen before.

A chunk that is not clean in every way is walked segment by segment, as if this module did not exist:
findings never come from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cleanclaim.x12.guide import Guide
from cleanclaim.x12.structure import Delimiters
from cleanclaim.x12.validate.balance import charge_places, line_places

if TYPE_CHECKING:
    from cleanclaim.x12.validate.claim_rules import Plan
    from cleanclaim.x12.validate.elements import SegmentCheck
    from cleanclaim.x12.validate.walk import OpenLoop, Walker

_MOST_ENTRIES = 10_000
_MOST_TEXTS = 100_000
LONGEST_CHUNK = 2_000

StateKey = tuple[tuple[str, int, tuple[tuple[int, int], ...], int], ...]
Shape = tuple[int, ...]


class Entry:
    """What is known of one shape in one state."""

    __slots__ = (
        "after", "before", "charges", "checks", "claims", "columns", "exact", "level", "lines", "opened",
        "plan",
    )  # fmt: skip

    def __init__(
        self, checks: list[SegmentCheck], plan: Plan, opened: dict[str, int], claims: int,
        level: tuple[str, str] | None, after: State, exact: StateKey | None, before: StateKey = (),
    ) -> None:  # fmt: skip
        self.checks = checks
        self.plan = plan
        self.opened = opened
        self.claims = claims
        self.level = level
        """Loop of the HL that begins the chunk, and of the level above it."""
        self.after = after
        self.exact = exact
        """Where exactly the walker stands after the chunk; `after` leaves out what no longer matters.
        None where the chunk was put together from steps known before: it is worked out when it is needed."""
        self.before = before
        """Where it stood before such a chunk."""
        self.charges: tuple[tuple[int, int], ...] | None = None
        """Where the line charges stand, once that was asked."""
        self.lines: tuple[int, ...] = ()
        """Where the lines begin, likewise."""
        self.columns: Any = None
        """What `bulk_rules` keeps of this entry as arrays."""

    def note_claim(self, names: Sequence[str]) -> None:
        """Keep where the sums of a claim with segments of these ids are found."""
        self.charges, self.lines = charge_places(names), line_places(names)


class State:
    """Where the walker stands between two chunks, and the shapes known from there."""

    __slots__ = ("key", "numbered", "shapes")

    def __init__(self, key: StateKey) -> None:
        self.key = key
        self.shapes: dict[Shape, Entry] = {}
        self.numbered: dict[int, Entry | None] = {}
        """The same by the number of a shape in bulk; None where its structure has a fault."""


class _Kinds(dict[str, int]):
    """The kind of each segment text: one number for an id with a qualifier that matters."""

    def __init__(self, guide: Guide, delimiters: Delimiters) -> None:
        super().__init__()
        self.delimiters = delimiters
        self.keys_of: dict[str, tuple[int, int]] = {}
        self.codes_of: dict[str, set[str]] = {}
        for loop in guide.loops.values():
            for child in loop.children:
                rule = child.segment
                if rule and rule.key and rule.key_codes:
                    self.keys_of[rule.name] = rule.key
                    self.codes_of.setdefault(rule.name, set()).update(rule.key_codes)
        self.anchors = {"HL", guide.claim_segment} - {""}
        self.names = guide.segment_names
        self.numbers: dict[tuple[str, str], int] = {}
        self.usual: dict[int, SegmentCheck] = {}
        """The check that segments of a kind were last given."""
        self.begins: set[int] = set()

    def __missing__(self, text: str) -> int:
        marks = self.delimiters
        elements = text.split(marks.element)
        name = elements[0] if elements[0] in self.names else ""
        value = ""
        key = self.keys_of.get(name)
        if key:
            at, component = key
            value = elements[at] if at < len(elements) else ""
            if component:
                parts = value.split(marks.component)
                value = parts[component - 1] if component <= len(parts) else ""
            if value not in self.codes_of[name]:
                value = ""
        kind = self.number(name, value)
        check = self.usual.get(kind)
        if check is not None and not check.faults(elements):
            check.remember(text)
        if len(self) >= _MOST_TEXTS:
            self.clear()
        self[text] = kind
        return kind

    def number(self, name: str, value: str) -> int:
        """The kind of a segment id with a qualifier."""
        kind = self.numbers.get((name, value))
        if kind is None:
            kind = self.numbers[name, value] = len(self.numbers)
            if name in self.anchors:
                self.begins.add(kind)
        return kind


class Shapes:
    """The memory of one guide and set of delimiters. Shapes hold no values, so they are kept."""

    def __init__(self, guide: Guide, delimiters: Delimiters) -> None:
        self.kinds = _Kinds(guide, delimiters)
        self.states: dict[StateKey, State] = {}
        self.steps: dict[StateKey, Any] = {}
        """What `scout` knows of single segments, by where the walker stands before them."""
        self.entries = 0
        self.bulk: Any = None
        """What `bulk` keeps for this guide and these delimiters."""
        self.amounts: dict[str, int] = {}
        """The amount of a segment, for segments that have one."""
        self.confirmed: set[tuple[str, date | None]] = set()
        """Segments whose external codes hold on a day."""
        self.days: dict[str, date | None] = {}
        """The day that a date segment names."""

    def state(self, key: StateKey) -> State:
        found = self.states.get(key)
        if found is None:
            if len(self.states) >= _MOST_ENTRIES:
                self.states.clear()
            found = self.states[key] = State(key)
        return found

    def make_room(self) -> None:
        if self.entries >= _MOST_ENTRIES:
            self.states.clear()
            self.entries = 0

    def forget(self) -> None:
        """Drop the texts of segments; shapes stay."""
        self.kinds.clear()
        self.amounts.clear()
        self.confirmed.clear()
        self.days.clear()


class Chunks:
    """Walks a transaction chunk by chunk, by memory where there is one."""

    def __init__(self, walker: Walker, begin: int, end: int) -> None:
        self.walker = walker
        self.begin, self.end = begin, end
        self.shapes = walker.compiled.shapes
        self.uses: dict[Entry, int] = {}
        self.claim_at = -1
        """Index of the last claim segment taken by memory."""
        self.last: tuple[Entry, int, int] | None = None
        """The last chunk taken by memory."""

    def walk(self) -> None:
        walker, shapes = self.walker, self.shapes
        pieces = walker.pieces
        kinds = list(map(shapes.kinds.__getitem__, pieces[self.begin : self.end]))
        anchors = shapes.kinds.begins
        starts = [at for at, kind in enumerate(kinds, self.begin) if kind in anchors]
        if not starts or starts[0] != self.begin:
            starts.insert(0, self.begin)
        starts.append(self.end)
        state: State | None = None
        for begin, end in pairwise(starts):
            if begin == end:
                continue
            shape = tuple(kinds[begin - self.begin : end - self.begin])
            if state is None:
                state = self.state_of_walker()
            entry = state.shapes.get(shape) if state is not None else None
            if entry is not None and self.take(entry, pieces, begin, end):
                state = entry.after
                continue
            self.restore()
            state = self.walk_slowly(state, shape, begin, end)
            if walker.dropped or walker.ended:
                return
        self.restore()

    def take(self, entry: Entry, pieces: Sequence[str], begin: int, end: int) -> bool:
        """Take a chunk by memory; False when anything about it is not as usual."""
        walker = self.walker
        at = begin
        for check in entry.checks:
            if pieces[at] not in check.clean and not check.is_clean(pieces[at]):
                return False
            at += 1
        if entry.claims and walker.claims + entry.claims > walker.limits.claims:
            return False
        if not walker.balance.chunk_is_clean(entry, pieces, begin, end):
            return False
        if not walker.rules.is_clean(entry.plan, pieces, begin):
            return False
        if entry.level is not None:
            elements = pieces[begin].split(walker.compiled.delimiters.element)
            if not walker.hierarchy.take(elements, begin + 1, *entry.level):
                return False
        if entry.claims:
            walker.claims += entry.claims
            self.claim_at = begin
        self.uses[entry] = self.uses.get(entry, 0) + 1
        self.last = entry, begin, end
        return True

    # -- between memory and walker -----------------------------------------------------------------

    def state_of_walker(self) -> State | None:
        """The state in which the walker stands; None when it is not a plain one."""
        walker = self.walker
        if walker.lost or walker.dropped or any(loop.told for loop in walker.stack):
            return None
        return self.shapes.state(without_claim(walker.stack, walker.guide.claim_segment))

    def exactly(self, entry: Entry, begin: int, end: int) -> StateKey:
        """Where the walker would stand after a chunk."""
        assert entry.exact is not None
        return entry.exact

    def restore(self) -> None:
        """Make the walker stand where memory has come to."""
        walker = self.walker
        if not self.uses or self.last is None:
            return
        for entry, times in self.uses.items():
            for name, count in entry.opened.items():
                walker.occurrences[name] = walker.occurrences.get(name, 0) + times * count
        self.uses.clear()
        subject, in_claim = "", False
        if self.claim_at >= 0:
            elements = walker.pieces[self.claim_at].split(walker.compiled.delimiters.element)
            place = walker.guide.subject_element
            subject = elements[place][:50] if place < len(elements) else ""
        stack = []
        for name, rank, counts, missed in self.exactly(*self.last):
            rule = walker.guide.loops[name]
            in_claim = in_claim or (bool(name) and rule.first.name == walker.guide.subject_segment)
            loop = walker.loop(rule, subject if in_claim else "", walker.occurrences.get(name, 1))
            loop.rank, loop.missed = rank, missed
            loop.counts = dict(counts)
            if rule.name and rule.first.name == "HL":
                loop.hl = str(walker.hierarchy.open.get(name, ""))
            stack.append(loop)
        walker.stack = stack

    def walk_slowly(self, state: State | None, shape: Shape, begin: int, end: int) -> State | None:
        """Walk a chunk segment by segment, and remember its shape when its structure has no fault."""
        walker = self.walker
        walker.trace = []
        structural, claims, before = walker.structural, walker.claims, dict(walker.occurrences)
        for at in range(begin, end):
            walker.step(walker.segment(at))
            if walker.dropped or walker.ended:
                return None
        if walker.claims > claims:
            self.claim_at = begin
        walker.balance.check_chunk(begin, end)
        after = self.state_of_walker()
        checks, loops = [one for one, _ in walker.trace], [name for _, name in walker.trace]
        whole = len(checks) == end - begin <= LONGEST_CHUNK
        if whole:  # where the structure is broken, what it calls for cannot be said
            plan = walker.rules.plan(checks, loops, walker.rules.names(walker.pieces[begin:end]))
            walker.rules.tell(plan, begin)
        clean = whole and walker.structural == structural
        if state is None or after is None or not clean or shape in state.shapes:
            return after
        entry = entry_of(walker, plan, before, walker.claims - claims, after)
        if entry is not None:
            self.remember(state, shape, entry)
        return after

    def remember(self, state: State, shape: Shape, entry: Entry) -> None:
        """Keep what was learned of a shape."""
        self.shapes.make_room()
        state.shapes[shape] = entry
        self.shapes.entries += 1
        for kind, check in zip(shape, entry.checks, strict=True):
            self.shapes.kinds.usual[kind] = check


def entry_of(walker: Walker, plan: Plan, before: dict[str, int], claims: int, after: State) -> Entry | None:
    """What a walk over a chunk without structural fault tells of its shape; None when it tells too little.

    Args:
        walker: As it stands after the chunk; `walker.trace` holds the chunk.
        before: How often each loop was opened before the chunk.
        claims: How many claims the chunk holds.
    """
    checks, loops = [one for one, _ in walker.trace], [name for _, name in walker.trace]
    level = None
    if checks[0].name == "HL":
        here = next((at for at, loop in enumerate(walker.stack) if loop.rule.name == loops[0]), 0)
        above = next((loop.rule.name for loop in reversed(walker.stack[:here]) if loop.hl), "")
        level = (loops[0], above)
        if not here:
            return None
    if any(check.name == "HL" for check in checks[1:]):
        return None
    opened = {
        name: count - before.get(name, 0)
        for name, count in walker.occurrences.items()
        if count != before.get(name, 0)
    }
    exact = tuple(key_of_loop(loop) for loop in walker.stack)
    return Entry(checks, plan, opened, claims, level, after, exact)


def without_claim(stack: list[OpenLoop], claim_segment: str) -> StateKey:
    """A state as far as it decides over a chunk to come.

    Chunks begin at a level or a claim, which ends the claim before. What stood in that claim matters no more
    once nothing required is missing in it; so claims of all shapes lead into the same few states.
    """
    keys: list[tuple[str, int, tuple[tuple[int, int], ...], int]] = []
    in_claim = False
    for loop in stack:
        in_claim = in_claim or (bool(loop.rule.name) and loop.rule.first.name == claim_segment)
        if in_claim and all(loop.counts.get(child.place) for child in loop.rule.required_children):
            keys.append((loop.rule.name, -1, (), -1))
        else:
            keys.append(key_of_loop(loop))
    return tuple(keys)


def key_of_loop(loop: OpenLoop) -> tuple[str, int, tuple[tuple[int, int], ...], int]:
    """What of an open loop decides over the segments to come."""
    counts = []
    for place, count in sorted(loop.counts.items()):
        most = loop.rule.children[place].longest_run
        counts.append((place, min(count, most) if most else 1))
    return loop.rule.name, loop.rank, tuple(counts), loop.missed
