"""What a payer owes for paying late, exact to the cent.

Interest is simple: amount x annual rate x days late / days of the year, rounded half up once, at the
end. Days late are the days after the last day to pay, up to and including the day of payment, which is
how "from day 31" and "from the 30th day" both come out. Tiers are a penalty on what the payer saved:
billed charges less the contracted rate.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from cleanclaim.money import Money, dollars
from cleanclaim.rules.model import Remedy, Tier


class Owed(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is owed beside the claim itself.

    Attributes:
        amount_cents: Interest or penalty, with the interest on a penalty; whole cents.
        penalty_cents: The part that is a penalty.
        days_late: Zero when paid in time.
        enforceable: The remedy was read in its source.
        due_by: Last day for paying the interest itself, when the rule says one.
        steps: The sum in words, in order.
    """

    amount_cents: Money
    days_late: int
    kind: str
    enforceable: bool
    steps: tuple[str, ...]
    penalty_cents: int = 0
    due_by: date | None = None


class RemedyNotComputable(ValueError):
    """The rule knows no sum: an order, a contract, an aggregate test, or a rate that nobody read."""


def late_payment(
    remedy: Remedy,
    *,
    amount_cents: int,
    due: date,
    paid_on: date,
    billed_cents: int | None = None,
) -> Owed:
    """What a payer owes for a payment made after its last day.

    Args:
        remedy: From the deadline that passed.
        amount_cents: What was due: the contracted or allowed amount paid late, whole cents.
        due: The last day to pay.
        paid_on: The day it was paid, or today for what is owed so far.
        billed_cents: The claim's charge; tiered penalties need it.

    Raises:
        RemedyNotComputable: The remedy is not a sum.
        ValueError: A negative amount, or a tiered penalty without the charge.

    Examples:
        >>> late_payment(Remedy("interest", "12"), amount_cents=10000, due=date(2026, 4, 1),
        ...              paid_on=date(2026, 5, 1)).amount_cents
        99
    """
    if amount_cents < 0:
        raise ValueError("an amount owed is never negative")
    if remedy.kind not in ("interest", "tiered_penalty"):
        raise RemedyNotComputable(
            f"no sum follows from the remedy {remedy.kind.replace('_', ' ')}: {remedy.note or 'see the rule'}"
        )
    days = max((paid_on - due).days, 0)
    first = f"Due {due.isoformat()}, paid {paid_on.isoformat()}: {days} days late."
    if not days:
        return Owed(Money(0), 0, remedy.kind, remedy.confidence == "seen", (first,))
    if remedy.kind == "interest":
        return _interest(remedy, amount_cents, days, paid_on, first)
    if billed_cents is None:
        raise ValueError("a tiered penalty is computed from billed charges: give billed_cents")
    return _tiered(remedy, amount_cents, billed_cents, days, first)


def _interest(remedy: Remedy, amount: int, days: int, paid_on: date, first: str) -> Owed:
    rate, confidence = remedy.rate_on(paid_on)
    if not rate:
        raise RemedyNotComputable(f"no rate was read for a payment on {paid_on.isoformat()}: {remedy.note}")
    owed = simple_interest(amount, rate, days, remedy.day_count)
    steps = [
        first,
        f"{dollars(amount)} at {rate} percent a year for {days} of {remedy.day_count} days "
        f"is {dollars(owed)}.",
    ]
    if owed < remedy.minimum_cents:
        steps.append(f"Less than {dollars(remedy.minimum_cents)} need not be paid.")
        owed = Money(0)
    due_by = None
    if remedy.payable_within_days is not None:
        due_by = date.fromordinal(paid_on.toordinal() + remedy.payable_within_days)
        steps.append(f"The interest itself is due by {due_by.isoformat()}.")
    return Owed(owed, days, "interest", confidence == "seen", _doubt(confidence, steps), due_by=due_by)


def _tiered(remedy: Remedy, amount: int, billed: int, days: int, first: str) -> Owed:
    tier = next(
        (one for one in remedy.tiers if one.from_day <= days and (one.to_day is None or days <= one.to_day)),
        None,
    )
    if tier is None:
        raise RemedyNotComputable(f"no tier covers {days} days late")
    base = max(billed - amount, 0)
    penalty = _penalty(tier, base)
    steps = [
        first,
        f"Billed {dollars(billed)} less contracted {dollars(amount)} is {dollars(base)}.",
        f"{tier.percent} percent of it"
        + (f", at most {dollars(tier.cap_cents)}," if tier.cap_cents is not None else "")
        + f" is {dollars(penalty)}.",
    ]
    interest = 0
    if tier.interest_pct:
        interest = simple_interest(penalty, tier.interest_pct, days, remedy.day_count)
        steps.append(
            f"Interest on the penalty at {tier.interest_pct} percent a year for {days} days is "
            f"{dollars(interest)}."
        )
    return Owed(
        Money(penalty + interest),
        days,
        "tiered_penalty",
        remedy.confidence == "seen",
        _doubt(remedy.confidence, steps),
        penalty_cents=penalty,
    )


def simple_interest(amount_cents: int, annual_rate_pct: str, days: int, day_count: int = 365) -> Money:
    """Simple interest in whole cents, rounded half up once.

    Examples:
        >>> simple_interest(13800, "9", 17)
        58
    """
    exact = Decimal(amount_cents) * Decimal(annual_rate_pct) * days / (100 * day_count)
    return Money(int(exact.to_integral_value(ROUND_HALF_UP)))


def _penalty(tier: Tier, base: int) -> int:
    share = int((Decimal(base) * Decimal(tier.percent) / 100).to_integral_value(ROUND_HALF_UP))
    return share if tier.cap_cents is None else min(share, tier.cap_cents)


def _doubt(confidence: str, steps: list[str]) -> tuple[str, ...]:
    if confidence != "seen":
        steps.append(f"The rate is {confidence}, not read in its source: ask, do not demand.")
    return tuple(steps)
