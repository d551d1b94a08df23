"""Which rate wins, and why.

A rate fits when all it names agrees with the line. Of those that fit, the one that names more wins,
compared in this order: the practice; the plan; a carve-out; the code (one code before a range, a range
before a beginning, that before none); the modifier; the licence level; the place. Then the later start. Two
rates that are alike in all of this are an error of the contract, found when it is loaded.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from cleanclaim.pricing.contracts.records import Considered, Contract, Question, Rate, RateKind

TELEHEALTH_PLACES = frozenset({"02", "10"})


class ContractInvalid(ValueError):
    """A contract contradicts itself. Says which rates."""


def code_fits(pattern: str, code: str) -> bool:
    """Whether a code lies in a pattern.

    Examples:
        >>> code_fits("90832-90838", "90837"), code_fits("H*", "H0015"), code_fits("90837", "90834")
        (True, True, False)
    """
    if not pattern or pattern == code:
        return True
    if pattern.endswith("*"):
        return code.startswith(pattern[:-1])
    first, dash, last = pattern.partition("-")
    return bool(dash) and len(first) == len(code) and first <= code <= last


def _code_rank(pattern: str) -> int:
    if not pattern:
        return 0
    if pattern.endswith("*"):
        return 1
    return 2 if "-" in pattern else 3


def _modifier_rank(rate: Rate, modifiers: Sequence[str]) -> int:
    """Earlier modifiers of the line count more."""
    if not rate.modifier:
        return 0
    return 100 - modifiers.index(rate.modifier)


def _rank(rate: Rate, question: Question) -> tuple[object, ...]:
    return (
        bool(rate.practice_id),
        bool(rate.plan_id),
        rate.kind is RateKind.CARVED_OUT,
        _code_rank(rate.code),
        _modifier_rank(rate, question.modifiers),
        bool(rate.credential),
        bool(rate.place),
        rate.starts,
    )


def why_not(rate: Rate, question: Question, contract: Contract) -> str:
    """Why a rate does not fit; `''` when it does."""
    if not rate.is_confirmed:
        return "nobody has confirmed it"
    if question.on < rate.starts:
        return f"starts on {rate.starts.isoformat()}"
    if rate.ends is not None and question.on > rate.ends:
        return f"ended on {rate.ends.isoformat()}"
    if not code_fits(rate.code, question.code):
        return f"is for {rate.code}"
    if rate.modifier and rate.modifier not in question.modifiers:
        return f"is for modifier {rate.modifier}"
    if rate.credential and rate.credential != question.credential:
        return f"is for {rate.credential}"
    if rate.place and rate.place != question.place:
        return f"is for place {rate.place}"
    if rate.plan_id and rate.plan_id != question.plan_id:
        return "is for another plan"
    if rate.practice_id and rate.practice_id != question.practice_id:
        return "is for another practice"
    if not contract.telehealth_parity and question.place in TELEHEALTH_PLACES and not rate.place:
        return "telehealth has rates of its own in this contract"
    return ""


def _names(rate: Rate) -> str:
    words = [
        word
        for word, value in (
            ("the practice", rate.practice_id),
            ("the plan", rate.plan_id),
            (f"code {rate.code}", rate.code),
            (f"modifier {rate.modifier}", rate.modifier),
            (rate.credential, rate.credential),
            (f"place {rate.place}", rate.place),
        )
        if value
    ]
    return "names " + ", ".join(words) if words else "names nothing in particular"


def select(contract: Contract, question: Question) -> tuple[Rate | None, tuple[Considered, ...]]:
    """The rate that wins, and every rate of the code with its why, the winner first, then those that fit."""
    fitting = [rate for rate in contract.rates if not why_not(rate, question, contract)]
    fitting.sort(key=lambda rate: rate.id)
    fitting.sort(key=lambda rate: _rank(rate, question), reverse=True)
    told = [
        Considered(rate.id, place == 0, _names(rate) if place == 0 else f"fits, {_names(rate)}; outranked")
        for place, rate in enumerate(fitting)
    ]
    fits = {rate.id for rate in fitting}
    for rate in contract.rates:
        if rate.id not in fits and code_fits(rate.code, question.code):
            told.append(Considered(rate.id, False, why_not(rate, question, contract)))
    return (fitting[0] if fitting else None), tuple(told)


def check_contract(contract: Contract) -> Contract:
    """The contract itself, or the reason why it cannot be used.

    Raises:
        ContractInvalid: An id is doubled or empty, an amount is negative, a rate ends before it starts, or
            two rates answer the same question on one day.
    """
    seen: set[str] = set()
    groups: dict[tuple[object, ...], list[Rate]] = {}
    for rate in contract.rates:
        if not rate.id or rate.id in seen:
            raise ContractInvalid(f"rate {rate.id!r}: every rate has an id of its own")
        seen.add(rate.id)
        if rate.amount_cents < 0 or rate.percent < 0:
            raise ContractInvalid(f"rate {rate.id}: a rate is never negative")
        if rate.ends is not None and rate.ends < rate.starts:
            raise ContractInvalid(f"rate {rate.id}: ends before it starts")
        if rate.is_confirmed:
            key = (rate.code, rate.modifier, rate.credential, rate.place, rate.plan_id, rate.practice_id,
                   rate.kind is RateKind.CARVED_OUT)  # fmt: skip
            groups.setdefault(key, []).append(rate)
    for rates in groups.values():
        for earlier, later in itertools.pairwise(sorted(rates, key=lambda rate: rate.starts)):
            if earlier.ends is None or earlier.ends >= later.starts:
                day = later.starts.isoformat()
                raise ContractInvalid(
                    f"rates {earlier.id} and {later.id} both answer on {day}: end the earlier one"
                )
    return contract


def with_rate(contract: Contract, rate: Rate) -> Contract:
    """The contract with a new rate; an open rate of the same kind of line ends on the day before.

    Raises:
        ContractInvalid: See `check_contract`.
    """
    rates = []
    for old in contract.rates:
        same = (old.code, old.modifier, old.credential, old.place, old.plan_id, old.practice_id) == (
            rate.code, rate.modifier, rate.credential, rate.place, rate.plan_id, rate.practice_id,
        )  # fmt: skip
        if same and old.starts < rate.starts and (old.ends is None or old.ends >= rate.starts):
            old = msgspec.structs.replace(old, ends=_day_before(rate.starts))
        rates.append(old)
    return check_contract(msgspec.structs.replace(contract, rates=(*rates, rate)))


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def contract_for(contracts: Iterable[Contract], payer_id: str, practice_id: str = "") -> Contract | None:
    """The contract of a payer: the practice's own before the agency's."""
    held = [one for one in contracts if one.payer_id == payer_id and one.practice_id in ("", practice_id)]
    held.sort(key=lambda one: (not one.practice_id, one.id))
    return held[0] if held else None
