"""Rates learnt from remittances: proposed with their evidence, used only once a person has confirmed them.

A payer that allows the same amount for the same kind of line, again and again, below the charge, has a
rate. The first day on which it did so is where the rate starts; when the amount changes for good, the next
rate starts.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from cleanclaim.pricing.contracts.records import Contract, Question, Rate, RateKind
from cleanclaim.pricing.contracts.selecting import select, with_rate

SEEN_MIN = 3
"""Lines of one amount before it is called a rate."""

AGREEING_MIN_PERCENT = 80


class Observation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One paid line. `allowed_cents` for all units."""

    payer_id: str
    code: str
    on: date
    allowed_cents: int
    charge_cents: int
    units: int = 1
    modifiers: tuple[str, ...] = ()
    place: str = ""
    credential: str = ""
    plan_id: str = ""


class Proposal(msgspec.Struct, frozen=True):
    """A rate that remittances show. Not in force: see `confirm`."""

    rate: Rate
    seen: int
    agreeing: int
    last_on: date
    others: tuple[tuple[int, int], ...]
    """Other amounts for one unit in the same time, with how often."""
    known_rate_id: str = ""
    """The contract's rate for such a line, when it says something else."""
    known_cents: int | None = None

    @property
    def why(self) -> str:
        """The evidence in a sentence."""
        first, last = self.rate.starts.isoformat(), self.last_on.isoformat()
        return f"{self.agreeing} of {self.seen} lines, {first} to {last}"


PLAIN_MIN_PERCENT = 95
_PARTS = ("credential", "modifiers", "place", "plan_id")


def plainest(observations: Iterable[Observation]) -> list[Observation]:
    """The lines without what makes no difference to the payer, so that one rate is learnt and not twenty.

    For each code the fewest of level, modifier, place and plan are kept by which almost all lines agree
    (95 of 100) with the usual amount of their month and kind. Where nothing helps, all are kept.
    """
    by_code: dict[tuple[str, str], list[Observation]] = {}
    for one in observations:
        by_code.setdefault((one.payer_id, one.code), []).append(one)
    found: list[Observation] = []
    for _, lines in sorted(by_code.items()):
        kept = next(
            (
                parts
                for size in range(len(_PARTS))
                for parts in itertools.combinations(_PARTS, size)
                if _agree(lines, parts)
            ),
            _PARTS,
        )
        found += [_only(one, kept) for one in lines]
    return found


def _only(one: Observation, parts: Sequence[str]) -> Observation:
    empty = {name: () if name == "modifiers" else "" for name in _PARTS if name not in parts}
    return msgspec.structs.replace(one, **empty)


def _agree(lines: Sequence[Observation], parts: Sequence[str]) -> bool:
    groups: dict[tuple[object, ...], list[int]] = {}
    usable = [one for one in lines if 0 < one.allowed_cents < one.charge_cents and one.units > 0]
    for one in usable:
        key = (one.on.year, one.on.month, *(getattr(one, name) for name in parts))
        groups.setdefault(key, []).append(one.allowed_cents // one.units)
    agreeing = sum(max(amounts.count(cents) for cents in set(amounts)) for amounts in groups.values())
    # A group of one line agrees with itself and proves nothing: such a division is no help.
    return not usable or (
        100 * agreeing >= PLAIN_MIN_PERCENT * len(usable) and (not parts or len(usable) >= 2 * len(groups))
    )


def learn_rates(observations: Iterable[Observation], contract: Contract | None = None) -> list[Proposal]:
    """Rates that the lines show and the contract does not hold.

    Lines allowed at their charge say nothing (the lesser of the two was paid), nor do amounts that do not
    divide by the units.

    Returns:
        By code, level, plan and start. Kinds of line are told apart by code, first modifier, level, place
        and plan.
    """
    groups: dict[tuple[str, ...], list[tuple[date, int]]] = {}
    for one in observations:
        usable = 0 < one.allowed_cents < one.charge_cents and one.units > 0
        if not usable or one.allowed_cents % one.units:
            continue
        modifier = one.modifiers[0] if one.modifiers else ""
        key: tuple[str, ...] = (one.payer_id, one.code, modifier, one.credential, one.place, one.plan_id)
        groups.setdefault(key, []).append((one.on, one.allowed_cents // one.units))
    found: list[Proposal] = []
    for key in sorted(groups):
        for proposal in _of_group(key, sorted(groups[key])):
            known = _known(contract, key, proposal)
            if known is not None:
                found.append(known)
    return found


def _of_group(key: tuple[str, ...], lines: Sequence[tuple[date, int]]) -> list[Proposal]:
    """Runs of one amount, divided where the usual amount changes."""
    payer, code, modifier, credential, place, plan = key
    found = []
    for start, end, cents in _runs(lines):
        part = lines[start:end]
        agreeing = [day for day, amount in part if amount == cents]
        others: dict[int, int] = {}
        for _, amount in part:
            if amount != cents:
                others[amount] = others.get(amount, 0) + 1
        if len(agreeing) < SEEN_MIN or 100 * len(agreeing) < AGREEING_MIN_PERCENT * len(part):
            continue
        first = agreeing[0]
        name = "-".join(
            filter(None, ("learnt", payer, code, modifier, credential, place, plan, first.isoformat()))
        )
        rate = Rate(
            name, RateKind.FIXED, first, None, cents, code=code, modifier=modifier, credential=credential,
            place=place, plan_id=plan, is_confirmed=False,
            source=f"learnt from {len(agreeing)} remittance lines",
        )  # fmt: skip
        found.append(Proposal(rate, len(part), len(agreeing), agreeing[-1], tuple(sorted(others.items()))))
    return found


def _runs(lines: Sequence[tuple[date, int]]) -> list[tuple[int, int, int]]:
    """(From, to, usual amount). A run begins where the next SEEN_MIN lines agree on another amount."""
    runs: list[tuple[int, int, int]] = []
    start = 0
    current = _usual(lines[:SEEN_MIN])
    for place in range(len(lines)):
        ahead = [amount for _, amount in lines[place : place + SEEN_MIN]]
        if len(ahead) == SEEN_MIN and len(set(ahead)) == 1 and ahead[0] != current:
            if place > start:
                runs.append((start, place, current))
            start, current = place, ahead[0]
    runs.append((start, len(lines), current))
    return runs


def _usual(lines: Sequence[tuple[date, int]]) -> int:
    amounts = [amount for _, amount in lines]
    return max(sorted(set(amounts)), key=amounts.count)


def _known(contract: Contract | None, key: tuple[str, ...], proposal: Proposal) -> Proposal | None:
    """None when the contract says the same already."""
    if contract is None:
        return proposal
    payer, code, modifier, credential, place, plan = key
    question = Question(
        payer,
        code,
        proposal.last_on,
        None,
        (modifier,) if modifier else (),
        place or "11",
        credential,
        1,
        plan,
    )
    rate, _ = select(contract, question)
    if rate is None:
        return proposal
    from cleanclaim.pricing.contracts.pricing import price_line

    price = price_line(contract, question)
    if price.allowed_cents == proposal.rate.amount_cents:
        return None
    return msgspec.structs.replace(proposal, known_rate_id=rate.id, known_cents=price.allowed_cents)


def confirm(contract: Contract, proposal: Proposal, *, by: str, on: date) -> Contract:
    """Put a proposed rate in force; an open rate for the same kind of line ends the day before.

    Args:
        by: The person who confirms; stands in the rate's source.

    Raises:
        ContractInvalid: The rate contradicts another of the contract.
    """
    source = f"{proposal.rate.source} ({proposal.why}), confirmed by {by} on {on.isoformat()}"
    return with_rate(contract, msgspec.structs.replace(proposal.rate, is_confirmed=True, source=source))
