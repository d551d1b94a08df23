"""A payer contract as values: rates, what changes them, and the question that is put to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec


class RateKind(StrEnum):
    """How a rate becomes an amount."""

    FIXED = "fixed"
    """Cents for one unit."""
    MEDICARE = "medicare"
    """Percent of what Medicare allows for the line, at the contract's locality."""
    CHARGE = "charge"
    """Percent of the charge."""
    PER_DIEM = "per_diem"
    """Cents for a day, whatever was done on it; lines of the day that it covers are included."""
    CARVED_OUT = "carved_out"
    """Somebody else pays for this: nothing is due from this payer."""


class Rate(msgspec.Struct, frozen=True, omit_defaults=True):
    """One rate. Empty fields fit everything.

    `code` is one code, a range (``90832-90838``), a beginning (``H*``) or empty. A rate that is not confirmed
    (learnt, and nobody looked) is never used.
    """

    id: str
    kind: RateKind
    starts: date
    ends: date | None = None
    amount_cents: int = 0
    percent: Decimal = Decimal(0)
    code: str = ""
    modifier: str = ""
    credential: str = ""
    place: str = ""
    """Place of service, two digits."""
    plan_id: str = ""
    practice_id: str = ""
    covers: tuple[str, ...] = ()
    """Per diem: codes that are included in it, in the form of `code`. Empty covers every line of the day."""
    source: str = ""
    """Contract, exhibit, page; or how it was learnt and who confirmed it."""
    is_confirmed: bool = True


class Escalator(msgspec.Struct, frozen=True, omit_defaults=True):
    """Fixed and per-diem rates rise by a percentage on a day, and again every so many months.

    Each step is rounded to the cent, half up, and the next builds on it. A rate that starts on or after a
    step does not take that step.
    """

    first_on: date
    percent: Decimal
    every_months: int = 12
    last_on: date | None = None
    code: str = ""


class Contract(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one payer owes one agency or practice for services."""

    id: str
    payer_id: str
    rates: tuple[Rate, ...]
    escalators: tuple[Escalator, ...] = ()
    practice_id: str = ""
    is_lesser_of_charge: bool = True
    """The payer owes the lesser of rate and charge."""
    credential_percents: Mapping[str, Decimal] = {}
    """Licence level -> percent of a rate that names no level. Medicare's own shares need none of this."""
    telehealth_parity: bool = True
    """Telehealth (places 02 and 10) is paid as in person; else only rates that name the place fit it."""
    mppr_percent: Decimal | None = None
    """Percent for the second and further services of a day; None: no such reduction was agreed."""
    mppr_codes: tuple[str, ...] = ()
    """Codes it concerns, in the form of `Rate.code`."""
    withhold_percent: Decimal = Decimal(0)
    """Held back from each payment until the year's end."""
    sequestration: bool = False
    """The payer passes on Medicare's reduction (Medicare; Medicare Advantage only where agreed)."""
    mac: str = ""
    locality: str = ""
    """Medicare locality; empty takes the national amount."""
    medicare_as_of: date | None = None
    """The contract is bound to the fee schedule of a day; None follows the date of service."""
    interest_percent_a_year: Decimal = Decimal(0)
    clean_claim_days: int = 0
    """Interest runs from the day after; 0: none agreed or due."""


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """One service line, as far as prices care."""

    payer_id: str
    code: str
    on: date
    charge_cents: int | None = None
    modifiers: tuple[str, ...] = ()
    place: str = "11"
    credential: str = ""
    units: int = 1
    plan_id: str = ""
    practice_id: str = ""


class Considered(msgspec.Struct, frozen=True):
    """One rate that was looked at."""

    rate_id: str
    wins: bool
    why: str


class Price(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is due for a line, and which rate says so.

    `allowed_cents` is None when no rate answers, or a part of it is not loaded: unknown, never nothing.
    """

    allowed_cents: int | None
    rate_id: str = ""
    contract_id: str = ""
    unit_cents: int | None = None
    steps: tuple[str, ...] = ()
    considered: tuple[Considered, ...] = ()
    """The winner first."""
    is_included: bool = False
    """The line is part of a per diem that another line carries."""
    source: str = ""

    @property
    def is_known(self) -> bool:
        return self.allowed_cents is not None
