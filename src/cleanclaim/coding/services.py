"""What a service is to the engine, and the register of all of them.

A *timed* service is a pure function from whole minutes and `Circumstances` to codes and units. The
answer, the minute that would change it and the bands drawn on the session screen all come from that
one function, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from cleanclaim.coding.visit import Part, Visit

Billed = tuple[tuple[str, int], ...]
"""(code, units) in claim order; empty means not billable."""


class Circumstances(msgspec.Struct, frozen=True):
    """Everything besides minutes that may change a timed answer. Hashable: answers are cached by it."""

    on: date
    payer_kind: str = "commercial"
    setting: str = "office"
    participant: str = "patient"
    patient_type: str = ""
    with_em: bool = False
    rounding: str = "midpoint"
    crisis_blocks: str = "started"

    @property
    def is_medicare(self) -> bool:
        return self.payer_kind == "medicare"


class Refusal(Exception):
    """A family cannot answer: the problem's code and what was seen."""

    def __init__(self, code: str, /, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


Timed = Callable[[int, Circumstances], Billed]
Untimed = Callable[["Part", "Visit"], Billed]


class Service(msgspec.Struct, frozen=True, eq=False):
    """One service word.

    Attributes:
        name: As written in the session file.
        family: The module that knows it; also groups services on screens.
        eligible: Credentials that may render it; None for any.
        timed: Codes by minutes; None when time does not matter.
        untimed: Codes by other facts; None for timed services.
        below: Problem raised when `timed` gives nothing.
        adds_up: Repeated on one date, its minutes are added before coding.
        check: Raises `Refusal` when the facts of the record forbid it.
        kind: em, em_psychotherapy, individual or crisis where the pipeline composes them; else empty.
        rule: The rule in one sentence; `source` the document it rests on.
    """

    name: str
    family: str
    eligible: frozenset[str] | None
    timed: Timed | None = None
    untimed: Untimed | None = None
    below: str = "E_BELOW_UNIT_MIN"
    adds_up: bool = False
    check: Callable[[Part, Visit], None] | None = None
    kind: str = ""
    rule: str = ""
    source: str = ""


@cache
def register() -> dict[str, Service]:
    """Every service by its word."""
    from cleanclaim.coding.families import FAMILIES

    found: dict[str, Service] = {}
    for services in FAMILIES:
        for service in services:
            if service.name in found:
                raise ValueError(f"two services are called {service.name!r}")
            found[service.name] = service
    return found


def fixed(*codes: str) -> Untimed:
    """An untimed service that always bills the same codes, one unit each."""
    billed = tuple((code, 1) for code in codes)
    return lambda part, visit: billed


def added_blocks(minutes: int, first: int, each: int) -> int:
    """Units of an add-on that needs more than half of each further block.

    `first` is the full length of the first block, `each` that of an added one, all in minutes.

    Examples:
        >>> [added_blocks(minutes, 60, 60) for minutes in (90, 91, 150, 151)]
        [0, 1, 1, 2]
    """
    past = minutes - first
    if past <= 0:
        return 0
    return past // each + (1 if (past % each) * 2 > each else 0)


def with_added(base: str, base_units: int, addon: str, addon_units: int) -> Billed:
    """A base line and, when it has units, its add-on line."""
    return ((base, base_units), (addon, addon_units)) if addon_units > 0 else ((base, base_units),)


def first_block(base: str, addon: str, first: int, each: int) -> Timed:
    """First block from just over half of it, then `added_blocks`."""

    def choose(minutes: int, circumstances: Circumstances) -> Billed:
        if minutes * 2 <= first:
            return ()
        return with_added(base, 1, addon, added_blocks(minutes, first, each))

    return choose


def unit_each(code: str, length: int) -> Timed:
    """Units of a fixed length; more than half of the last one counts, unless the payer wants full ones."""

    def choose(minutes: int, circumstances: Circumstances) -> Billed:
        units = minutes // length
        if circumstances.rounding == "midpoint" and (minutes % length) * 2 > length:
            units += 1
        return ((code, units),) if units else ()

    return choose


def full_blocks(base: str, first: int, addon: str = "", each: int = 0) -> Timed:
    """A threshold that must be reached in full, and add-ons each in full past it."""

    def choose(minutes: int, circumstances: Circumstances) -> Billed:
        if minutes < first:
            return ()
        return with_added(base, 1, addon, (minutes - first) // each if each else 0)

    return choose


def ranges(*steps: tuple[int, str]) -> Timed:
    """The code of the highest floor reached: ``ranges((15, "99408"), (31, "99409"))``."""

    def choose(minutes: int, circumstances: Circumstances) -> Billed:
        for floor, code in reversed(steps):
            if minutes >= floor:
                return ((code, 1),)
        return ()

    return choose
