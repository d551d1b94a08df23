"""Changing a contract by whole, dated steps: new amounts from a day, ended rates, and what differs.

Nothing is overwritten: a new amount is a new rate, and the one before it ends on the day before. Only an
amount that starts on the very same day is replaced, for then the first one was a mistake.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from cleanclaim.money import dollars
from cleanclaim.pricing.contracts.records import Contract, Rate, RateKind
from cleanclaim.pricing.contracts.selecting import ContractInvalid, check_contract, with_rate

BY_PERCENT = frozenset((RateKind.MEDICARE, RateKind.CHARGE))
TERMS = {
    "is_lesser_of_charge": "the lesser of rate and charge",
    "credential_percents": "percent by licence level",
    "telehealth_parity": "telehealth as in person",
    "mppr_percent": "percent of further services of a day",
    "mppr_codes": "codes of that reduction",
    "withhold_percent": "withhold, percent",
    "sequestration": "Medicare's reduction passed on",
    "mac": "Medicare contractor",
    "locality": "Medicare locality",
    "medicare_as_of": "Medicare schedule of",
    "interest_percent_a_year": "interest, percent a year",
    "clean_claim_days": "days to pay",
    "escalators": "rises",
}
"""What holds for every rate of a contract, in plain words."""


class Change(msgspec.Struct, frozen=True):
    """One difference between two versions of a contract. `rate_id` is empty for a term."""

    what: str
    """added, removed, amount, ends, term."""
    name: str
    before: str = ""
    after: str = ""
    rate_id: str = ""
    starts: date | None = None


def rate_key(rate: Rate) -> tuple[str, ...]:
    """What a rate is for: two rates with the same key answer the same question, on other days."""
    return (rate.code, rate.modifier, rate.credential, rate.place, rate.plan_id, rate.practice_id)


def rate_id(rate: Rate) -> str:
    """A name for a rate that people can read: what it is for, and from when.

    Examples:
        >>> rate_id(Rate("", RateKind.FIXED, date(2026, 1, 1), code="90837", credential="PhD"))
        '90837 PhD 2026-01-01'
    """
    plan = f"plan {rate.plan_id[:8]}" if rate.plan_id else ""
    place = f"place {rate.place}" if rate.place else ""
    kind = "carved out" if rate.kind is RateKind.CARVED_OUT else ""
    words = (rate.code or "any", rate.modifier, rate.credential, place, plan, kind, rate.starts.isoformat())
    return " ".join(filter(None, words))


def worth(rate: Rate) -> str:
    """The amount of a rate in words.

    Examples:
        >>> worth(Rate("", RateKind.MEDICARE, date(2026, 1, 1), percent=Decimal(115)))
        '115 percent of Medicare'
    """
    if rate.kind is RateKind.CARVED_OUT:
        return "carved out"
    if rate.kind is RateKind.MEDICARE:
        return f"{rate.percent} percent of Medicare"
    if rate.kind is RateKind.CHARGE:
        return f"{rate.percent} percent of the charge"
    return (
        f"{dollars(rate.amount_cents)} a day"
        if rate.kind is RateKind.PER_DIEM
        else dollars(rate.amount_cents)
    )


def change_rate(
    contract: Contract, wanted: str, *, on: date, value: int | Decimal, source: str = ""
) -> Contract:
    """A new amount for the lines of one rate from a day.

    Args:
        wanted: The id of the rate that changes.
        value: Cents for fixed amounts and per diems, a percentage for the others.

    Raises:
        ContractInvalid: There is no such rate, it starts later or ended before, or it has no amount.
    """
    old = _rate(contract, wanted)
    if old.kind is RateKind.CARVED_OUT:
        raise ContractInvalid(f"rate {wanted}: what is carved out has no amount")
    if on < old.starts:
        raise ContractInvalid(f"rate {wanted}: starts on {old.starts.isoformat()}, after {on.isoformat()}")
    if old.ends is not None and old.ends < on:
        raise ContractInvalid(f"rate {wanted}: ended on {old.ends.isoformat()}")
    part = {"percent": Decimal(value)} if old.kind in BY_PERCENT else {"amount_cents": int(value)}
    new = msgspec.structs.replace(old, starts=on, source=source or old.source, **part)
    new = msgspec.structs.replace(new, id=rate_id(new))
    if on == old.starts:
        kept = tuple(msgspec.structs.replace(new, id=old.id) if one is old else one for one in contract.rates)
        return check_contract(msgspec.structs.replace(contract, rates=kept))
    return with_rate(contract, new)


def end_rate(contract: Contract, wanted: str, *, on: date) -> Contract:
    """Let a rate end on a day; its last day is `on`.

    Raises:
        ContractInvalid: There is no such rate, or it starts after that day.
    """
    old = _rate(contract, wanted)
    ended = tuple(msgspec.structs.replace(one, ends=on) if one is old else one for one in contract.rates)
    return check_contract(msgspec.structs.replace(contract, rates=ended))


def add_rates(contract: Contract, rates: tuple[Rate, ...]) -> Contract:
    """Add rates; an open rate for the same lines ends on the day before, one of the same day is replaced.

    Raises:
        ContractInvalid: A new rate contradicts another one.
    """
    for rate in rates:
        same = [one for one in contract.rates if _same(one, rate) and one.starts == rate.starts]
        left = tuple(one for one in contract.rates if one not in same)
        contract = with_rate(msgspec.structs.replace(contract, rates=left), rate)
    return contract


def _same(one: Rate, other: Rate) -> bool:
    carved = RateKind.CARVED_OUT
    return rate_key(one) == rate_key(other) and (one.kind is carved) == (other.kind is carved)


def _rate(contract: Contract, wanted: str) -> Rate:
    for rate in contract.rates:
        if rate.id == wanted:
            return rate
    raise ContractInvalid(f"rate {wanted}: the contract has no such rate")


def differences(old: Contract | None, new: Contract) -> list[Change]:
    """What a version changes: rates by what they are for and their first day, then terms."""
    before = {(*rate_key(one), one.starts): one for one in (old.rates if old else ())}
    after = {(*rate_key(one), one.starts): one for one in new.rates}
    found: list[Change] = []
    for key in sorted({*before, *after}, key=str):
        was, now = before.get(key), after.get(key)
        if was is None and now is not None:
            found.append(Change("added", rate_name(now), "", worth(now), now.id, now.starts))
        elif now is None and was is not None:
            found.append(Change("removed", rate_name(was), worth(was), "", was.id, was.starts))
        elif was is not None and now is not None:
            if worth(was) != worth(now):
                found.append(Change("amount", rate_name(now), worth(was), worth(now), now.id, now.starts))
            if was.ends != now.ends:
                found.append(
                    Change("ends", rate_name(now), _day(was.ends), _day(now.ends), now.id, now.starts)
                )
    for field, words in TERMS.items():
        was_term, now_term = (_term(getattr(one, field)) if one else "" for one in (old, new))
        if old is not None and was_term != now_term:
            found.append(Change("term", words, was_term, now_term))
    return found


def rate_name(rate: Rate) -> str:
    """What a rate is for, in words."""
    words = [rate.code or "any code", rate.modifier and f"modifier {rate.modifier}", rate.credential]
    words += [rate.place and f"place {rate.place}", rate.plan_id and "one plan"]
    return ", ".join(word for word in words if word)


def _day(day: date | None) -> str:
    return day.isoformat() if day else "no end"


def _term(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key} {percent}" for key, percent in sorted(value.items())) or "none"
    if isinstance(value, tuple):
        return (
            "; ".join(
                f"{one.percent} percent from {one.first_on.isoformat()}, every {one.every_months} months"
                if hasattr(one, "percent")
                else str(one)
                for one in value
            )
            or "none"
        )
    return "none" if value in (None, "") else str(value)
