"""The name of a difference: what amount would each mistake give, and which is the one that was allowed?

Facts that the payer states come first (units, code, bundling, its own adjustments). Then each mistake that
the contract makes possible is worked out, and those that give the amount to the cent are its readings,
likeliest first.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_DOWN, Decimal

import msgspec

from cleanclaim.money import apply_rate, dollars
from cleanclaim.pricing.contracts import Contract, Price, Question, RateKind, price_line
from cleanclaim.pricing.contracts.pricing import rise_days
from cleanclaim.pricing.contracts.selecting import TELEHEALTH_PLACES, why_not
from cleanclaim.pricing.medicare import PriceNotLoaded, medicare_price, national_price
from cleanclaim.pricing.underpayment.records import Kind, PaidLine

HUNDRED = Decimal(100)
BUNDLING = frozenset({"97", "231", "234", "236", "59"})
REDUCTIONS = (Decimal(50), Decimal(75), Decimal(90), Decimal(95))
"""Usual percentages for further services of a day."""
LEVEL_PERCENTS = (Decimal(75), Decimal(80), Decimal(85))
TELEHEALTH_PERCENTS = (Decimal(75), Decimal(80), Decimal(85), Decimal(90), Decimal(95))

Reading = tuple[Kind, str]


def question_of(line: PaidLine) -> Question:
    """The line as a question to its contract."""
    return Question(
        line.payer_id, line.code, line.on, line.charge_cents, line.modifiers, line.place, line.credential,
        line.units, line.plan_id, line.practice_id,
    )  # fmt: skip


def name_allowed(line: PaidLine, contract: Contract, price: Price, allowed: int) -> list[Reading]:
    """Readings of an allowed amount below the contract's, likeliest first; `UNNAMED` when there is none."""
    found = [*_stated(line, contract, price, allowed), *_computed(line, contract, price, allowed)]
    unique = list({kind: (kind, why) for kind, why in reversed(found)}.values())[::-1]
    return unique or [(Kind.UNNAMED, f"{dollars(allowed)} agrees with no rate of the contract")]


def _stated(line: PaidLine, contract: Contract, price: Price, allowed: int) -> Iterator[Reading]:
    """What the payer's own answer says."""
    reasons = {item.reason for item in line.adjustments}
    if not allowed and reasons & BUNDLING:
        yield (
            Kind.BUNDLED,
            f"reason {', '.join(sorted(reasons & BUNDLING))}, and the contract pays for {line.code}",
        )
        return
    question = question_of(line)
    if line.units_paid is not None and 0 < line.units_paid < line.units:
        fewer = price_line(contract, msgspec.structs.replace(question, units=line.units_paid))
        if fewer.allowed_cents == allowed:
            yield Kind.UNITS_CUT, f"{line.units_paid} of {line.units} units"
    if line.adjudicated_code and line.adjudicated_code != line.code:
        other = price_line(contract, msgspec.structs.replace(question, code=line.adjudicated_code))
        exact = "at its rate" if other.allowed_cents == allowed else "at an unknown rate"
        yield Kind.DOWNCODED, f"paid as {line.adjudicated_code}, {exact}"


def _computed(line: PaidLine, contract: Contract, price: Price, allowed: int) -> Iterator[Reading]:
    question, due = question_of(line), price.allowed_cents or 0
    rate = next((one for one in contract.rates if one.id == price.rate_id), None)
    if rate is None:
        return
    if line.units > 1 and price.unit_cents == allowed and rate.kind is RateKind.FIXED:
        yield Kind.UNITS_NOT_MULTIPLIED, f"one unit's {dollars(allowed)} for {line.units} units"
    if rate.kind is RateKind.PER_DIEM and _visit_rate(contract, question, allowed):
        yield Kind.PER_DIEM_AS_VISIT, "the amount of a single visit"
    yield from _other_lines(contract, question, price, allowed)
    yield from _other_times(contract, question, allowed)
    yield from _percentages(line, contract, price, allowed, due)
    if rate.kind is RateKind.MEDICARE:
        yield from _medicare(contract, question, allowed, rate.percent)
    if due - allowed < 100 and allowed == due // 100 * 100:
        yield Kind.ROUNDED_DOWN, "the cents were cut off"
    if due - allowed == 1 and _truncated(contract, question, price) == allowed:
        yield Kind.ROUNDED_DOWN, "a fraction of a cent was cut off"


def _asked(contract: Contract, question: Question) -> int | None:
    return price_line(contract, question).allowed_cents


def _visit_rate(contract: Contract, question: Question, allowed: int) -> bool:
    return any(
        rate.kind is RateKind.FIXED and rate.amount_cents == allowed and rate.is_confirmed
        for rate in contract.rates
    )


def _other_lines(contract: Contract, question: Question, price: Price, allowed: int) -> Iterator[Reading]:
    """The same line with one thing other: level, modifier, place, plan."""
    replace = msgspec.structs.replace
    for level in sorted(
        {rate.credential for rate in contract.rates} | set(contract.credential_percents) | {""}
    ):
        if level != question.credential and _asked(contract, replace(question, credential=level)) == allowed:
            yield (
                Kind.WRONG_LEVEL,
                f"the amount of {level or 'no level'}, the clinician is {question.credential or 'none'}",
            )
            break
    for modifier in question.modifiers:
        rest = tuple(one for one in question.modifiers if one != modifier)
        if _asked(contract, replace(question, modifiers=rest)) == allowed:
            yield Kind.MODIFIER_IGNORED, f"the amount without modifier {modifier}"
            break
    places = sorted({rate.place for rate in contract.rates if rate.place} | {"02", "10", "11", "22"})
    for place in places:
        if place != question.place and _asked(contract, replace(question, place=place)) == allowed:
            if question.place in TELEHEALTH_PLACES and contract.telehealth_parity:
                yield Kind.TELEHEALTH_PARITY, f"the amount of place {place}; telehealth is due as in person"
            else:
                yield Kind.WRONG_PLACE, f"the amount of place {place}, billed with {question.place}"
            break
    for plan in sorted({rate.plan_id for rate in contract.rates} | {""}):
        if plan != question.plan_id and _asked(contract, replace(question, plan_id=plan)) == allowed:
            yield Kind.WRONG_PLAN, f"the amount of {'plan ' + plan if plan else 'no particular plan'}"
            break
    for rate in contract.rates:
        if rate.id == price.rate_id or why_not(rate, question, contract) or rate.kind is not RateKind.FIXED:
            continue
        if rate.amount_cents * question.units == allowed:
            yield Kind.GENERAL_RATE, f"the amount of rate {rate.id}, which a more particular one outranks"
            break


def _other_times(contract: Contract, question: Question, allowed: int) -> Iterator[Reading]:
    """A rate of before, or the rate without its latest rises."""
    replace = msgspec.structs.replace
    without = replace(contract, escalators=())
    dates = sorted({rate.starts for rate in contract.rates if rate.starts < question.on}, reverse=True)
    for start in dates:
        for rate in contract.rates:
            ended = rate.ends is not None and rate.ends < question.on and rate.starts == start
            if ended and _asked(contract, replace(question, on=rate.ends or question.on)) == allowed:
                yield Kind.OLD_SCHEDULE, f"the amount in force until {rate.ends}"
                return
    if contract.escalators:
        for step in _earlier_rises(contract, question):
            if _asked(contract, replace(question, on=step)) == allowed:
                yield Kind.ESCALATOR_MISSED, f"the amount in force on {step.isoformat()}"
                return
        if _asked(without, question) == allowed:
            yield Kind.ESCALATOR_MISSED, "the amount before every agreed rise"


def _earlier_rises(contract: Contract, question: Question) -> Iterator[date]:
    """The day before each rise, the latest first."""
    days = sorted({day for one in contract.escalators for day in rise_days(one, question.on)}, reverse=True)
    for day in days:
        yield day.fromordinal(day.toordinal() - 1)


def _percentages(
    line: PaidLine, contract: Contract, price: Price, allowed: int, due: int
) -> Iterator[Reading]:
    share = contract.credential_percents.get(line.credential)
    if share is not None and apply_rate(due, share / HUNDRED) == allowed:
        yield Kind.LEVEL_PERCENT_TWICE, f"{share} percent for {line.credential}, taken twice"
    if line.place in TELEHEALTH_PLACES and contract.telehealth_parity:
        for percent in TELEHEALTH_PERCENTS:
            if apply_rate(due, percent / HUNDRED) == allowed:
                yield Kind.TELEHEALTH_PARITY, f"{percent} percent of the in-person rate"
                break
    if contract.mppr_percent is None and line.day_key:
        for percent in REDUCTIONS:
            if apply_rate(due, percent / HUNDRED) == allowed:
                yield Kind.MPPR_NOT_AGREED, f"{percent} percent, as for a further service of the day"
                break
    if share is None and line.credential:
        for percent in LEVEL_PERCENTS:
            if apply_rate(due, percent / HUNDRED) == allowed:
                yield Kind.LEVEL_PERCENT_NOT_AGREED, f"{percent} percent for {line.credential}"
                break


def _medicare(contract: Contract, question: Question, allowed: int, percent: Decimal) -> Iterator[Reading]:
    on = contract.medicare_as_of or question.on
    try:
        national = national_price(
            question.code, on=on, place_of_service=question.place, credential=question.credential,
            modifiers=question.modifiers, units=question.units,
        ).amount_cents  # fmt: skip
        local = national
        if contract.mac:
            local = medicare_price(
                question.code, on=on, mac=contract.mac, locality=contract.locality,
                place_of_service=question.place, credential=question.credential,
                modifiers=question.modifiers, units=question.units,
            ).amount_cents  # fmt: skip
    except PriceNotLoaded:
        return
    if local == allowed:
        yield Kind.MEDICARE_PERCENT, f"Medicare's own {dollars(local)}, the contract has {percent} percent"
    if contract.mac and apply_rate(national, percent / HUNDRED) == allowed:
        yield Kind.WRONG_LOCALITY, f"the national amount in place of locality {contract.locality}"


def _truncated(contract: Contract, question: Question, price: Price) -> int | None:
    """The amount with fractions of a cent cut off, for rates that are a percentage."""
    rate = next(one for one in contract.rates if one.id == price.rate_id)
    if rate.kind is RateKind.CHARGE and question.charge_cents is not None:
        exact = Decimal(question.charge_cents) * rate.percent / HUNDRED
        return int(exact.to_integral_value(ROUND_DOWN))
    return None
