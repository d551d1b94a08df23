"""Any transaction as a tree of the loops of its guide: what a person reads, and what can be written back.

Nothing is left out and the order is kept, so that writing an outline gives the same segments again.
Segments that may not stand where they are stay in the loop that was open there.
"""

from __future__ import annotations

from typing import Any

from cleanclaim.x12.generic import segment_from_generic, segment_to_generic
from cleanclaim.x12.loops import Loop as Gathered
from cleanclaim.x12.loops import loops_of
from cleanclaim.x12.structure import Segment, Transaction
from cleanclaim.x12.writer import Element

Loop = dict[str, Any]
"""``{loop, label, content}``; `content` holds segments (lists) and loops (dicts) in file order."""


def outline(transaction: Transaction) -> Loop | None:
    """The segments between ST and SE, gathered into loops; None when the set is not supported.

    Examples:
        ``{"loop": "", "label": "transaction", "content": [["BHT", "0022", ...], {"loop": "2000A", ...}]}``
    """
    root = loops_of(transaction)
    return None if root is None else _node(root)


def _node(loop: Gathered) -> Loop:
    """As deep as the loops of a guide, whatever the file holds."""
    content = [segment_to_generic(one) if isinstance(one, Segment) else _node(one) for one in loop.content]
    return {"loop": loop.name, "label": loop.label, "content": content}


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
