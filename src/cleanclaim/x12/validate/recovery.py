"""Where to go on when a segment is known to the guide, yet not expected where it stands.

In this order: earlier in an open loop (the right segment in the wrong order); inside a loop whose first
segment was forgotten; as what is due here with another code; as the beginning of a loop that may not stand
here. The walk goes on inside that loop, so that one fault yields one finding and what follows is still
checked. Segments after a lost one are not blamed for its fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleanclaim.x12.guide import Child, LoopRule
from cleanclaim.x12.structure import Segment

if TYPE_CHECKING:
    from cleanclaim.x12.validate.walk import OpenLoop, Walker

_LISTED = 40
_AHEAD = 20
"""So many segments behind a wrongly coded one are looked at for the right one."""


class Recovery:
    """Finds the place of what stands where it may not, and says what is wrong with it."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker

    def resume(self, segment: Segment) -> None:
        """The segment is known to the guide, yet not expected here."""
        for depth in range(len(self.walker.stack) - 1, -1, -1):
            if self.out_of_order(self.walker.stack[depth], segment):
                return
            if self.walker.lost:
                continue
            inferred = self.forgotten_loop(self.walker.stack[depth], segment)
            if inferred:
                if self.is_stray(depth, *inferred, segment):
                    self.walker.tell("x12.segment.unexpected", segment, self.walker.stack[-1])
                else:
                    self.enter_headless(depth, *inferred, segment)
                return
        due = self.wrongly_coded(segment) if segment.id == "HL" or not self.walker.lost else None
        if due is not None:
            self.walker.lost = False
            if self.follows(due[1], segment):
                self.walker.tell("x12.segment.unexpected", segment, self.walker.stack[-1])
            else:
                self.walker.enter(*due, segment)
        elif not self.misplaced_loop(segment):
            self.unexpected(segment)

    def wrongly_coded(self, segment: Segment) -> tuple[int, Child] | None:
        """What is due where this segment's id may stand next: only its code is another one.

        A level is due below the one that its HL02 names.
        """
        is_level, parent = segment.id == "HL", segment.get(2)
        for depth in range(len(self.walker.stack) - 1, -1, -1):
            open_loop = self.walker.stack[depth]
            if is_level and open_loop.hl != parent:
                continue
            near = [
                child for child in open_loop.rule.by_name.get(segment.id, ()) if child.rank >= open_loop.rank
            ]
            if near:
                due = near[0]
                missed = due.required and not open_loop.counts.get(due.place)
                return (depth, due) if len(near) == 1 and (is_level or missed) else None
        return None

    def follows(self, due: Child, segment: Segment) -> bool:
        """Whether what is due comes soon behind a segment, which then stands there once too often."""
        for index in range(segment.position, min(segment.position + _AHEAD, len(self.walker.pieces))):
            ahead = self.walker.segment(index)
            if ahead.id == "HL":
                break
            if ahead.id == segment.id and self.walker.fits(due.head, ahead, ahead.elements):
                return True
        return False

    def out_of_order(self, open_loop: OpenLoop, segment: Segment) -> bool:
        """Take a segment that should have stood earlier in an open loop and may still stand in it."""
        for child in open_loop.rule.by_name.get(segment.id, ()):
            if (
                not child.segment
                or not child.place
                or not self.walker.fits(child.head, segment, segment.elements)
            ):
                continue
            seen = open_loop.counts.get(child.place, 0)
            if child.longest_run and seen >= child.longest_run:
                continue
            told = open_loop.told.pop(child.place, None)
            if told is not None:  # it was said to be missing; now it is only late
                self.walker.findings.remove(told)
            # One segment that came too early makes all that follow up to its place look late.
            if (not self.walker.lost or told is not None) and open_loop.late != open_loop.rank:
                self.walker.tell("x12.segment.order", segment, open_loop)
            open_loop.late = open_loop.rank
            open_loop.counts[child.place] = seen + 1
            self.walker.check_elements(child.head, segment, open_loop)
            return True
        return False

    def forgotten_loop(self, open_loop: OpenLoop, segment: Segment) -> tuple[Child, Child] | None:
        """A loop still to come here that holds this segment, though its own first one was not sent."""
        found = []
        for loop_child in open_loop.rule.children:
            if loop_child.loop is None or loop_child.rank < open_loop.rank:
                continue
            longest = loop_child.longest_run
            if longest and open_loop.counts.get(loop_child.place, 0) >= longest:
                continue
            for child in loop_child.loop.by_name.get(segment.id, ()):
                if child.place and child.segment and self.walker.fits(child.head, segment, segment.elements):
                    found.append((loop_child, child))
                    break
        needed = [pair for pair in found if pair[0].required and not open_loop.counts.get(pair[0].place)]
        if needed or len(found) == 1:
            return (needed or found)[0]
        return None

    def is_stray(self, depth: int, loop_child: Child, child: Child, segment: Segment) -> bool:
        """Whether a segment was put in rather than the first one of its loop left out.

        So it is when what follows stands well without it, and its loop would lack more than its first
        segment, begins right behind it, or would come too early for what follows.
        """
        assert loop_child.loop is not None
        if segment.position >= len(self.walker.pieces):
            return False
        following = self.walker.segment(segment.position)
        lacks = self.lacks(depth, loop_child.rank) or any(
            one.rank < child.rank for one in loop_child.loop.required_children if one.place
        )
        first = loop_child.head
        begins = following.id == first.name and self.walker.fits(first, following, following.elements)
        place = self.good_place(following)
        return place is not None and (lacks or begins or place > (depth, -loop_child.rank))

    def good_place(self, segment: Segment) -> tuple[int, int] | None:
        """Where a segment is expected from here with nothing required passed over on the way to it.

        The depth of the open loop and its rank there, less than zero so that earlier places are greater.
        """
        for depth in range(len(self.walker.stack) - 1, -1, -1):
            open_loop = self.walker.stack[depth]
            for child in open_loop.rule.by_name.get(segment.id, ()):
                seen = open_loop.counts.get(child.place, 0)
                full = child.longest_run and seen >= child.longest_run
                if child.rank < open_loop.rank or full:
                    continue
                if self.walker.fits(child.head, segment, segment.elements):
                    return None if self.lacks(depth, child.rank) else (depth, -child.rank)
        return None

    def lacks(self, depth: int, rank: int) -> bool:
        """Whether something required would be missed by going on at a rank of an open loop."""
        bounds = [rank, *(1 << 30 for _ in self.walker.stack[depth + 1 :])]
        return any(
            one.rank < bound and not open_loop.counts.get(one.place)
            for open_loop, bound in zip(self.walker.stack[depth:], bounds, strict=True)
            for one in open_loop.rule.required_children[open_loop.missed :]
        )

    def enter_headless(self, depth: int, loop_child: Child, child: Child, segment: Segment) -> None:
        self.walker.pop_to(depth, segment)
        open_loop = self.walker.stack[-1]
        if loop_child.rank > open_loop.rank:
            open_loop.rank = loop_child.rank
            self.walker.tell_missed(open_loop, loop_child.rank, segment)
        open_loop.counts[loop_child.place] = open_loop.counts.get(loop_child.place, 0) + 1
        assert loop_child.loop is not None
        inner = self.walker.open(loop_child.loop)
        head = Segment([loop_child.head.name], segment.position, segment.offset, segment.delimiters)
        self.walker.tell("x12.segment.missing", head, inner, facts={"label": loop_child.head.label})
        inner.counts[0] = 1
        self.walker.enter(len(self.walker.stack) - 1, child, segment)

    def misplaced_loop(self, segment: Segment) -> bool:
        """Open a loop below the nearest open loop that may hold it at any depth."""
        if segment.id == "HL" or not self.walker.lost:
            for rule in self.walker.guide.loops.values():
                if not rule.name or rule.first.name != segment.id or not rule.first.key_codes:
                    continue
                if not self.walker.fits(rule.first, segment, segment.elements):
                    continue
                depth = self.depth_of_ancestor(rule)
                if depth is None:
                    continue
                if not self.walker.lost:
                    self.walker.tell("x12.segment.unexpected", segment, self.walker.stack[-1])
                self.walker.lost = False
                self.walker.pop_to(depth, segment)
                inner = self.walker.open(rule)
                inner.counts[0] = 1
                if segment.id == "HL":
                    self.walker.hierarchy.level(segment, inner, self.walker.stack, parent_checked=False)
                self.walker.check_elements(rule.first, segment, inner)
                return True
        return False

    def depth_of_ancestor(self, rule: LoopRule) -> int | None:
        names = {rule.name}
        waiting = list(rule.parents)
        while waiting:
            name = waiting.pop()
            if name not in names:
                names.add(name)
                if name:
                    waiting += self.walker.guide.loops[name].parents
        names.discard(rule.name)
        for depth in range(len(self.walker.stack) - 1, -1, -1):
            if self.walker.stack[depth].rule.name in names:
                return depth
        return None

    def unexpected(self, segment: Segment) -> None:
        if self.walker.lost:
            return
        innermost = self.walker.stack[-1]
        for depth in range(len(self.walker.stack) - 1, -1, -1):
            open_loop = self.walker.stack[depth]
            near = [
                child for child in open_loop.rule.by_name.get(segment.id, ()) if child.rank >= open_loop.rank
            ]
            if not near:
                continue
            due = near[0].segment or (near[0].required and not open_loop.counts.get(near[0].place))
            if len(near) == 1 and due:  # only its code is wrong
                self.walker.enter(depth, near[0], segment)
                return
            codes = sorted({code for child in near for code in child.head.key_codes})
            expected = ", ".join(codes[:_LISTED]) + (" ..." if len(codes) > _LISTED else "")
            key = near[0].head.key
            if key and expected:
                facts = {"expected": expected}
                self.walker.tell(
                    "x12.segment.qualifier", segment, open_loop, at=key[0], component=key[1], facts=facts
                )
                self.walker.lost = any(child.loop for child in near)
                return
        self.walker.lost = True
        self.walker.tell("x12.segment.unexpected", segment, innermost)
