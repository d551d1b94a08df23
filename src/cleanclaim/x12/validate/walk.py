"""Walk the segments of a transaction through the loops of its guide.

The walker holds a stack of open loops. A segment is looked for, in this order:

1. where the guide expects it: from the innermost open loop outwards, at or after the place reached;
2. where it stands once too often;
3. inside a loop whose first segment was forgotten;
4. earlier in an open loop: the right segment in the wrong order;
5. as the beginning of a loop that may not stand here.

After 3 and 5 the walk goes on inside that loop, so that one fault yields one finding and what
follows is still checked. Segments after a lost one are not blamed for its fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.x12.codes import make_finding
from cleanclaim.x12.guide import Child, Guide, LoopRule, SegmentRule
from cleanclaim.x12.limits import Limits
from cleanclaim.x12.structure import Delimiters, Segment, Transaction
from cleanclaim.x12.validate.balance import ClaimBalance, check_balance
from cleanclaim.x12.validate.claim_rules import ClaimRules
from cleanclaim.x12.validate.elements import SegmentCheck
from cleanclaim.x12.validate.external import Asked
from cleanclaim.x12.validate.hierarchy import Hierarchy
from cleanclaim.x12.validate.shapes import Chunks, Shapes

_LISTED = 40


class CompiledGuide:
    """A guide made ready for one set of delimiters, with its memory of good values."""

    def __init__(self, guide: Guide, delimiters: Delimiters) -> None:
        self.guide = guide
        self.delimiters = delimiters
        self._checks: dict[int, SegmentCheck] = {}
        self.checks: list[SegmentCheck] = []
        """All that were needed so far, each at its number."""
        self.shapes = Shapes(guide, delimiters)
        self.asked = Asked(guide)

    def check_of(self, rule: SegmentRule) -> SegmentCheck:
        check = self._checks.get(id(rule))
        if check is None:
            check = self._checks[id(rule)] = SegmentCheck(rule, self.delimiters, len(self.checks))
            self.checks.append(check)
        return check

    @cached_property
    def firsts(self) -> frozenset[int]:
        """The identities of the checks of segments that begin a loop."""
        return frozenset(id(self.check_of(loop.first)) for loop in self.guide.loops.values() if loop.name)

    def forget(self) -> None:
        for check in self._checks.values():
            check.forget()
        self.shapes.forget()


class OpenLoop:
    """One occurrence of a loop on the stack."""

    __slots__ = ("counts", "hl", "late", "missed", "number", "rank", "rule", "subject", "told")

    def __init__(self, rule: LoopRule, subject: str, number: int) -> None:
        self.rule = rule
        self.rank = 0
        self.counts: dict[int, int] = {}
        """How often each child stood, by its place."""
        self.missed = 0
        """How many of the required children have been looked at."""
        self.told: dict[int, Finding] = {}
        """Segments said to be missing, by their place."""
        self.subject = subject
        self.hl = ""
        self.late = -1
        """The rank reached when a segment was last said to be late."""
        self.number = number


class Walker:
    """Walks one transaction; `findings` and `claims` hold the result."""

    def __init__(self, compiled: CompiledGuide, transaction: Transaction, file: str, limits: Limits) -> None:
        self.compiled = compiled
        self.guide = compiled.guide
        self.transaction = transaction
        self.limits = limits
        self.findings: list[Finding] = []
        self.dropped = 0
        self.ended = False
        self.claims = 0
        self.stack = [OpenLoop(self.guide.root, "", 1)]
        self.occurrences: dict[str, int] = {}
        self.lost = False
        self.hierarchy = Hierarchy(self)
        self.structural = 0
        """How many findings concern the structure rather than values."""
        self.trace: list[tuple[SegmentCheck, str]] = []
        """The checks that the segments of the current claim were given, with their loops."""
        group = transaction.group
        self.place: dict[str, Any] = {
            "file": file,
            "interchange": group.interchange.control_number,
            "group": group.control_number,
            "transaction": transaction.control_number,
        }
        self.balance = ClaimBalance(self)
        self.rules = ClaimRules(self)

    @cached_property
    def pieces(self) -> Sequence[str]:
        """The segments as texts."""
        return self.transaction.pieces()

    @cached_property
    def offsets(self) -> Sequence[int]:
        """Where in the file each of them begins."""
        return self.transaction.offsets()

    def chunks(self, begin: int, end: int) -> Chunks:
        """What takes the walk chunk by chunk."""
        return Chunks(self, begin, end)

    def segment(self, index: int) -> Segment:
        """The segment with a number counted from ST = 0."""
        marks = self.compiled.delimiters
        return Segment(self.pieces[index].split(marks.element), index + 1, self.offsets[index], marks)

    def subject_of(self, index: int) -> str:
        """The claim that a segment belongs to, `''` outside of claims."""
        separator = self.compiled.delimiters.element
        begins, level = self.guide.subject_segment + separator, "HL" + separator
        for at in range(index, 0, -1):
            piece = self.pieces[at]
            if piece.startswith(begins):
                elements = piece.split(separator)
                place = self.guide.subject_element
                return elements[place][:50] if place < len(elements) else ""
            if piece.startswith(level):
                break
        return ""

    def walk(self) -> None:
        """Walk from the segment after ST to the one before SE."""
        last = self.segment(len(self.pieces) - 1)
        ended = last.id == "SE"
        self.chunks(1, len(self.pieces) - ended).walk()
        if self.dropped or self.ended:
            return  # what was not looked at is not missing
        end = last if ended else Segment(["SE"], last.position + 1, last.offset, last.delimiters)
        while self.stack:
            self.close(self.stack.pop(), end)
        self.hierarchy.finish()

    def check_whole(self) -> list[Finding]:
        """What the sums over the whole transaction say."""
        segments = map(self.segment, range(len(self.pieces)))
        return check_balance(self.guide.balance, segments, self.place)

    def forget(self) -> None:
        """Let go of everything: a walker and its parts refer to each other, and would keep the text long."""
        vars(self).clear()

    # -- one segment -------------------------------------------------------------------------------

    def step(self, segment: Segment) -> None:
        name = segment.id
        elements = segment.elements
        full: tuple[int, Child] | None = None
        for depth in range(len(self.stack) - 1, -1, -1):
            open_loop = self.stack[depth]
            for child in open_loop.rule.by_name.get(name, ()):
                if child.rank < open_loop.rank or not self.fits(child.head, segment, elements):
                    continue
                longest = child.longest_run
                if longest and open_loop.counts.get(child.place, 0) >= longest:
                    full = full or (depth, child)
                    continue
                self.lost = False
                self.enter(depth, child, segment)
                return
        if full is not None:
            self.too_many(*full, segment)
        elif name not in self.guide.segment_names:
            self.tell("x12.segment.unknown", segment, self.stack[-1])
        else:
            self.resynchronise(segment)

    def fits(self, rule: SegmentRule, segment: Segment, elements: list[str]) -> bool:
        """Whether the qualifier of a segment is one that this rule lists."""
        key = rule.key
        if key is None or not rule.key_codes:
            return True
        at, component = key
        value = elements[at] if at < len(elements) else ""
        if component:
            value = segment.get(at, component)
        return value in rule.key_codes

    def enter(self, depth: int, child: Child, segment: Segment) -> None:
        """Put a segment at its place, open the loop that it begins, check its elements."""
        if depth < len(self.stack) - 1:
            self.pop_to(depth, segment)
        open_loop = self.stack[-1]
        if child.rank > open_loop.rank:
            open_loop.rank = child.rank
            if open_loop.missed < len(open_loop.rule.required_children):
                self.tell_missed(open_loop, child.rank, segment)
        open_loop.counts[child.place] = open_loop.counts.get(child.place, 0) + 1
        if child.loop is not None:
            open_loop = self.open(child.loop)
            open_loop.counts[0] = 1
        rule = child.head
        if segment.id == self.guide.subject_segment:
            open_loop.subject = segment.get(self.guide.subject_element)[:50]
        if segment.id == self.guide.claim_segment:
            self.claims += 1
            if self.claims > self.limits.claims:
                self.tell("x12.set.too_many_claims", segment, open_loop, facts={"limit": self.limits.claims})
                self.ended = True
        if rule.name == "HL":
            self.hierarchy.level(segment, open_loop, self.stack)
        self.check_elements(rule, segment, open_loop)

    def loop(self, rule: LoopRule, subject: str, number: int) -> OpenLoop:
        """An open loop that is not on the stack yet."""
        return OpenLoop(rule, subject, number)

    def open(self, rule: LoopRule) -> OpenLoop:
        number = self.occurrences[rule.name] = self.occurrences.get(rule.name, 0) + 1
        open_loop = OpenLoop(rule, self.stack[-1].subject, number)
        self.stack.append(open_loop)
        return open_loop

    def check_elements(self, rule: SegmentRule, segment: Segment, open_loop: OpenLoop) -> None:
        check = self.compiled.check_of(rule)
        self.trace.append((check, open_loop.rule.name))
        structural = self.structural
        for code, at, component, facts in check.faults(segment.elements):
            self.tell(code, segment, open_loop, at=at, component=component, facts=facts)
        self.structural = structural

    def pop_to(self, depth: int, segment: Segment) -> None:
        while len(self.stack) - 1 > depth:
            self.close(self.stack.pop(), segment)

    def close(self, open_loop: OpenLoop, segment: Segment) -> None:
        self.tell_missed(open_loop, 1 << 30, segment)

    # -- what is missing or out of place ---------------------------------------------------------------

    def tell_missed(self, open_loop: OpenLoop, rank: int, segment: Segment) -> None:
        """Say which required children before `rank` never came."""
        required = open_loop.rule.required_children
        while open_loop.missed < len(required) and required[open_loop.missed].rank < rank:
            child = required[open_loop.missed]
            open_loop.missed += 1
            if open_loop.counts.get(child.place):
                continue
            head = child.head
            facts = {"label": child.loop.label if child.loop else head.label}
            missing = Segment([head.name], segment.position, segment.offset, segment.delimiters)
            loop = child.loop.name if child.loop else open_loop.rule.name
            code = "x12.loop.missing" if child.loop else "x12.segment.missing"
            before = len(self.findings)
            self.tell(code, missing, open_loop, facts=facts, loop=loop)
            if child.segment and len(self.findings) > before:
                open_loop.told[child.place] = self.findings[-1]

    def too_many(self, depth: int, child: Child, segment: Segment) -> None:
        self.lost = False
        open_loop = self.stack[depth]
        facts = {"seen": open_loop.counts[child.place] + 1, "limit": child.longest_run}
        if child.loop:
            self.tell("x12.loop.too_many", segment, open_loop, facts=facts, loop=child.loop.name)
        else:
            self.tell("x12.segment.too_many", segment, open_loop, facts=facts)
        self.enter(depth, child, segment)

    def resynchronise(self, segment: Segment) -> None:
        """The segment is known to the guide, yet not expected here."""
        for depth in range(len(self.stack) - 1, -1, -1):
            if self.out_of_order(self.stack[depth], segment):
                return
            if self.lost:
                continue
            inferred = self.forgotten_loop(self.stack[depth], segment)
            if inferred:
                if self.is_stray(depth, *inferred, segment):
                    self.tell("x12.segment.unexpected", segment, self.stack[-1])
                else:
                    self.enter_headless(depth, *inferred, segment)
                return
        if not self.misplaced_loop(segment):
            self.unexpected(segment)

    def out_of_order(self, open_loop: OpenLoop, segment: Segment) -> bool:
        """Take a segment that should have stood earlier in an open loop and may still stand in it."""
        for child in open_loop.rule.by_name.get(segment.id, ()):
            if not child.segment or not child.place or not self.fits(child.head, segment, segment.elements):
                continue
            seen = open_loop.counts.get(child.place, 0)
            if child.longest_run and seen >= child.longest_run:
                continue
            told = open_loop.told.pop(child.place, None)
            if told is not None:  # it was said to be missing; now it is only late
                self.findings.remove(told)
            # One segment that came too early makes all that follow up to its place look late.
            if (not self.lost or told is not None) and open_loop.late != open_loop.rank:
                self.tell("x12.segment.order", segment, open_loop)
            open_loop.late = open_loop.rank
            open_loop.counts[child.place] = seen + 1
            self.check_elements(child.head, segment, open_loop)
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
                if child.place and child.segment and self.fits(child.head, segment, segment.elements):
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
        if segment.position >= len(self.pieces):
            return False
        following = self.segment(segment.position)
        lacks = self.lacks(depth, loop_child.rank) or any(
            one.rank < child.rank for one in loop_child.loop.required_children if one.place
        )
        first = loop_child.head
        begins = following.id == first.name and self.fits(first, following, following.elements)
        place = self.good_place(following)
        return place is not None and (lacks or begins or place > (depth, -loop_child.rank))

    def good_place(self, segment: Segment) -> tuple[int, int] | None:
        """Where a segment is expected from here with nothing required passed over on the way to it.

        The depth of the open loop and its rank there, less than zero so that earlier places are greater.
        """
        for depth in range(len(self.stack) - 1, -1, -1):
            open_loop = self.stack[depth]
            for child in open_loop.rule.by_name.get(segment.id, ()):
                seen = open_loop.counts.get(child.place, 0)
                full = child.longest_run and seen >= child.longest_run
                if child.rank < open_loop.rank or full:
                    continue
                if self.fits(child.head, segment, segment.elements):
                    return None if self.lacks(depth, child.rank) else (depth, -child.rank)
        return None

    def lacks(self, depth: int, rank: int) -> bool:
        """Whether something required would be missed by going on at a rank of an open loop."""
        bounds = [rank, *(1 << 30 for _ in self.stack[depth + 1 :])]
        return any(
            one.rank < bound and not open_loop.counts.get(one.place)
            for open_loop, bound in zip(self.stack[depth:], bounds, strict=True)
            for one in open_loop.rule.required_children[open_loop.missed :]
        )

    def enter_headless(self, depth: int, loop_child: Child, child: Child, segment: Segment) -> None:
        self.pop_to(depth, segment)
        open_loop = self.stack[-1]
        if loop_child.rank > open_loop.rank:
            open_loop.rank = loop_child.rank
            self.tell_missed(open_loop, loop_child.rank, segment)
        open_loop.counts[loop_child.place] = open_loop.counts.get(loop_child.place, 0) + 1
        assert loop_child.loop is not None
        inner = self.open(loop_child.loop)
        head = Segment([loop_child.head.name], segment.position, segment.offset, segment.delimiters)
        self.tell("x12.segment.missing", head, inner, facts={"label": loop_child.head.label})
        inner.counts[0] = 1
        self.enter(len(self.stack) - 1, child, segment)

    def misplaced_loop(self, segment: Segment) -> bool:
        """Open a loop below the nearest open loop that may hold it at any depth."""
        if segment.id == "HL" or not self.lost:
            for rule in self.guide.loops.values():
                if not rule.name or rule.first.name != segment.id or not rule.first.key_codes:
                    continue
                if not self.fits(rule.first, segment, segment.elements):
                    continue
                depth = self.depth_of_ancestor(rule)
                if depth is None:
                    continue
                if not self.lost:
                    self.tell("x12.segment.unexpected", segment, self.stack[-1])
                self.lost = False
                self.pop_to(depth, segment)
                inner = self.open(rule)
                inner.counts[0] = 1
                if segment.id == "HL":
                    self.hierarchy.level(segment, inner, self.stack, parent_checked=False)
                self.check_elements(rule.first, segment, inner)
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
                    waiting += self.guide.loops[name].parents
        names.discard(rule.name)
        for depth in range(len(self.stack) - 1, -1, -1):
            if self.stack[depth].rule.name in names:
                return depth
        return None

    def unexpected(self, segment: Segment) -> None:
        if self.lost:
            return
        innermost = self.stack[-1]
        for depth in range(len(self.stack) - 1, -1, -1):
            open_loop = self.stack[depth]
            near = [
                child for child in open_loop.rule.by_name.get(segment.id, ()) if child.rank >= open_loop.rank
            ]
            if not near:
                continue
            due = near[0].segment or (near[0].required and not open_loop.counts.get(near[0].place))
            if len(near) == 1 and due:  # only its code is wrong
                self.enter(depth, near[0], segment)
                return
            codes = sorted({code for child in near for code in child.head.key_codes})
            expected = ", ".join(codes[:_LISTED]) + (" ..." if len(codes) > _LISTED else "")
            key = near[0].head.key
            if key and expected:
                facts = {"expected": expected}
                self.tell(
                    "x12.segment.qualifier", segment, open_loop, at=key[0], component=key[1], facts=facts
                )
                self.lost = any(child.loop for child in near)
                return
        self.lost = True
        self.tell("x12.segment.unexpected", segment, innermost)

    # -- findings --------------------------------------------------------------------------------------

    def tell(
        self,
        code: str,
        segment: Segment,
        open_loop: OpenLoop,
        *,
        at: int = 0,
        component: int = 0,
        facts: dict[str, Any] | None = None,
        loop: str | None = None,
        severity: Severity | None = None,
    ) -> None:
        self.structural += 1
        if len(self.findings) >= self.limits.findings:
            self.dropped += 1
            return
        name = open_loop.rule.name if loop is None else loop
        where = Where(
            **self.place,
            segment_index=segment.position,
            offset=segment.offset,
            segment=segment.name,
            loop=name or "ST",
            element=f"{segment.name}{at:02d}" if at else "",
            component=component,
        )
        facts = dict(facts or {})
        if open_loop.rule.name == name and name:
            facts["loop_occurrence"] = open_loop.number
        finding = make_finding(code, where, facts, subject_id=open_loop.subject, severity=severity)
        self.findings.append(finding)

    def tell_level(self, code: str, position: int, name: str, number: int, facts: dict[str, Any]) -> None:
        """Record a finding about HL04 of a level seen before."""
        loop = OpenLoop(self.guide.loops[name], "", number)
        self.tell(code, self.segment(position - 1), loop, at=4, facts=facts)
