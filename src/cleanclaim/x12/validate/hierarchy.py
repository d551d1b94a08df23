"""Check that HL segments number, point and announce as they should."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleanclaim.x12.structure import Segment

if TYPE_CHECKING:
    from cleanclaim.x12.validate.walk import OpenLoop, Walker


class Hierarchy:
    """The levels of one transaction. HL depth is bounded by the guide: loops never nest in themselves."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker
        self.count = 0
        self.levels: dict[str, str] = {}
        """Loop name by HL01."""
        self.announced: dict[int, tuple[Segment, OpenLoop, bool]] = {}
        """HL segments with what HL04 says, by running number."""
        self.has_children: set[int] = set()
        self.numbers: dict[str, int] = {}

    def level(
        self, hl: Segment, here: OpenLoop, stack: list[OpenLoop], *, parent_checked: bool = True
    ) -> None:
        """Take one HL: its number, its parent, its announcement of levels below."""
        tell = self.walker.tell
        self.count += 1
        limit = self.walker.limits.hl_count
        if self.count == limit + 1:
            tell("x12.hl.too_many", hl, here, facts={"limit": limit})
        if self.count > limit:
            return
        number, parent = hl.get(1), hl.get(2)
        here.hl = number
        if number and number != str(self.count):
            tell("x12.hl.number", hl, here, at=1)
        above = next((loop for loop in reversed(stack[:-1]) if loop.hl), None)
        if above is not None:
            # The level above is where this one stands; HL02 must name a level of that kind.
            self.has_children.add(self.numbers.get(above.hl, 0))
            if parent_checked and parent and self.levels.get(parent) != above.rule.name:
                tell("x12.hl.parent", hl, here, at=2)
        self.levels[number] = here.rule.name
        self.numbers[number] = self.count
        if hl.get(4) in ("0", "1"):
            self.announced[self.count] = (hl, here, hl.get(4) == "1")

    def finish(self) -> None:
        """Compare what each HL04 announced with what came."""
        for number, (hl, here, announced) in self.announced.items():
            truth = number in self.has_children
            if truth != announced:
                facts = {"seen": "1" if announced else "0", "truth": "a level" if truth else "no level"}
                self.walker.tell("x12.hl.child_code", hl, here, at=4, facts=facts)
