"""Any transaction as a tree of the loops of its guide: what a person reads, and what can be written back.

Nothing is left out and the order is kept, so that writing an outline gives the same segments again.
Segments that may not stand where they are stay in the loop that was open there.
"""

from __future__ import annotations

from typing import Any

from cleanclaim.x12.generic import segment_from_generic, segment_to_generic
from cleanclaim.x12.guide import LoopRule, SegmentRule, find_guide
from cleanclaim.x12.limits import DEFAULT_LIMITS
from cleanclaim.x12.structure import Segment, Transaction
from cleanclaim.x12.validate import compiled_guide
from cleanclaim.x12.validate.walk import OpenLoop, Walker
from cleanclaim.x12.writer import Element

Loop = dict[str, Any]
"""``{loop, label, content}``; `content` holds segments (lists) and loops (dicts) in file order."""


def outline(transaction: Transaction) -> Loop | None:
    """The segments between ST and SE, gathered into loops; None when the set is not supported.

    Examples:
        ``{"loop": "", "label": "transaction", "content": [["BHT", "0022", ...], {"loop": "2000A", ...}]}``
    """
    guide = find_guide(transaction.set_id, transaction.guide, transaction.purpose)
    if guide is None:
        return None
    walker = _Outliner(transaction)
    segments = transaction.segments
    for segment in segments[1 : len(segments) - (segments[-1].id == "SE")]:
        walker.placed = False
        walker.step(segment)
        if not walker.placed:
            walker.nodes[-1]["content"].append(segment_to_generic(segment))
    return walker.nodes[0]


def segments_of(loop: Loop) -> list[tuple[Element, ...]]:
    """The segments of an outline in order, as the writer takes them."""
    found: list[tuple[Element, ...]] = []
    waiting = [loop["content"]]
    while waiting:
        content = waiting.pop()
        for at, one in enumerate(content):
            if isinstance(one, dict):
                waiting += [content[at + 1 :], one["content"]]
                break
            found.append(segment_from_generic(one))
    return found


class _Outliner(Walker):
    """A walker that keeps what it walks."""

    def __init__(self, transaction: Transaction) -> None:
        guide = find_guide(transaction.set_id, transaction.guide, transaction.purpose)
        assert guide is not None
        compiled = compiled_guide(guide, transaction.st.delimiters)
        super().__init__(compiled, transaction, "", DEFAULT_LIMITS)
        self.nodes: list[Loop] = [_node(guide.root)]
        self.placed = False

    def open(self, rule: LoopRule) -> OpenLoop:
        node = _node(rule)
        self.nodes[-1]["content"].append(node)
        self.nodes.append(node)
        return super().open(rule)

    def close(self, open_loop: OpenLoop, segment: Segment) -> None:
        self.nodes.pop()
        super().close(open_loop, segment)

    def check_elements(self, rule: SegmentRule, segment: Segment, open_loop: OpenLoop) -> None:
        self.nodes[-1]["content"].append(segment_to_generic(segment))
        self.placed = True


def _node(rule: LoopRule) -> Loop:
    return {"loop": rule.name, "label": rule.label, "content": []}
