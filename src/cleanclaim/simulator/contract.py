"""What the simulated payers allow: the contract they apply."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cleanclaim.money import Money, apply_rate
from cleanclaim.simulator.mispaying import Agreement


class Rate(msgspec.Struct, frozen=True, omit_defaults=True):
    """The allowed amount of one code at one payer, for one unit, in cents."""

    payer_id: str
    code: str
    allowed_cents: int


class Contract(msgspec.Struct, frozen=True, omit_defaults=True):
    """Rates by payer and code. What has no rate is allowed at a share of its charge."""

    rates: tuple[Rate, ...] = ()
    share_of_charge: Decimal = Decimal("0.65")
    agreements: tuple[Agreement, ...] = ()
    """Of payers that agreed more than one amount a code; their `rates` are not looked at."""


class Prices:
    """A contract made ready for look-ups.

    Examples:
        >>> prices = Prices(Contract(rates=(Rate("DEMO1", "90837", 11500),)))
        >>> prices.allowed("DEMO1", "90837", 15000, "1"), prices.allowed("DEMO1", "90834", 12000, "1")
        (11500, 7800)
    """

    def __init__(self, contract: Contract) -> None:
        self._rates = {(rate.payer_id, rate.code): rate.allowed_cents for rate in contract.rates}
        self._share = contract.share_of_charge
        self.agreements = {one.payer_id: one for one in contract.agreements}

    def allowed(self, payer_id: str, code: str, charge_cents: int, units: str) -> Money:
        """The allowed amount of a line in cents: rate by units, never above the charge."""
        rate = self._rates.get((payer_id, code))
        if rate is None:
            amount = apply_rate(charge_cents, self._share)
        else:
            amount = Money(rate) if units == "1" else apply_rate(rate, Decimal(units))
        return Money(min(amount, charge_cents))
