"""SNIP 4 and 5 for one chunk of a transaction: situational rules and external codes.

What a chunk is asked depends on its shape alone and is worked out once for it; answers are remembered
by segment and day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.x12.codes import make_finding
from cleanclaim.x12.validate import external
from cleanclaim.x12.validate.situations import Question, questions

if TYPE_CHECKING:
    from cleanclaim.x12.validate.elements import SegmentCheck
    from cleanclaim.x12.validate.walk import Walker

_LINE_BEGINS = frozenset(("LX", "SVC"))
_DAYS = {"DTP": frozenset(("472", "434")), "DTM": frozenset(("472", "150", "232"))}
_REMEMBERED = 50_000
_NEAR = 60
"""A segment is looked for this far behind the place where it should stand."""


def _place_of(finding: Finding) -> tuple[int, str, int]:
    return finding.where.segment_index, finding.where.element, finding.where.component


class Plan:
    """What a shape is asked: questions by segment, and segments with external codes beside their day."""

    __slots__ = ("codes", "loops", "questions")

    def __init__(
        self, questions: tuple[Question, ...], codes: tuple[tuple[int, int], ...], loops: list[str]
    ) -> None:
        self.questions = tuple((at, tuple(asked)) for at, asked in groupby(questions, attrgetter("at")))
        self.codes = codes
        self.loops = loops


class ClaimRules:
    """Asks the chunks of one transaction; `findings` hold the answers."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker
        self.findings: list[Finding] = []
        marks = walker.compiled.delimiters
        self.separator, self.component = marks.element, marks.component
        self.asked = walker.compiled.asked
        self.clean: set[tuple[str, date | None]] = walker.compiled.shapes.confirmed
        self.days: dict[str, date | None] = walker.compiled.shapes.days
        self.told: set[tuple[str, str]] = set()
        """Doubtful codes that were told: each once a transaction."""

    def names(self, pieces: Sequence[str]) -> list[list[str]]:
        """The id and first element of segments."""
        return [piece.split(self.separator, 2)[:2] for piece in pieces]

    def plan(self, checks: list[SegmentCheck], loops: list[str], names: Sequence[Sequence[str]]) -> Plan:
        """What chunks of this shape are asked."""
        guide = self.walker.guide
        firsts = self.walker.compiled.firsts
        begins = [id(check) in firsts for check in checks]
        asked = tuple(questions(guide, loops, begins, names))
        return Plan(asked, self._code_places(names), loops)

    def _code_places(self, names: Sequence[Sequence[str]]) -> tuple[tuple[int, int], ...]:
        """Segments with external codes, each with the segment that has its day: its line's, or the first."""
        line = -1
        coded: list[tuple[int, int]] = []
        day_of: dict[int, int] = {}
        for at, parts in enumerate(names):
            name = parts[0]
            if name in _LINE_BEGINS:
                line += 1
            if name in _DAYS and parts[-1] in _DAYS[name]:
                day_of.setdefault(line, at)
            if self.asked.concerns(name, parts[-1]):
                coded.append((at, line))
        first = min(day_of.values(), default=-1)
        return tuple((at, day_of.get(line, first)) for at, line in coded)

    def is_clean(self, plan: Plan, pieces: Sequence[str], begin: int) -> bool:
        """Whether nothing is to be told of a chunk."""
        separator, component = self.separator, self.component
        for at, asked in plan.questions:
            elements = pieces[begin + at].split(separator)
            for question in asked:
                if question.offends(elements, pieces, begin, separator, component):
                    return False
        for at, day_at in plan.codes:
            piece = pieces[begin + at]
            on = self._day(pieces[begin + day_at]) if day_at >= 0 else None
            if (piece, on) not in self.clean and not self._confirm(piece, on):
                return False
        return True

    def _day(self, piece: str) -> date | None:
        if piece not in self.days:
            if len(self.days) >= _REMEMBERED:
                self.days.clear()
            self.days[piece] = external.service_day(piece, self.separator)
        return self.days[piece]

    def _doubts(self, piece: str, on: date | None) -> Iterator[external.Doubt]:
        elements = piece.split(self.separator)
        return external.doubts(elements, self.component, on, self.asked.specs.get(elements[0], ()))

    def _confirm(self, piece: str, on: date | None) -> bool:
        found = self._doubts(piece, on)
        if any((one.table, one.code) not in self.told for one in found):
            return False
        if not self.told:
            if len(self.clean) >= _REMEMBERED:
                self.clean.clear()
            self.clean.add((piece, on))
        return True

    def tell(self, plan: Plan, begin: int) -> None:
        """Record what is to be told of a chunk."""
        pieces = self.walker.pieces
        for question in (one for _, asked in plan.questions for one in asked):
            elements = pieces[begin + question.at].split(self.separator)
            if question.offends(elements, pieces, begin, self.separator, self.component):
                rule = question.rule
                need = rule.needs[0]
                facts: dict[str, Any] = {"rule": rule.id, "why": rule.message, "what": rule.remedy}
                deepest = max(rule.components, default=0)
                facts["trigger"] = f"{rule.element}:{deepest}" if deepest else str(rule.element)
                if need.segment:
                    facts["wants"] = [one.segment for one in rule.needs]
                    facts["wanted_in"] = need.loop or rule.loop
                code = "x12.situation.segment" if need.kind == "has" else "x12.situation.element"
                element = need.element if need.kind == "filled" else rule.element
                component = need.component if need.kind == "filled" else 0
                loop = plan.loops[question.at]
                self._add(code, begin + question.at, loop, element, component, facts, rule.severity)
        for at, day_at in plan.codes:
            on = self._day(pieces[begin + day_at]) if day_at >= 0 else None
            for doubt in self._doubts(pieces[begin + at], on):
                if (doubt.table, doubt.code) in self.told:
                    continue
                self.told.add((doubt.table, doubt.code))
                facts = external.facts_of(doubt)
                self._add(doubt.kind, begin + at, plan.loops[at], doubt.element, doubt.component, facts, None)

    def finish(self, structural: list[Finding]) -> list[Finding]:
        """The findings without those that another one explains: each fault is told once.

        A segment that stands in the wrong place is not missing too, and a level announced wrongly is
        not a wrong relationship too. What the guide refuses at an element is not told by a rule or list too.
        """
        misplaced = [
            (one.where.segment, one.where.segment_index)
            for one in structural
            if one.code in ("x12.segment.unexpected", "x12.segment.order")
        ]
        levels = {one.where.segment_index for one in structural if one.code == "x12.hl.child_code"}
        values = {_place_of(one) for one in structural if one.where.element}
        return [
            one
            for one in self.findings
            if not any(
                name in one.facts.get("wants", ()) and 0 < at - one.where.segment_index < _NEAR
                for name, at in misplaced
            )
            and not (one.where.segment == "SBR" and one.where.segment_index - 1 in levels)
            and not (one.where.element and _place_of(one) in values)
        ]

    def _add(
        self, code: str, index: int, loop: str, element: int, component: int, facts: dict[str, Any],
        severity: Severity | None,
    ) -> None:  # fmt: skip
        walker = self.walker
        if len(self.findings) >= walker.limits.findings:
            return
        segment = walker.segment(index)
        where = Where(
            **walker.place,
            segment_index=segment.position,
            offset=segment.offset,
            segment=segment.id,
            loop=loop or "ST",
            element=f"{segment.id}{element:02d}" if element else "",
            component=component,
        )
        subject = walker.subject_of(index)
        self.findings.append(make_finding(code, where, facts, subject_id=subject, severity=severity))
