"""From a rate to an amount: units, escalators, licence shares, lesser of charge, days, sequestration.

Rounding: to the cent, half up, once for each percentage that is applied, in the order of the steps told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec

from cleanclaim.money import Money, apply_rate, dollars
from cleanclaim.pricing.contracts.records import Contract, Escalator, Price, Question, Rate, RateKind
from cleanclaim.pricing.contracts.selecting import code_fits, select
from cleanclaim.pricing.medicare import PriceNotLoaded, medicare_price, national_price
from cleanclaim_data.loader import read_csv

HUNDRED = Decimal(100)


def price_line(contract: Contract, question: Question) -> Price:
    """What the contract allows for one line alone.

    Returns:
        The amount with its steps and the rates considered. `price_day` also knows what a day's lines do to
        each other.

    Examples:
        >>> from cleanclaim.pricing.contracts import Contract, Rate
        >>> year = date(2026, 1, 1)
        >>> base = Rate("base", RateKind.FIXED, year, amount_cents=12000, code="90837")
        >>> phd = Rate("phd", RateKind.FIXED, year, amount_cents=13500, code="90837", credential="PhD")
        >>> contract = Contract("c", "60054", (base, phd))
        >>> price = price_line(contract, Question("60054", "90837", date(2026, 3, 2), credential="PhD"))
        >>> price.allowed_cents, price.rate_id, price.considered[0].why
        (13500, 'phd', 'names code 90837, PhD')
    """
    rate, considered = select(contract, question)
    if rate is None:
        return Price(
            None, contract_id=contract.id, steps=("no rate of the contract fits",), considered=considered
        )
    steps = [f"rate {rate.id}: {considered[0].why}"]
    unit = _unit(contract, rate, question, steps)
    if unit is None:
        return Price(None, rate.id, contract.id, None, tuple(steps), considered, source=rate.source)
    amount = (
        unit
        if rate.kind in (RateKind.PER_DIEM, RateKind.CHARGE, RateKind.MEDICARE)
        else unit * question.units
    )
    if amount != unit:
        steps.append(f"{question.units} units: {dollars(amount)}")
    charge = question.charge_cents
    if contract.is_lesser_of_charge and charge is not None and charge < amount:
        steps.append(f"the charge {dollars(charge)} is less")
        amount = charge
    return Price(amount, rate.id, contract.id, unit, tuple(steps), considered, source=rate.source)


def _unit(contract: Contract, rate: Rate, question: Question, steps: list[str]) -> int | None:
    """Amount of one unit (of the line, for shares of a charge or of Medicare)."""
    if rate.kind is RateKind.CARVED_OUT:
        steps.append("carved out: another payer's service")
        return 0
    if rate.kind is RateKind.CHARGE:
        if question.charge_cents is None:
            steps.append("the charge is not known")
            return None
        amount = _percent(question.charge_cents, rate.percent)
        steps.append(f"{rate.percent} percent of the charge: {dollars(amount)}")
        return amount
    if rate.kind is RateKind.MEDICARE:
        return _medicare(contract, rate, question, steps)
    amount = escalated(rate, contract.escalators, question, steps)
    share = contract.credential_percents.get(question.credential)
    if share is not None and not rate.credential:
        amount = _percent(amount, share)
        steps.append(f"{share} percent for {question.credential}: {dollars(amount)}")
    return amount


def _medicare(contract: Contract, rate: Rate, question: Question, steps: list[str]) -> int | None:
    # A named licence level in the rate means that its percentage already speaks of that level.
    on = contract.medicare_as_of or question.on
    credential = "" if rate.credential else question.credential
    try:
        if contract.mac:
            medicare = medicare_price(
                question.code, on=on, mac=contract.mac, locality=contract.locality,
                place_of_service=question.place, credential=credential, modifiers=question.modifiers,
                units=question.units,
            )  # fmt: skip
        else:
            medicare = national_price(
                question.code, on=on, place_of_service=question.place, credential=credential,
                modifiers=question.modifiers, units=question.units,
            )  # fmt: skip
    except PriceNotLoaded as error:
        steps.append(str(error))
        return None
    steps += medicare.steps
    amount = _percent(medicare.amount_cents, rate.percent)
    steps.append(f"{rate.percent} percent of Medicare: {dollars(amount)}")
    return amount


def _percent(cents: int, percent: Decimal) -> int:
    return apply_rate(cents, percent / HUNDRED)


def escalated(
    rate: Rate, escalators: Sequence[Escalator], question: Question, steps: list[str] | None = None
) -> int:
    """A fixed amount with every rise up to the date of service."""
    amount = rate.amount_cents
    told = steps if steps is not None else []
    told.append(f"{dollars(amount)} from {rate.starts.isoformat()}")
    rises = sorted(
        (day, one.percent)
        for one in escalators
        if code_fits(one.code, question.code)
        for day in rise_days(one, question.on)
        if day > rate.starts
    )
    for day, percent in rises:
        amount = _percent(amount, HUNDRED + percent)
        told.append(f"{percent} percent more from {day.isoformat()}: {dollars(amount)}")
    return amount


def rise_days(escalator: Escalator, until: date) -> list[date]:
    """The days of an escalator up to and with a day. A day that a month lacks is its last."""
    days: list[date] = []
    end = min(until, escalator.last_on) if escalator.last_on else until
    step = max(1, escalator.every_months)
    number = 0
    while True:
        month = escalator.first_on.month - 1 + number * step
        year, month = escalator.first_on.year + month // 12, month % 12 + 1
        day = _in_month(year, month, escalator.first_on.day)
        if day > end:
            return days
        days.append(day)
        number += 1


def _in_month(year: int, month: int, day: int) -> date:
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


def price_day(contract: Contract, questions: Sequence[Question]) -> list[Price]:
    """The prices of all lines of one patient's day at one payer, in the order given.

    A per diem is due once: the first line that has it carries the amount, the lines that it covers are
    included. With an agreed reduction for several procedures, the dearest counts in full, the others at its
    percentage.
    """
    prices = [price_line(contract, question) for question in questions]
    prices = _per_diem(contract, questions, prices)
    return _reduced(contract, questions, prices)


def _per_diem(contract: Contract, questions: Sequence[Question], prices: list[Price]) -> list[Price]:
    by_id = {rate.id: rate for rate in contract.rates}
    carrier: dict[tuple[str, date], int] = {}
    for place, price in enumerate(prices):
        rate = by_id.get(price.rate_id)
        if rate is not None and rate.kind is RateKind.PER_DIEM and price.is_known:
            carrier.setdefault((rate.id, questions[place].on), place)
    found = list(prices)
    for (rate_id, day), first in carrier.items():
        rate = by_id[rate_id]
        for place, question in enumerate(questions):
            if place == first or question.on != day:
                continue
            covered = not rate.covers or any(code_fits(one, question.code) for one in rate.covers)
            if covered or prices[place].rate_id == rate_id:
                steps = (f"included in the per diem of line {first + 1} ({rate_id})",)
                found[place] = msgspec.structs.replace(
                    prices[place], allowed_cents=0, rate_id=rate_id, steps=steps, is_included=True
                )
    return found


def _reduced(contract: Contract, questions: Sequence[Question], prices: list[Price]) -> list[Price]:
    if contract.mppr_percent is None:
        return prices
    days: dict[date, list[int]] = {}
    for place, question in enumerate(questions):
        concerned = any(code_fits(one, question.code) for one in contract.mppr_codes)
        if concerned and prices[place].allowed_cents:
            days.setdefault(question.on, []).append(place)
    found = list(prices)
    for places in days.values():
        places.sort(key=lambda place: (-(prices[place].allowed_cents or 0), place))
        for place in places[1:]:
            amount = _percent(prices[place].allowed_cents or 0, contract.mppr_percent)
            steps = (
                *prices[place].steps,
                f"{contract.mppr_percent} percent as a further service: {dollars(amount)}",
            )
            found[place] = msgspec.structs.replace(prices[place], allowed_cents=amount, steps=steps)
    return found


def sequestration_percent(on: date, payer_kind: str = "medicare") -> Decimal:
    """The reduction of Medicare payments on a date of service."""
    for row in read_csv("posting/sequestration.csv"):
        if row["payer_kind"] == payer_kind and row["starts"] <= on.isoformat() <= (row["ends"] or "9999"):
            return Decimal(row["percent"])
    return Decimal(0)


class Due(msgspec.Struct, frozen=True):
    """What a payer owes in money for a line of a known allowed amount."""

    allowed_cents: int
    patient_cents: int
    sequestration_cents: int
    withhold_cents: int
    paid_cents: int


def payment_due(contract: Contract, allowed_cents: int, patient_cents: int, on: date) -> Due:
    """Allowed less the patient's share, less sequestration and withhold of what is left.

    Examples:
        >>> medicare = Contract("m", "MB", (), sequestration=True)
        >>> payment_due(medicare, 10000, 2000, date(2026, 3, 2)).paid_cents
        7840
    """
    left = max(0, allowed_cents - patient_cents)
    percent = sequestration_percent(on) if contract.sequestration else Decimal(0)
    sequestered = _percent(left, percent)
    withheld = _percent(left - sequestered, contract.withhold_percent)
    return Due(allowed_cents, patient_cents, sequestered, withheld, left - sequestered - withheld)


def interest_due(contract: Contract, paid_cents: int, received_on: date, paid_on: date) -> Money:
    """Simple interest of a late payment: by days beyond the clean-claim period, year of 365 days."""
    late = (paid_on - received_on).days - contract.clean_claim_days
    if not contract.clean_claim_days or late <= 0 or paid_cents <= 0:
        return Money(0)
    return apply_rate(paid_cents, contract.interest_percent_a_year / HUNDRED * late / 365)
