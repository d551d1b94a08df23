"""How one element becomes a value and a value an element.

A kind takes the text of an element or component and gives a value, or a finding and the empty value; it never
raises and never guesses. Putting a value back gives the shortest text that X12 allows for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from cleanclaim.dates import ccyymmdd, parse_ccyymmdd
from cleanclaim.findings import Severity
from cleanclaim.money import AmountError, parse_amount, x12_amount
from cleanclaim.x12.writer import Element

if TYPE_CHECKING:
    from cleanclaim.x12.sets.reading import Faults
    from cleanclaim.x12.structure import Segment

_NUMBER = re.compile(r"-?(?:\d{1,18}(?:\.\d{0,12})?|\.\d{1,12})\Z", re.ASCII)
_CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d(?:\d{2}){0,2}\Z", re.ASCII)


class Kind:
    """Text as it stands. The other kinds differ in `take` (a text that is not empty) and `put`."""

    empty: Any = ""

    def read(self, segment: Segment, at: int, component: int, faults: Faults) -> Any:
        text = segment.get(at, component)
        return self.take(text, segment, at, faults) if text else self.empty

    def take(self, text: str, segment: Segment, at: int, faults: Faults) -> Any:
        return text

    def put(self, value: Any) -> Element:
        return str(value)


class _Cents(Kind):
    empty = None

    def take(self, text: str, segment: Segment, at: int, faults: Faults) -> int | None:
        try:
            return parse_amount(text)
        except AmountError as error:
            message = f"{segment.id}{at:02d} is not an amount: {error}."
            remedy = "The amount is left empty, which is not zero; ask the sender."
            faults.add("amount_unreadable", Severity.STOP, message, segment, at, remedy)
            return None

    def put(self, value: Any) -> Element:
        return x12_amount(value)


class _Number(Kind):
    empty = None

    def take(self, text: str, segment: Segment, at: int, faults: Faults) -> Decimal | None:
        if _NUMBER.match(text):
            return Decimal(text)
        _unreadable(segment, at, faults, "number_unreadable", "a number")
        return None

    def put(self, value: Any) -> Element:
        """Without zeros that X12 suppresses: .2 and not 0.20."""
        text = format(value, "f")
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
        return sign + (digits[1:] if digits.startswith("0.") else digits)


class _Whole(Kind):
    empty = None

    def take(self, text: str, segment: Segment, at: int, faults: Faults) -> int | None:
        if text.isascii() and text.isdecimal() and len(text) <= 15:
            return int(text)
        _unreadable(segment, at, faults, "count_unreadable", "a count")
        return None


class _Day(Kind):
    empty = None

    def take(self, text: str, segment: Segment, at: int, faults: Faults) -> date | None:
        found = parse_ccyymmdd(text)
        if found is None:
            faults.bad_date(segment, at)
        return found

    def put(self, value: Any) -> Element:
        return ccyymmdd(value)


class _Clock(Kind):
    def take(self, text: str, segment: Segment, at: int, faults: Faults) -> str:
        if _CLOCK.match(text):
            return text
        _unreadable(segment, at, faults, "clock_unreadable", "a time of day")
        return ""


class _Repeats(Kind):
    """Repetitions as a tuple of texts."""

    empty = ()

    def read(self, segment: Segment, at: int, component: int, faults: Faults) -> tuple[str, ...]:
        return tuple(segment.repetitions(at)) if segment.get(at) else ()

    def put(self, value: Any) -> Element:
        return list(value) if len(value) > 1 else value[0]


class _Pointers(Kind):
    """Components as a tuple of whole numbers: which diagnoses are meant."""

    empty = ()

    def read(self, segment: Segment, at: int, component: int, faults: Faults) -> tuple[int, ...]:
        texts = [text for text in segment.composite(at) if text]
        if all(text.isascii() and text.isdecimal() and len(text) <= 2 for text in texts):
            return tuple(int(text) for text in texts)
        _unreadable(segment, at, faults, "pointer_unreadable", "a list of diagnoses")
        return ()

    def put(self, value: Any) -> Element:
        return tuple(str(one) for one in value)


TEXT = Kind()
CENTS, NUMBER, WHOLE, DAY, CLOCK = _Cents(), _Number(), _Whole(), _Day(), _Clock()
REPEATS, POINTERS = _Repeats(), _Pointers()


class Value(msgspec.Struct, frozen=True):
    """Element (or component) `at` holds field `field`."""

    at: int
    field: str
    kind: Any = TEXT
    component: int = 0


class Composite(Kind):
    """Components as a record of their own, or as the bare value when there is a single field.

    Args:
        record: The record; None when the one value stands for itself.
        values: Where each field stands; `at` counts components.
        fixed: Components that are always the same, such as the qualifier of an occurrence code. The format
            D8 is sent only with the day behind it.
        modifiers: Name of the field that holds components 3 to 6, those that are sent.
    """

    def __init__(
        self, record: Any, *values: Value, fixed: Mapping[int, str] | None = None, modifiers: str = ""
    ) -> None:
        self.empty = None if record is not None else values[0].kind.empty
        self.record = record
        self.values = values
        self.fixed = dict(fixed or {})
        self.modifiers = modifiers

    def read(self, segment: Segment, at: int, component: int, faults: Faults) -> Any:
        text = segment.get(at)
        return self.take(text, segment, at, faults) if text else self.empty

    def take(self, text: str, segment: Segment, at: int, faults: Faults) -> Any:
        parts = ["", *text.split(segment.delimiters.component)]
        found: dict[str, Any] = {}
        known = set(self.fixed)
        for value in self.values:
            known.add(value.at)
            part = parts[value.at] if value.at < len(parts) else ""
            found[value.field] = value.kind.take(part, segment, at, faults) if part else value.kind.empty
        if self.modifiers:
            known |= {3, 4, 5, 6}
            found[self.modifiers] = tuple(part for part in parts[3:7] if part)
        odd = [one for one, part in enumerate(parts) if part and self.fixed.get(one, part) != part]
        if odd or any(part and one not in known for one, part in enumerate(parts)):
            not_carried(faults, segment, at)
        if self.record is None:
            return next(iter(found.values()))
        return self.record(**found)

    def put(self, value: Any) -> Element:
        parts = dict(self.fixed)
        for one in self.values:
            held = value if self.record is None else getattr(value, one.field)
            parts[one.at] = one.kind.put(held) if held not in (None, "", ()) else ""
        if self.modifiers:
            parts |= dict(enumerate(getattr(value, self.modifiers), 3))
        if not any(parts[one.at] for one in self.values):
            return ""
        for at, text in self.fixed.items():
            if text == "D8" and not parts.get(at + 1):
                parts[at] = ""
        return tuple(parts.get(one, "") for one in range(1, max(parts) + 1))


def not_carried(faults: Faults, segment: Segment, at: int = 0) -> None:
    """Tell that a typed record has no place for what stands here."""
    what = f"{segment.name}{at:02d}" if at else segment.name
    remedy = "Nothing is lost: it stands in the segments. Read it there."
    faults.add("not_carried", Severity.TELL, f"{what} has no place in the typed record.", segment, at, remedy)


def _unreadable(segment: Segment, at: int, faults: Faults, code: str, what: str) -> None:
    message = f"{segment.id}{at:02d} is not {what}."
    remedy = "The value is left empty; look it up at the sender."
    faults.add(code, Severity.TELL, message, segment, at, remedy)
