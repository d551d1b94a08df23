"""A year of paid lines with planted underpayments, each with its label. Its own arithmetic, not the product's.

Three payers: a fixed schedule with rises, a percentage of charges, a percentage of Medicare. Most lines are paid as
agreed, some are denied, some overpaid; one in eight carries one of the planted mistakes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from cleanclaim.claim import Adjustment
from cleanclaim.pricing.contracts import Contract, Escalator, Rate, RateKind
from cleanclaim.pricing.underpayment import PaidLine

FIRST = date(2026, 1, 1)
CHARGES = {"90791": 26000, "90834": 17500, "90837": 21000, "90853": 7500, "96130": 19000, "96131": 15000, "99214": 19900, "H0015": 62000, "90785": 3100}  # fmt: skip
FIXED = {"90791": 16210, "90834": 10440, "90837": 13870, "90853": 3390, "96130": 12230, "96131": 9410, "99214": 12780, "90785": 1530}  # fmt: skip
OLD = {code: cents - 737 for code, cents in FIXED.items()}
LEVELS = {"PhD": Decimal(110), "LPC-associate": Decimal(82)}
# Relative value totals x factor of 2026, worked out once by hand from the public file: (non-facility, facility).
PLANTED = (
    "old_schedule escalator_missed wrong_level level_percent_twice level_percent_not_agreed modifier_ignored "
    "telehealth_parity wrong_plan general_rate mppr_not_agreed units_cut units_not_multiplied downcoded bundled "
    "per_diem_as_visit sequestration_not_agreed withhold_not_agreed unexplained_reduction interest_missing "
    "wrong_place rounded_down"
).split()


def rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def percent(cents: int, of: Decimal | int) -> int:
    return rounded(Decimal(cents) * Decimal(of) / 100)


def contracts() -> list[Contract]:
    """FIX: amounts with rises and levels. PCT: percent of charges and a per diem. PLAIN: amounts, no percentages."""
    rates = [Rate("fix-any", RateKind.FIXED, date(2025, 1, 1), amount_cents=6120)]
    rates += [
        Rate(f"fix-{code}-old", RateKind.FIXED, date(2024, 1, 1), date(2025, 12, 31), OLD[code], code=code)
        for code in FIXED
    ]
    rates += [
        Rate(f"fix-{code}", RateKind.FIXED, FIRST, None, cents, code=code, source="exhibit A")
        for code, cents in FIXED.items()
    ]
    rates += [
        Rate("fix-gold", RateKind.FIXED, FIRST, None, 15110, code="90837", plan_id="gold"),
        Rate("fix-ho", RateKind.FIXED, FIRST, None, 14490, code="90837", modifier="HO"),
    ]
    fix = Contract(
        "fix", "FIX", tuple(rates), (Escalator(date(2026, 7, 1), Decimal("2.5")),), credential_percents=LEVELS
    )
    plain = Contract(
        "plain", "PLAIN",
        (
            *(Rate(f"pl-{code}", RateKind.FIXED, date(2025, 1, 1), None, cents + 411, code=code) for code, cents in FIXED.items()),
            Rate("pl-home", RateKind.FIXED, date(2025, 1, 1), None, 15560, code="90837", place="12"),
            Rate("pl-phd", RateKind.FIXED, date(2025, 1, 1), None, 15910, code="90837", credential="PhD"),
        ),
        withhold_percent=Decimal(5), interest_percent_a_year=Decimal(12), clean_claim_days=30,
    )  # fmt: skip
    pct = Contract(
        "pct", "PCT",
        (
            Rate("pc-day", RateKind.PER_DIEM, date(2025, 1, 1), None, 41250, code="H0015"),
            Rate("pc-group", RateKind.FIXED, date(2025, 1, 1), None, 4870, code="90853"),
            Rate("pc-all", RateKind.CHARGE, date(2025, 1, 1), percent=Decimal("62.35")),
        ),
    )  # fmt: skip
    return [fix, plain, pct]


@dataclass
class Sale:
    """A service before the payer pays it, and what is due for it by this module's own arithmetic."""

    key: str
    payer: str
    code: str
    on: date
    due: int
    charge: int
    units: int = 1
    level: str = "LCSW"
    place: str = "11"
    modifiers: tuple[str, ...] = ()
    plan: str = ""


def sell(chance: random.Random, key: str, payer: str, kind: str) -> Sale:
    """A service fit for a planted kind (or any, for ``''``)."""
    on = FIRST + timedelta(chance.randrange(365))
    code = chance.choice(["90791", "90834", "90837", "90853", "99214"])
    level, place, units, modifiers, plan = "LCSW", "11", 1, (), ""
    if kind in ("wrong_plan", "modifier_ignored", "wrong_place"):
        code = "90837"
        plan, modifiers, place = ("gold" if kind == "wrong_plan" else ""), (("HO",) if kind == "modifier_ignored" else ()), ("12" if kind == "wrong_place" else "11")  # fmt: skip
    elif kind == "wrong_level":
        code, level = "90837", "PhD"
    elif kind == "level_percent_twice":
        level = "LPC-associate"
    elif kind == "telehealth_parity":
        place = "10"
    elif kind in ("units_cut", "units_not_multiplied"):
        code, units = "96131", chance.choice([2, 3, 4])
    elif kind == "downcoded":
        code = "90837"
    elif kind == "per_diem_as_visit":
        code = "H0015"
    elif kind == "escalator_missed":
        on = date(2026, 7, 1) + timedelta(chance.randrange(180))
    elif not kind:
        level = chance.choice(["LCSW", "PhD", "LPC-associate", "LMFT"])
        place = chance.choice(["11", "11", "10", "02"])
        units = chance.choice([1, 1, 1, 2]) if code == "96131" else 1
    charge = CHARGES[code] * units
    if payer == "FIX":
        base = 15110 if plan else 14490 if modifiers else FIXED[code]
        if on >= date(2026, 7, 1):
            base = percent(base, Decimal("102.5"))
        if level in LEVELS:
            base = percent(base, LEVELS[level])
        due = base * units
    elif payer == "PLAIN":
        base = (
            15910
            if (code, level) == ("90837", "PhD")
            else 15560
            if (code, place) == ("90837", "12")
            else FIXED[code] + 411
        )
        due = base * units
    else:
        due = 41250 if code == "H0015" else 4870 if code == "90853" else percent(charge, Decimal("62.35"))
    return Sale(key, payer, code, on, min(due, charge), charge, units, level, place, modifiers, plan)


PAYER_OF = {
    "level_percent_not_agreed": "PLAIN", "sequestration_not_agreed": "PLAIN", "withhold_not_agreed": "PLAIN", "interest_missing": "PLAIN",
    "wrong_place": "PLAIN", "per_diem_as_visit": "PCT", "rounded_down": "PCT", "unexplained_reduction": "PLAIN",
}  # fmt: skip


def mistaken(sale: Sale, kind: str) -> tuple[int | None, dict]:
    """What the payer allows by its mistake, and what its answer says of it; None when it would change nothing."""
    due, code = sale.due, sale.code
    risen = sale.on >= date(2026, 7, 1)
    share = LEVELS.get(sale.level, Decimal(100)) if sale.payer == "FIX" else Decimal(100)
    if kind == "old_schedule":
        return percent(OLD[code], share) if sale.payer == "FIX" else None, {}
    if kind == "escalator_missed":
        return percent(FIXED[code], share), {}
    if kind == "wrong_level":
        return (
            percent(FIXED[code], Decimal("102.5")) if risen else FIXED[code]
        ) if sale.payer == "FIX" else FIXED[code] + 411, {}
    if kind == "level_percent_twice":
        return percent(due, 82), {}
    if kind == "level_percent_not_agreed":
        return percent(due, 75), {}
    if kind in ("modifier_ignored", "wrong_plan"):
        return percent(FIXED[code], Decimal("102.5")) if risen else FIXED[code], {}
    if kind == "telehealth_parity":
        return percent(due, 80), {}
    if kind == "general_rate":
        return 6120 if due > 6120 else None, {}
    if kind == "mppr_not_agreed":
        return percent(due, 50), {"day_key": f"day-{sale.key}"}
    if kind == "units_cut":
        return due // sale.units, {"units_paid": 1}
    if kind == "units_not_multiplied":
        return due // sale.units, {"units_paid": sale.units}
    if kind == "downcoded":
        lower = FIXED["90834"] + (411 if sale.payer == "PLAIN" else 0)
        return percent(lower, Decimal("102.5")) if risen and sale.payer == "FIX" else lower, {
            "adjudicated_code": "90834"
        }
    if kind == "bundled":
        return 0, {"reason": "97"}
    if kind == "per_diem_as_visit":
        return 4870, {}
    if kind == "wrong_place":
        return FIXED[code] + 411, {}
    if kind == "rounded_down":
        return due // 100 * 100 if due % 100 else None, {}
    return due, {}


def answer(chance: random.Random, sale: Sale, allowed: int, kind: str, told: dict) -> PaidLine:
    """The payer's answer: its adjustments add up to the charge."""
    share = chance.choice([0, 0, 2000, min(allowed, 3000)]) if kind != "bundled" else 0
    share = min(share, allowed)
    left = allowed - share
    withheld = percent(left, 5) if sale.payer == "PLAIN" else 0
    items = []
    if kind == "sequestration_not_agreed":
        cut = percent(left, 2)
        withheld = percent(left, 5)
        items.append(Adjustment("CO", "253", cut))
        left -= cut
    if kind == "withhold_not_agreed":
        withheld = percent(left, 12)
    paid = left - withheld
    if kind == "unexplained_reduction":
        paid -= max(1, percent(paid, 3))
    if withheld:
        items.append(Adjustment("CO", "104", withheld))
    if share:
        items.append(Adjustment("PR", "2", share))
    rest = sale.charge - paid - sum(item.amount_cents for item in items)
    if rest:
        items.append(Adjustment("CO", told.pop("reason", "45"), rest))
    received = sale.on + timedelta(3)
    days = chance.randrange(45, 120) if kind == "interest_missing" else chance.randrange(8, 30)
    return PaidLine(
        sale.key, sale.payer, f"K{sale.key}", sale.code, sale.on, sale.charge, paid,
        None if kind == "bundled" else allowed, sale.units, sale.modifiers, sale.place, sale.level, sale.plan,
        adjustments=tuple(items), received_on=received, paid_on=received + timedelta(days), **told,
    )  # fmt: skip


def labelled_year(seed: int, size: int = 6000) -> list[tuple[PaidLine, str]]:
    """Lines with their label: a planted kind, ``agreed``, ``denied`` or ``overpaid``."""
    chance = random.Random(seed)
    found: list[tuple[PaidLine, str]] = []
    number = 0
    while len(found) < size:
        number += 1
        key = f"{seed}-{number:06}"
        kind = PLANTED[number // 8 % len(PLANTED)] if number % 8 == 0 else ""
        payer = PAYER_OF.get(kind, "FIX") if kind else chance.choice(["FIX", "PLAIN", "PCT"])
        sale = sell(chance, key, payer, kind)
        if not kind:
            luck = chance.random()
            if luck < 0.06:
                denied = (Adjustment("CO", chance.choice(["197", "29", "16", "50"]), sale.charge),)
                line = PaidLine(key, payer, f"K{key}", sale.code, sale.on, sale.charge, 0, None, sale.units, sale.modifiers, sale.place, sale.level, adjustments=denied)  # fmt: skip
                found.append((line, "denied"))
            elif luck < 0.08:
                found.append(
                    (
                        answer(chance, sale, min(sale.due + 500, sale.charge), "", {}),
                        "overpaid" if sale.due < sale.charge else "agreed",
                    )
                )
            else:
                found.append((answer(chance, sale, sale.due, "", {}), "agreed"))
            continue
        allowed, told = mistaken(sale, kind)
        if allowed is None or (
            allowed >= sale.due
            and kind
            not in (
                "sequestration_not_agreed",
                "withhold_not_agreed",
                "unexplained_reduction",
                "interest_missing",
            )
        ):
            found.append((answer(chance, sale, sale.due, "", {}), "agreed"))
        else:
            found.append((answer(chance, sale, allowed, kind, told), kind))
    return found
