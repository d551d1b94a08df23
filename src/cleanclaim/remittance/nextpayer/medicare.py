"""What Medicare owes as the second payer: the lowest of three, then sequestration.

Source:
    42 CFR 411.33 (a) and (e); transactions.md 5.3.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from cleanclaim.claim import ServiceLine
from cleanclaim.money import Money, apply_rate, dollars
from cleanclaim.pricing.contracts import sequestration_percent

USUAL_RATE = Decimal("0.80")


class SecondaryAmount(msgspec.Struct, frozen=True):
    """What Medicare pays second, and the most that the patient may be asked. Whole cents."""

    medicare_pays_cents: Money
    """After sequestration."""
    sequestration_cents: Money
    patient_at_most_cents: Money
    steps: tuple[str, ...]


class PriorAmount(msgspec.Struct, frozen=True):
    """What one earlier payer made of a line, as the claim carries it. Whole cents."""

    payer_id: str
    allowed_cents: int
    """Paid, and what it leaves to the patient: 2430 has no word of its own for it."""
    paid_cents: int
    patient_cents: int


def amounts_before(line: ServiceLine) -> tuple[PriorAmount, ...]:
    """What the payers before made of a line, in their order (loop 2430)."""
    found = []
    for one in line.other_payers:
        share = sum(item.amount_cents for item in one.adjustments if item.group == "PR")
        found.append(PriorAmount(one.payer_id, one.paid_cents + share, one.paid_cents, share))
    return tuple(found)


def most_second_cents(line: ServiceLine) -> int:
    """The most that a line can bring from Medicare second: what we may accept less what was paid."""
    base = line.charge_cents if line.obligated_cents is None else min(line.charge_cents, line.obligated_cents)
    return max(0, base - sum(one.paid_cents for one in line.other_payers))


def medicare_secondary_amount(
    *,
    charge_cents: int,
    primary_allowed_cents: int,
    primary_paid_cents: int,
    medicare_allowed_cents: int,
    on: date,
    deductible_left_cents: int = 0,
    obligated_to_accept_cents: int | None = None,
    rate: Decimal = USUAL_RATE,
) -> SecondaryAmount:
    """The amount for one line, when a group plan (or other payer) has paid first.

    Args:
        deductible_left_cents: What is left of the Part B deductible before this line.
        obligated_to_accept_cents: What we must take as full payment from the first payer (CN1*09); None:
            none.
        rate: Medicare's share after the deductible.

    Returns:
        Lowest of (1) charge, or the amount we are obliged to accept, less the primary's payment; (2) what
        Medicare would pay alone; (3) the higher of both allowed amounts less the primary's payment. Never
        below zero. Then sequestration by date of service.

    Examples:
        The regulation's own: charge 175, primary allowed 150 and paid 120, Medicare 125, deductible met.

        >>> found = medicare_secondary_amount(charge_cents=17500, primary_allowed_cents=15000,
        ...     primary_paid_cents=12000, medicare_allowed_cents=12500, on=date(2021, 6, 1))
        >>> found.medicare_pays_cents, found.steps[-1]
        (3000, 'lowest of 55.00, 100.00 and 30.00 is 30.00')
    """
    base = charge_cents if obligated_to_accept_cents is None else min(charge_cents, obligated_to_accept_cents)
    first = max(0, base - primary_paid_cents)
    alone = apply_rate(max(0, medicare_allowed_cents - deductible_left_cents), rate)
    third = max(0, max(medicare_allowed_cents, primary_allowed_cents) - primary_paid_cents)
    lowest = min(first, alone, third)
    steps = [f"lowest of {dollars(first)}, {dollars(alone)} and {dollars(third)} is {dollars(lowest)}"]
    percent = sequestration_percent(on)
    taken = apply_rate(lowest, percent / 100)
    if taken:
        steps.append(f"sequestration of {percent} percent: {dollars(taken)}")
    # Once the first payer has paid what Medicare allows, nothing may be asked of the patient.
    open_cents = max(0, medicare_allowed_cents - primary_paid_cents - lowest)
    contract_left = max(0, min(base, primary_allowed_cents) - primary_paid_cents - lowest)
    return SecondaryAmount(Money(lowest - taken), taken, Money(min(open_cents, contract_left)), tuple(steps))
