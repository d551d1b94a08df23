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
        self.announced: dict[int, tuple[int, str, bool]] = {}
        """By running number: position of the HL, loop name, and what HL04 says."""
        self.has_children: set[int] = set()
        self.numbers: dict[str, int] = {}
        self.open: dict[str, str] = {}
        """HL01 of the last level of each loop name."""

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
        self._note(number, hl.get(4), hl.position, here.rule.name)

    def take(self, elements: list[str], position: int, name: str, above: str) -> bool:
        """Take one HL of a loop whose place is known, below the loop `above`; False when it has a fault."""
        count = self.count + 1
        if len(elements) < 4 or elements[1] != str(count) or count > self.walker.limits.hl_count:
            return False
        if above:
            if elements[2] and self.levels.get(elements[2]) != above:
                return False
            self.has_children.add(self.numbers.get(self.open.get(above, ""), 0))
        self.count = count
        self._note(elements[1], elements[4] if len(elements) > 4 else "", position, name)
        return True

    def _note(self, number: str, announces: str, position: int, name: str) -> None:
        self.levels[number] = name
        self.numbers[number] = self.count
        self.open[name] = number
        if announces in ("0", "1"):
            self.announced[self.count] = (position, name, announces == "1")

    def finish(self) -> None:
        """Compare what each HL04 announced with what came."""
        seen: dict[str, int] = {}
        for number, (position, name, announced) in self.announced.items():
            seen[name] = seen.get(name, 0) + 1
            truth = number in self.has_children
            if truth != announced:
                facts = {"seen": "1" if announced else "0", "truth": "a level" if truth else "no level"}
                self.walker.tell_level("x12.hl.child_code", position, name, seen[name], facts)
