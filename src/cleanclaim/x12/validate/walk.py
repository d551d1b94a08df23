"""Walk the segments of a transaction through the loops of its guide.

The walker holds a stack of open loops. A segment is looked for, in this order:

1. where the guide expects it: from the innermost open loop outwards, at or after the place reached;
2. where it stands once too often;
3. where `recovery` finds a place for it.
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
from cleanclaim.x12.validate.recovery import Recovery
from cleanclaim.x12.validate.shapes import Chunks, Shapes


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
        """Whether the last segment had no place at all."""
        self.hierarchy = Hierarchy(self)
        self.recovery = Recovery(self)
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
            self.recovery.resume(segment)

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
