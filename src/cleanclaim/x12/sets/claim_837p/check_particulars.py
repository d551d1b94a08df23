"""What the guide refuses in contracts, repricing, rides and conditions: asked of its own tables."""

from __future__ import annotations

from collections import Counter
from functools import cache

from cleanclaim.claim_particulars import OutpatientAnswer, Particulars
from cleanclaim.x12.guide import LoopRule, SegmentRule, load_guide
from cleanclaim.x12.sets.claim_837p.check_shapes import Shapes
from cleanclaim.x12.sets.claim_837p.particulars import KINDS
from cleanclaim.x12.sets.layouts.particulars import CONDITION, OUTPATIENT
from cleanclaim.x12.sets.layouts.rows import Row
from cleanclaim.x12.sets.writing import is_plain
from cleanclaim.x12.structure import Delimiters
from cleanclaim.x12.validate.elements import SegmentCheck
from cleanclaim.x12.writer import Element

GUIDE = "005010X222A1"
_LONGEST = 264
_DELIMITERS = Delimiters("*", ":", "^", "~")


@cache
def _loop(name: str) -> LoopRule:
    return load_guide(GUIDE).loops[name]


@cache
def _checks(loop: str, segment: str) -> tuple[tuple[SegmentRule, SegmentCheck], ...]:
    """The uses of a segment in a loop."""
    rules = [one.segment for one in _loop(loop).children if one.segment and one.segment.name == segment]
    return tuple((rule, SegmentCheck(rule, _DELIMITERS)) for rule in rules)


class ParticularChecks(Shapes):
    """Each segment as it would be sent, against each use that its loop has for it."""

    def check(self) -> None:
        claim = self.claim
        self.all_of(claim.particulars, "", "2300")
        for line in claim.lines:
            name = f" on line {line.number}"
            self.all_of(line.particulars, name, "2400")
            if line.particulars and line.particulars.contract and line.particulars.contract.kind == "09":
                self.refuse(
                    "particulars",
                    f"has a contract of kind 09{name} beside the line's own field for it",
                    "Say it as obligated_cents.",
                    "2400",
                    "CN101",
                )
            elif line.obligated_cents is not None and line.particulars and line.particulars.contract:
                self.refuse(
                    "particulars", f"has two contracts{name}", "Keep one of them.", "2400", "CN101"
                )  # fmt: skip
        for other in claim.other_payers:
            if other.outpatient is not None:
                amounts = other.outpatient
                fields = {name: getattr(amounts, name) for name in amounts.__struct_fields__}
                self.one(OUTPATIENT, OutpatientAnswer(**fields), "", "2320")

    def all_of(self, held: Particulars | None, name: str, loop: str) -> None:
        if held is None:
            return
        for field, row, _ in KINDS.values():
            one = getattr(held, field)
            if one is not None:
                self.one(row, one, name, loop)
        uses = Counter(self.one(CONDITION, one, name, loop) for one in held.conditions)
        for rule, count in uses.items():
            if rule is not None and count > rule.longest_run > 0:
                self.refuse(
                    "particulars",
                    f"repeats a kind of condition{name} more than {rule.longest_run} times",
                    "Say each kind of condition once.",
                    loop,
                    "CRC01",
                    count=count,
                )

    def one(self, row: Row, record: object, name: str, loop: str) -> SegmentRule | None:
        """Refuse the first fault of a segment; the use that it is of, None when it is of none."""
        elements = _texts(row.write(record) or row.bare())
        element = f"{row.segment}01"
        for text in filter(None, elements[1:]):
            if not is_plain(text, _LONGEST):
                self.refuse(
                    "characters",
                    f"has characters in its {row.segment}{name} that cannot be sent",
                    "Use plain characters without * : ^ ~.",
                    loop,
                    element,
                )
                return None
        for rule, check in _checks(loop, row.segment):
            if rule.key and rule.key_codes and elements[1:2] and elements[1] not in rule.key_codes:
                continue
            faults = check.faults(elements)
            if faults:
                self.refuse(
                    "particulars",
                    f"has a {row.segment}{name} that the guide does not take",
                    "Correct it, or leave it out.",
                    loop,
                    f"{row.segment}{max(faults[0].at, 1):02d}",
                    fault=faults[0].code,
                )
            return rule
        self.refuse(
            "particulars",
            f"has a {row.segment}{name} that the guide has no place for there",
            "Correct it, or leave it out.",
            loop,
            element,
        )
        return None


def _texts(segment: tuple[Element, ...]) -> list[str]:
    return [str(one) for one in segment]
