"""Check that HL segments number, point and announce as they should."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cleanclaim.x12.structure import Segment

_LONGEST = 9
"""Longer numbers are kept as text."""

if TYPE_CHECKING:
    from cleanclaim.x12.validate.walk import OpenLoop, Walker


def key(number: str) -> str | int:
    """A level's number as it is kept: a whole number where the text is the usual one for it.

    Examples:
        >>> key("12"), key("012"), key("")
        (12, '012', '')
    """
    usual = number.isascii() and number.isdecimal() and len(number) < _LONGEST and number[0] != "0"
    return int(number) if usual else number


class Hierarchy:
    """The levels of one transaction. HL depth is bounded by the guide: loops never nest in themselves."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker
        self.count = 0
        self.levels: dict[str | int, str] = {}
        """Loop name by HL01, as `key` gives it."""
        self.announced: dict[int, tuple[int, str, bool]] = {}
        """By running number: position of the HL, loop name, and what HL04 says."""
        self.has_children: set[int] = set()
        self.numbers: dict[str | int, int] = {}
        self.open: dict[str, str | int] = {}
        """HL01 of the last level of each loop name, as `key` gives it."""

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
            self.has_children.add(self.numbers.get(key(above.hl), 0))
            if parent_checked and parent and self.levels.get(key(parent)) != above.rule.name:
                tell("x12.hl.parent", hl, here, at=2)
        self._note(key(number), hl.get(4), hl.position, here.rule.name)

    def take(self, elements: list[str], position: int, name: str, above: str) -> bool:
        """Take one HL of a loop whose place is known, below the loop `above`; False when it has a fault."""
        if len(elements) < 4:
            return False
        announces = elements[4] if len(elements) > 4 else ""
        return self.take_keys(key(elements[1]), key(elements[2]), announces, position, name, above)

    def take_keys(
        self, number: str | int, parent: str | int, announces: str, position: int, name: str, above: str
    ) -> bool:
        """The same, with HL01 and HL02 as `key` gives them."""
        count = self.count + 1
        if number != count or count > self.walker.limits.hl_count:
            return False
        if above:
            higher = self.open.get(above)
            if not higher:
                return False  # a level without a number: which one is above is not as usual
            if parent and self.levels.get(parent) != above:
                return False
            self.has_children.add(self.numbers.get(higher, 0))
        self.count = count
        self._note(number, announces, position, name)
        return True

    def take_many(
        self,
        levels: Iterable[tuple[int, int, str]],
        positions: Iterable[int],
        names: Iterable[tuple[str, str]],
    ) -> int:
        """Take levels as `take_keys` does, up to the first that has a fault; how many were taken."""
        before = count = self.count
        limit, kinds, numbers, last = self.walker.limits.hl_count, self.levels, self.numbers, self.open
        for (number, parent, announces), position, (name, above) in zip(
            levels, positions, names, strict=True
        ):
            if number != count + 1 or count >= limit:
                break
            if above:
                higher = last.get(above)
                if not higher or (parent and kinds.get(parent) != above):
                    break
                self.has_children.add(numbers.get(higher, 0))
            count += 1
            kinds[number] = name
            numbers[number] = count
            last[name] = number
            if announces:
                self.announced[count] = position, name, announces == "1"
        self.count = count
        return count - before

    def _note(self, number: str | int, announces: str, position: int, name: str) -> None:
        self.levels[number] = name
        self.numbers[number] = self.count
        self.open[name] = number
        if announces in ("0", "1"):
            self.announced[self.count] = (position, name, announces == "1")

    def finish(self) -> None:
        """Compare what each HL04 announced with what came."""
        if not any((number in self.has_children) != one[2] for number, one in self.announced.items()):
            return
        seen: dict[str, int] = {}
        for number, (position, name, announced) in self.announced.items():
            seen[name] = seen.get(name, 0) + 1
            truth = number in self.has_children
            if truth != announced:
                facts = {"seen": "1" if announced else "0", "truth": "a level" if truth else "no level"}
                self.walker.tell_level("x12.hl.child_code", position, name, seen[name], facts)
