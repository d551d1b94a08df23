"""A transaction as the tree of the loops of its guide, with every segment at its place.

What has no place stays in the loop that was open there, so that nothing is lost: the tree is for reading,
whether a transaction is right is said by `cleanclaim.x12.validate`.
"""

from __future__ import annotations

from cleanclaim.x12.guide import LoopRule, SegmentRule, find_guide
from cleanclaim.x12.limits import DEFAULT_LIMITS
from cleanclaim.x12.structure import Segment, Transaction
from cleanclaim.x12.validate import compiled_guide
from cleanclaim.x12.validate.walk import OpenLoop, Walker


class Loop:
    """One occurrence of a loop; `content` holds its segments and the loops in it, in file order."""

    __slots__ = ("content", "label", "name")

    def __init__(self, name: str, label: str) -> None:
        self.name = name
        self.label = label
        self.content: list[Segment | Loop] = []

    def __repr__(self) -> str:
        return f"<Loop {self.name or 'transaction'}>"


def loops_of(transaction: Transaction) -> Loop | None:
    """The segments between ST and SE, gathered into loops; None when the set is not supported."""
    guide = find_guide(transaction.set_id, transaction.guide, transaction.purpose)
    if guide is None:
        return None
    walker = _Gatherer(transaction)
    segments = transaction.segments
    for segment in segments[1 : len(segments) - (segments[-1].id == "SE")]:
        walker.placed = False
        walker.step(segment)
        if not walker.placed:
            walker.open_loops[-1].content.append(segment)
    return walker.open_loops[0]


class _Gatherer(Walker):
    """A walker that keeps what it walks."""

    def __init__(self, transaction: Transaction) -> None:
        guide = find_guide(transaction.set_id, transaction.guide, transaction.purpose)
        assert guide is not None
        compiled = compiled_guide(guide, transaction.st.delimiters)
        super().__init__(compiled, transaction, "", DEFAULT_LIMITS)
        self.open_loops = [Loop(guide.root.name, guide.root.label)]
        self.placed = False

    def open(self, rule: LoopRule) -> OpenLoop:
        loop = Loop(rule.name, rule.label)
        self.open_loops[-1].content.append(loop)
        self.open_loops.append(loop)
        return super().open(rule)

    def close(self, open_loop: OpenLoop, segment: Segment) -> None:
        self.open_loops.pop()
        super().close(open_loop, segment)

    def check_elements(self, rule: SegmentRule, segment: Segment, open_loop: OpenLoop) -> None:
        self.open_loops[-1].content.append(segment)
        self.placed = True
