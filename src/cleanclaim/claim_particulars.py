"""What few mental-health claims say, and what other payers say of whole claims, as values.

Contracts (CN1), repricing (HCP), ambulance (CR1), spinal manipulation (CR2) and conditions (CRC) of a claim
or a line, and the amounts of another payer's claim-level answer (MIA, MOA) that stand beside remark codes.
Amounts are whole cents; what was not said is None or empty, never zero.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec


class Contract(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """CN1: under which contract with the payer the claim or line is sent."""

    kind: str
    """01 DRG, 02 per diem, 03 variable per diem, 04 flat, 05 capitated, 06 percent, 09 other."""
    amount_cents: int | None = None
    percent: Decimal | None = None
    code: str = ""
    discount_percent: Decimal | None = None
    version: str = ""


class Repricing(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """HCP: what a network or repricer made of the price before the payer saw the claim."""

    method: str
    """00 to 14: 00 no price made, 01 as billed, 02 fee schedule, 10 other contract, …"""
    allowed_cents: int | None = None
    saving_cents: int | None = None
    organization: str = ""
    """The repricer's identifier."""
    rate: Decimal | None = None
    """Per diem or flat rate."""
    group_code: str = ""
    """Approved DRG, or ambulatory patient group."""
    group_amount_cents: int | None = None
    revenue_code: str = ""
    """Institutional claims only."""
    qualifier: str = ""
    """Of `code`: HC, ER, IV, WK; of lines."""
    code: str = ""
    unit: str = ""
    quantity: Decimal | None = None
    reject_reason: str = ""
    """T1 to T6."""
    compliance: str = ""
    exception: str = ""


class Ambulance(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """CR1: a ride."""

    reason: str
    miles: Decimal | None = None
    weight: Decimal | None = None
    """Pounds."""
    round_trip: str = ""
    """Why it went there and back."""
    stretcher: str = ""
    """Why a stretcher was used."""
    weight_unit: str = ""
    """LB, beside a weight."""
    distance_unit: str = "DH"


class SpinalTreatment(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """CR2: spinal manipulation."""

    condition: str
    """A acute, C chronic, D not acute, E no threat to life, F routine, G symptomatic, M acute on chronic."""
    text: str = ""
    more_text: str = ""


class Condition(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """CRC: conditions that a sender says hold or do not hold."""

    category: str
    """ZZ child health screening (EPSDT), 07 ambulance, 75 homebound, E1 to E3 vision; 70, 09 of lines."""
    holds: str
    """Y or N."""
    codes: tuple[str, ...] = ()
    """One to five; of EPSDT: AV refused, NU no referral, S2 in treatment, ST new referral."""


class Particulars(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """All of these of one claim or one service line."""

    contract: Contract | None = None
    repricing: Repricing | None = None
    ambulance: Ambulance | None = None
    spinal: SpinalTreatment | None = None
    """Of claims only."""
    conditions: tuple[Condition, ...] = ()


class OutpatientAmounts(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The amounts of a MOA."""

    rate: Decimal | None = None
    """Reimbursement rate, as a fraction."""
    hcpcs_payable_cents: int | None = None
    esrd_cents: int | None = None
    professional_component_cents: int | None = None
    """Billed, and not payable."""


class InpatientAmounts(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The counts and amounts of a MIA: how Medicare priced a stay."""

    covered_days: Decimal | None = None
    """Covered days or visits."""
    operating_outlier_cents: int | None = None
    psychiatric_days: Decimal | None = None
    """Of the lifetime days in a psychiatric hospital."""
    drg_cents: int | None = None
    disproportionate_share_cents: int | None = None
    secondary_pass_through_cents: int | None = None
    capital_cents: int | None = None
    capital_federal_cents: int | None = None
    capital_hospital_cents: int | None = None
    capital_share_cents: int | None = None
    old_capital_cents: int | None = None
    capital_teaching_cents: int | None = None
    operating_hospital_cents: int | None = None
    cost_report_days: Decimal | None = None
    operating_federal_cents: int | None = None
    capital_outlier_cents: int | None = None
    teaching_cents: int | None = None
    professional_component_cents: int | None = None
    """Billed, and not payable."""
    capital_exception_cents: int | None = None


class OutpatientAnswer(OutpatientAmounts, frozen=True, omit_defaults=True, gc=False):
    """A MOA: the amounts with at most five remark codes."""

    remarks: tuple[str, ...] = ()


class InpatientAnswer(InpatientAmounts, frozen=True, omit_defaults=True, gc=False):
    """A MIA: the amounts with at most five remark codes."""

    remarks: tuple[str, ...] = ()
