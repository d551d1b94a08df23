"""Payers that have agreed more than one amount a code, and now and then pay by a mistake.

An `Agreement` is what the payer should pay, with arithmetic of its own: it shares nothing with the contracts
of the product, so that each can prove the other. One line in `every` is paid by the next of its `mistakes`
that would change it, and the state remembers which: a labelled year.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from cleanclaim.claim import Claim, ServiceLine

TELEHEALTH = frozenset(("02", "10"))
TELEHEALTH_PERCENT, LEVEL_PERCENT, FURTHER_PERCENT = 80, 85, 50
WITHHOLD_TOO_HIGH, UNEXPLAINED_PERCENT, SEQUESTRATION_PERCENT = 12, 3, 2
LATE_DAYS = 70
"""How much later than usual a payer pays that owes interest and does not pay it."""
LOWER = {"90837": "90834", "90834": "90832", "99214": "99213"}
VISIT = "90853"
"""The code whose amount a payer takes when it forgets its rate for a day."""


class Agreement(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a payer agreed to allow, whole cents a unit. ``90837 HO`` as a key: a code and one thing more.

    Attributes:
        since: First day of `amounts`; `before` held until then.
        any_code: For codes without an amount of their own; 0: none.
        levels: NPI of a clinician -> licence level, as the payer enrolled them.
        of_charge: Percent of the charge for what has no amount.
        rise_on, rise_percent: Every amount rises once.
        withhold: Percent of each payment that is held back, as agreed.
        mistakes: Kinds, in turn; a kind that would not change a line waits for another one.
        every: One line in so many is paid by a mistake; 0: none is.
        from_on, until_on: Dates of service between which mistakes happen.
    """

    payer_id: str
    amounts: dict[str, int]
    since: date
    before: dict[str, int] = {}
    any_code: int = 0
    by_modifier: dict[str, int] = {}
    by_place: dict[str, int] = {}
    by_group: dict[str, int] = {}
    by_level: dict[str, int] = {}
    level_percents: dict[str, Decimal] = {}
    levels: dict[str, str] = {}
    per_diem: dict[str, int] = {}
    of_charge: Decimal = Decimal(0)
    rise_on: date | None = None
    rise_percent: Decimal = Decimal(0)
    withhold: Decimal = Decimal(0)
    mistakes: tuple[str, ...] = ()
    every: int = 0
    from_on: date | None = None
    until_on: date | None = None


class Paid(msgspec.Struct, frozen=True):
    """What the payer allows for a line (None: it bundles it), and how its answer differs from others."""

    allowed_cents: int | None
    kind: str = ""
    code: str = ""
    units: str = ""
    is_late: bool = False


def percent(cents: int, of: Decimal | int) -> int:
    """A percentage of an amount, rounded half up to the cent."""
    return int((Decimal(cents) * Decimal(of) / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


class Bill(msgspec.Struct, frozen=True):
    """One line as the payer sees it."""

    code: str
    on: date
    charge_cents: int
    units: int
    place: str
    modifiers: tuple[str, ...]
    group: str
    level: str


def bill_of(agreement: Agreement, claim: Claim, line: ServiceLine) -> Bill:
    """The facts of a line that the agreement speaks of."""
    rendering = line.rendering or claim.rendering
    npi = rendering.npi if rendering else claim.billing_provider.npi
    return Bill(
        line.code,
        line.date_of_service,
        line.charge_cents,
        int(line.units) if line.units.isdecimal() else 1,
        line.place_of_service or claim.place_of_service,
        line.modifiers,
        claim.group_number,
        agreement.levels.get(npi, ""),
    )


def due(agreement: Agreement, bill: Bill) -> int:
    """What the payer should allow: the lesser of the agreed amount and the charge."""
    return min(bill.charge_cents, _agreed(agreement, bill))


def _agreed(
    agreement: Agreement, bill: Bill, *, forget: str = "", old: bool = False, rise: bool = True
) -> int:
    """The agreed amount of all units. `forget`: group, modifier, level or place, as if the line had none."""
    code = bill.code
    if code in agreement.per_diem:
        return agreement.per_diem[code]
    amounts = agreement.before if old or bill.on < agreement.since else agreement.amounts
    unit = amounts.get(code, 0)
    for what, table, names in (
        ("group", agreement.by_group, (bill.group,)),
        ("modifier", agreement.by_modifier, bill.modifiers),
        ("level", agreement.by_level, (bill.level,)),
        ("place", agreement.by_place, (bill.place,)),
    ):
        found = next((table[f"{code} {name}"] for name in names if f"{code} {name}" in table), None)
        if found is not None and what != forget:
            unit = found
            break
    if not unit and agreement.of_charge:
        return percent(bill.charge_cents, agreement.of_charge)
    unit = unit or agreement.any_code
    if rise and agreement.rise_on and bill.on >= agreement.rise_on and not old:
        unit = percent(unit, 100 + agreement.rise_percent)
    if forget != "level" and bill.level in agreement.level_percents:
        unit = percent(unit, agreement.level_percents[bill.level])
    return unit * bill.units


def pay_line(agreement: Agreement, bill: Bill, wanted: str) -> Paid | None:
    """The line paid by a mistake; None when the mistake would not change it."""
    right = due(agreement, bill)
    if wanted in AFTER_ALLOWED:
        fits = wanted != "withhold_not_agreed" or agreement.withhold
        return Paid(right, wanted, is_late=wanted == "interest_missing") if right and fits else None
    found = _MISTAKES[wanted](agreement, bill, right)
    if found is None or (found.allowed_cents is not None and not 0 < found.allowed_cents < right):
        return None
    return msgspec.structs.replace(found, kind=wanted)


AFTER_ALLOWED = frozenset(
    ("sequestration_not_agreed", "withhold_not_agreed", "unexplained_reduction", "interest_missing")
)
"""Mistakes that leave the allowed amount right."""


def _has_own_rate(agreement: Agreement, bill: Bill) -> bool:
    """Whether the group or a modifier of a line has an amount of its own: two mistakes would look alike."""
    names = [(agreement.by_group, bill.group), *((agreement.by_modifier, one) for one in bill.modifiers)]
    return any(f"{bill.code} {name}" in held for held, name in names)


Mistake = Callable[[Agreement, Bill, int], Paid | None]


def _old_schedule(agreement: Agreement, bill: Bill, right: int) -> Paid | None:
    named = _has_own_rate(agreement, bill)
    if bill.code not in agreement.before or bill.on < agreement.since or named:
        return None
    return Paid(_agreed(agreement, bill, old=True))


def _escalator_missed(agreement: Agreement, bill: Bill, right: int) -> Paid | None:
    return Paid(_agreed(agreement, bill, rise=False)) if agreement.rise_on else None


def _wrong_level(agreement: Agreement, bill: Bill, right: int) -> Paid | None:
    named = (
        f"{bill.code} {bill.level}" in agreement.by_level or agreement.level_percents.get(bill.level, 0) > 100
    )
    return Paid(_agreed(agreement, bill, forget="level")) if named else None


def _level_percent_twice(agreement: Agreement, bill: Bill, right: int) -> Paid | None:
    share = agreement.level_percents.get(bill.level)
    return Paid(percent(right, share)) if share else None


def _level_percent_not_agreed(agreement: Agreement, bill: Bill, right: int) -> Paid | None:
    if agreement.level_percents or not bill.level or bill.place in TELEHEALTH:
        return None
    return Paid(percent(right, LEVEL_PERCENT))


def _without(table: str, field: str, what: str) -> Mistake:
    def mistake(agreement: Agreement, bill: Bill, right: int) -> Paid | None:
        held = getattr(bill, field)
        names = held if isinstance(held, tuple) else (held,)
        if not any(f"{bill.code} {name}" in getattr(agreement, table) for name in names):
            return None
        return Paid(_agreed(agreement, bill, forget=what))

    return mistake


def _telehealth(agreement: Agreement, bill: Bill, right: int) -> Paid | None:
    return Paid(percent(right, TELEHEALTH_PERCENT)) if bill.place in TELEHEALTH else None


def _general_rate(agreement: Agreement, bill: Bill, right: int) -> Paid | None:
    return (
        Paid(agreement.any_code * bill.units)
        if bill.code in agreement.amounts and agreement.any_code
        else None
    )


def _mppr(agreement: Agreement, bill: Bill, right: int) -> Paid | None:
    return Paid(percent(right, FURTHER_PERCENT))


def _units_cut(agreement: Agreement, bill: Bill, right: int) -> Paid | None:
    return Paid(right // bill.units, units="1") if bill.units > 1 else None


def _units_not_multiplied(agreement: Agreement, bill: Bill, right: int) -> Paid | None:
    return Paid(right // bill.units) if bill.units > 1 else None


def _downcoded(agreement: Agreement, bill: Bill, right: int) -> Paid | None:
    lower = LOWER.get(bill.code, "")
    named = _has_own_rate(agreement, bill)
    if lower not in agreement.amounts or named:
        return None
    return Paid(due(agreement, msgspec.structs.replace(bill, code=lower)), code=lower)


def _bundled(agreement: Agreement, bill: Bill, right: int) -> Paid | None:
    return Paid(None) if right else None


def _per_diem_as_visit(agreement: Agreement, bill: Bill, right: int) -> Paid | None:
    return Paid(agreement.amounts.get(VISIT, 0)) if bill.code in agreement.per_diem else None


def _rounded_down(agreement: Agreement, bill: Bill, right: int) -> Paid | None:
    return Paid(right // 100 * 100) if right % 100 else None


_MISTAKES: dict[str, Mistake] = {
    "old_schedule": _old_schedule,
    "escalator_missed": _escalator_missed,
    "wrong_level": _wrong_level,
    "level_percent_twice": _level_percent_twice,
    "level_percent_not_agreed": _level_percent_not_agreed,
    "modifier_ignored": _without("by_modifier", "modifiers", "modifier"),
    "telehealth_parity": _telehealth,
    "wrong_place": _without("by_place", "place", "place"),
    "wrong_plan": _without("by_group", "group", "group"),
    "general_rate": _general_rate,
    "mppr_not_agreed": _mppr,
    "units_cut": _units_cut,
    "units_not_multiplied": _units_not_multiplied,
    "downcoded": _downcoded,
    "bundled": _bundled,
    "per_diem_as_visit": _per_diem_as_visit,
    "rounded_down": _rounded_down,
}
KINDS = (*_MISTAKES, *sorted(AFTER_ALLOWED))
"""Every mistake that can be planted."""


class Turns(msgspec.Struct):
    """Whose turn it is, by payer: lines since the last mistake, and kinds that wait. Part of the state."""

    lines: int = 0
    waiting: list[str] = []


def decide(agreement: Agreement, bill: Bill, turns: Turns) -> Paid:
    """What the payer allows for a line, by a mistake or as agreed."""
    right = Paid(due(agreement, bill))
    inside = (agreement.from_on is None or bill.on >= agreement.from_on) and (
        agreement.until_on is None or bill.on <= agreement.until_on
    )
    if not agreement.every or not agreement.mistakes or not inside:
        return right
    turns.lines += 1
    if turns.lines < agreement.every:
        return right
    turns.waiting = turns.waiting or list(agreement.mistakes)
    for kind in turns.waiting:
        found = pay_line(agreement, bill, kind)
        if found is not None:
            turns.waiting.remove(kind)
            turns.lines = 0
            return found
    return right
