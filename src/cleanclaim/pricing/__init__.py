"""Prices: what the practice charges, and what a payer is expected to allow.

Both refuse or say "unknown" rather than take a neighbouring code's or date's amount.
"""

from cleanclaim.pricing.charge_master import ChargeMaster, ChargeRow, PriceNotSet
from cleanclaim.pricing.fee_schedule import FeeRow, FeeSchedule
from cleanclaim.pricing.medicare import MedicarePrice, PriceNotLoaded, medicare_price, national_price

__all__ = [
    "ChargeMaster",
    "ChargeRow",
    "FeeRow",
    "FeeSchedule",
    "MedicarePrice",
    "PriceNotLoaded",
    "PriceNotSet",
    "medicare_price",
    "national_price",
]
