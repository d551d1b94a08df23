"""A paid line, what was due for it, and the name of the difference."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from cleanclaim.claim import Adjustment


class Kind(StrEnum):
    """Why a payer paid less than the contract says. `UNNAMED` when nothing we know explains the amount."""

    OLD_SCHEDULE = "old_schedule"
    ESCALATOR_MISSED = "escalator_missed"
    WRONG_LEVEL = "wrong_level"
    LEVEL_PERCENT_TWICE = "level_percent_twice"
    LEVEL_PERCENT_NOT_AGREED = "level_percent_not_agreed"
    MODIFIER_IGNORED = "modifier_ignored"
    TELEHEALTH_PARITY = "telehealth_parity"
    WRONG_PLACE = "wrong_place"
    WRONG_PLAN = "wrong_plan"
    GENERAL_RATE = "general_rate"
    """A rate for codes in general, in place of the code's own."""
    MEDICARE_PERCENT = "medicare_percent"
    """Medicare's amount without the contract's percentage."""
    WRONG_LOCALITY = "wrong_locality"
    MPPR_NOT_AGREED = "mppr_not_agreed"
    UNITS_CUT = "units_cut"
    UNITS_NOT_MULTIPLIED = "units_not_multiplied"
    DOWNCODED = "downcoded"
    BUNDLED = "bundled"
    PER_DIEM_AS_VISIT = "per_diem_as_visit"
    ROUNDED_DOWN = "rounded_down"
    SEQUESTRATION_NOT_AGREED = "sequestration_not_agreed"
    SEQUESTRATION_BASE = "sequestration_base"
    """Two percent of the allowed amount in place of the payment."""
    WITHHOLD_NOT_AGREED = "withhold_not_agreed"
    UNEXPLAINED_REDUCTION = "unexplained_reduction"
    """Allowed is right; less was paid than allowed less what the payer itself gives as reasons."""
    INTEREST_MISSING = "interest_missing"
    UNNAMED = "unnamed"


LABELS = {
    Kind.OLD_SCHEDULE: "an older rate was used",
    Kind.ESCALATOR_MISSED: "the agreed rise was not applied",
    Kind.WRONG_LEVEL: "the rate of another licence level was used",
    Kind.LEVEL_PERCENT_TWICE: "the licence percentage was applied twice",
    Kind.LEVEL_PERCENT_NOT_AGREED: "a licence percentage was applied that the contract does not have",
    Kind.MODIFIER_IGNORED: "the modifier's rate was not applied",
    Kind.TELEHEALTH_PARITY: "telehealth was paid below the in-person rate",
    Kind.WRONG_PLACE: "the rate of another place of service was used",
    Kind.WRONG_PLAN: "the rate of another plan was used",
    Kind.GENERAL_RATE: "a general rate was used in place of the code's own",
    Kind.MEDICARE_PERCENT: "Medicare's amount was paid without the contract's percentage",
    Kind.WRONG_LOCALITY: "Medicare's amount of another locality was used",
    Kind.MPPR_NOT_AGREED: "a reduction for several services was applied that the contract does not have",
    Kind.UNITS_CUT: "fewer units were paid than billed",
    Kind.UNITS_NOT_MULTIPLIED: "one unit's rate was paid for several units",
    Kind.DOWNCODED: "another code was paid than billed",
    Kind.BUNDLED: "the line was bundled although the contract pays for it",
    Kind.PER_DIEM_AS_VISIT: "a single visit's rate was paid in place of the per diem",
    Kind.ROUNDED_DOWN: "cents were cut off",
    Kind.SEQUESTRATION_NOT_AGREED: "sequestration was taken, which the contract does not have",
    Kind.SEQUESTRATION_BASE: "sequestration was taken from the allowed amount in place of the payment",
    Kind.WITHHOLD_NOT_AGREED: "a withhold was taken beyond what was agreed",
    Kind.UNEXPLAINED_REDUCTION: "the payment is below what the payer itself allowed, without a reason",
    Kind.INTEREST_MISSING: "interest for a late payment was not paid",
    Kind.UNNAMED: "the amount agrees with no rate known",
}


class PaidLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One service line and the payer's final answer to it (reversals and corrections netted). Whole cents."""

    key: str
    """Stable for the service: recovery is recognised by it."""
    payer_id: str
    claim_number: str
    code: str
    on: date
    charge_cents: int
    paid_cents: int
    allowed_cents: int | None = None
    """AMT*B6 where sent; else worked out by `allowed_of`."""
    units: int = 1
    modifiers: tuple[str, ...] = ()
    place: str = "11"
    credential: str = ""
    plan_id: str = ""
    practice_id: str = ""
    adjudicated_code: str = ""
    units_paid: int | None = None
    adjustments: tuple[Adjustment, ...] = ()
    received_on: date | None = None
    """DTM*050: the payer had the claim."""
    paid_on: date | None = None
    interest_cents: int = 0
    interest_due_cents: int | None = None
    """What law says for the late payment (the rule book's); None: the contract's interest is worked out."""
    payer_control_number: str = ""
    day_key: str = ""
    """Lines of one patient's day share it, for per diems and reductions; empty: the line stands alone."""
    is_secondary: bool = False
    """Another payer paid before: the payment is not the contract's alone, so only the allowed is compared."""


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line compared with the contract.

    `short_cents` is what is missing in money: positive underpaid, negative overpaid, 0 as agreed. `kind`
    and `also` name readings of the difference, the likeliest first; `''` where there is none.
    """

    line: PaidLine
    status: str
    """agreed, underpaid, overpaid, denied, unknown (no rate), included (per diem of another line)."""
    expected_allowed_cents: int | None = None
    expected_paid_cents: int | None = None
    allowed_cents: int | None = None
    short_cents: int = 0
    kind: Kind | None = None
    also: tuple[Kind, ...] = ()
    why: str = ""
    rate_id: str = ""
    source: str = ""
    steps: tuple[str, ...] = ()
