"""Check that HL segments number, point and announce as they should."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

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


_ABSENT, _LEAF, _PARENT, _ODD = 0, 1, 2, 4
"""What HL04 says: nothing, no level below, one below; and the mark of an HL01 other than its own number."""

_MEANING = {"0": _LEAF, "1": _PARENT}


class Hierarchy:
    """The levels of one transaction. HL depth is bounded by the guide: loops never nest in themselves.

    Each level takes seven bytes, by its running number; those whose HL01 is another one are kept by it.
    """

    def __init__(self, walker: Walker) -> None:
        self.walker = walker
        self.count = 0
        self.shift = 0
        """By how much numbers were off when that was last told: one level left out shifts all that follow."""
        self.names = [""]
        """Loop names, each at the number that stands for it."""
        self.number_of_name = {"": 0}
        self.kinds = bytearray(1)
        self.said = bytearray(1)
        self.positions = array("i", [0])
        self.with_children = bytearray(1)
        self.odd: dict[str | int, int] = {}
        """The running number of levels by their HL01, where the two differ."""
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
        if number and number not in (str(self.count), str(self.count + self.shift)):
            tell("x12.hl.number", hl, here, at=1)
            usual = key(number)
            self.shift = usual - self.count if isinstance(usual, int) else 0
        above = next((loop for loop in reversed(stack[:-1]) if loop.hl), None)
        if above is not None:
            # The level above is where this one stands; HL02 must name a level of that kind.
            self.with_children[self.find(key(above.hl))] = 1
            if parent_checked and parent and self.kind(key(parent)) != above.rule.name:
                tell("x12.hl.parent", hl, here, at=2)
        self._note(key(number), hl.get(4), hl.position, here.rule.name)

    def find(self, number: str | int) -> int:
        """The running number of the last level with an HL01, 0 when there is none."""
        found = self.odd.get(number) if self.odd else None
        if found is not None:
            return found
        known = isinstance(number, int) and 0 < number < len(self.said) and not self.said[number] & _ODD
        return int(number) if known else 0

    def kind(self, number: str | int) -> str | None:
        """The loop of the last level with an HL01, None when there is none."""
        found = self.find(number)
        return self.names[self.kinds[found]] if found else None

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
            if parent and self.kind(parent) != above:
                return False
            self.with_children[self.find(higher)] = 1
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
        limit, last, note = self.walker.limits.hl_count, self.open, self._note
        known: tuple[int, str] = 0, ""  # the parent looked up last and its kind: neighbours share theirs
        for (number, parent, announces), position, (name, above) in zip(
            levels, positions, names, strict=True
        ):
            if number != count + 1 or count >= limit:
                break
            if above:
                higher = last.get(above)
                if not higher:
                    break
                if parent and known != (parent, above):
                    if self.kind(parent) != above:
                        break
                    known = parent, above
                self.with_children[self.find(higher)] = 1
            self.count = count = count + 1
            note(number, announces, position, name)
        return count - before

    def _note(self, number: str | int, announces: str, position: int, name: str) -> None:
        kind = self.number_of_name.get(name)
        if kind is None:
            kind = self.number_of_name[name] = len(self.names)
            self.names.append(name)
        said = _MEANING.get(announces, _ABSENT)
        if number != self.count:
            said |= _ODD
            self.odd[number] = self.count
        elif self.odd:
            self.odd.pop(number, None)
        self.kinds.append(kind)
        self.said.append(said)
        self.positions.append(position)
        self.with_children.append(0)
        self.open[name] = number

    def finish(self) -> None:
        """Compare what each HL04 announced with what came."""
        said = np.frombuffer(self.said, np.uint8) & ~np.uint8(_ODD)
        truth = np.frombuffer(self.with_children, np.uint8)
        wrong = (said != _ABSENT) & ((said == _PARENT) != (truth != 0))
        wrong[0] = False
        if not wrong.any():
            return
        seen: dict[str, int] = {}
        for number in range(1, len(self.said)):
            if not self.said[number] & ~_ODD:
                continue
            name = self.names[self.kinds[number]]
            seen[name] = seen.get(name, 0) + 1
            if wrong[number]:
                has = bool(self.with_children[number])
                facts = {"seen": "0" if has else "1", "truth": "a level" if has else "no level"}
                self.walker.tell_level("x12.hl.child_code", self.positions[number], name, seen[name], facts)
