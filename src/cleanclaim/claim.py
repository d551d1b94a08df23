"""The claim as a value: everything an 837P or, for programmes billed by the day, an 837I needs, frozen.

The server builds one `Claim` from its records, keeps it for ever as the frozen copy of what was
sent, and hands the same value to the edits and to the X12 writer. Reading an 837P gives the same
value back. Amounts are whole cents; dates are calendar dates; codes are text.

X12 homes are those of 005010X222A1 (837P); `Bill` says those of 005010X223A2 (837I).

The garbage collector does not watch these values (`gc=False`): they are frozen and hold no cycles, and a year
of claims is a million of them.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from cleanclaim.claim_particulars import OutpatientAmounts, Particulars


class PayerKind(StrEnum):
    """The kinds of payer that rules distinguish."""

    MEDICARE = "medicare"
    MEDICAID = "medicaid"
    COMMERCIAL = "commercial"
    TRICARE = "tricare"
    SELF_PAY = "self_pay"


class Frequency(StrEnum):
    """CLM05-3."""

    ORIGINAL = "1"
    REPLACEMENT = "7"
    VOID = "8"


class Address(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """N3 and N4. `postal_code` is 5 or 9 digits; billing provider and facility need 9."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""


class Organization(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A billing provider (2010AA), pay-to address (2010AB) or service facility (2310C)."""

    name: str
    npi: str = ""
    tax_id: str = ""
    tax_id_kind: str = "EI"
    """EI employer number, SY social security number."""
    taxonomy: str = ""
    address: Address = Address()
    contact_name: str = ""
    contact_phone: str = ""
    is_person: bool = False
    first_name: str = ""


class Person(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A patient or subscriber. `sex` is F, M or U (DMG03)."""

    last_name: str
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    birth_date: date | None = None
    sex: str = "U"
    address: Address = Address()


class Clinician(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A rendering (2310B), supervising (2310D) or referring (2310A) provider."""

    last_name: str
    first_name: str = ""
    npi: str = ""
    taxonomy: str = ""
    credential: str = ""
    """Licence level in the vocabulary of the coding engine: PhD, LCSW, LPC-associate, …"""


class PayerParty(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A payer as the claim names it (2010BB, 2330B)."""

    name: str
    payer_id: str
    kind: PayerKind = PayerKind.COMMERCIAL
    claim_filing_code: str = "CI"
    """SBR09: MB Medicare Part B, MC Medicaid, CI commercial, BL Blue, 16 Medicare Advantage, …"""
    plan_state: str = ""
    address: Address = Address()


class Adjustment(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One CAS triple, amount in cents with the payer's sign."""

    group: str
    reason: str
    amount_cents: int
    quantity: str = ""


class OtherPayerLine(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What an earlier payer said of one service line (loop 2430)."""

    payer_id: str
    paid_cents: int
    code: str
    """'' where a facility's line was answered under its revenue code alone."""
    modifiers: tuple[str, ...] = ()
    units: str = "1"
    adjustments: tuple[Adjustment, ...] = ()
    adjudicated_on: date | None = None


class OtherPayer(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Another coverage of the patient on this claim (loops 2320, 2330A, 2330B).

    For a payer that has already answered, the payer's own words: `paid_cents`, claim-level
    `adjustments`, `payer_control_number`. For one that has not, `paid_cents` is None.
    """

    payer: PayerParty
    sequence: str
    """SBR01: P, S, T."""
    subscriber: Person
    member_id: str
    group_number: str = ""
    relationship: str = "18"
    paid_cents: int | None = None
    remaining_patient_cents: int | None = None
    """AMT*EAF, remaining patient liability."""
    adjustments: tuple[Adjustment, ...] = ()
    payer_control_number: str = ""
    adjudicated_on: date | None = None
    remark_codes: tuple[str, ...] = ()
    """MOA remark codes."""
    outpatient: OutpatientAmounts | None = None
    """The amounts of the MOA, when any was sent."""


class ServiceLine(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One service line (loop 2400)."""

    number: int
    """LX01, from 1."""
    control_number: str
    """REF*6R: unique inside the claim, and here inside the agency."""
    code: str
    date_of_service: date
    charge_cents: int
    units: str = "1"
    modifiers: tuple[str, ...] = ()
    diagnosis_pointers: tuple[int, ...] = (1,)
    place_of_service: str = ""
    """Only when it differs from the claim's."""
    date_of_service_end: date | None = None
    note: str = ""
    """NTE*ADD on the line: our own words for an unlisted code; never clinical text."""
    rendering: Clinician | None = None
    """Only when it differs from the claim's."""
    supervising: Clinician | None = None
    other_payers: tuple[OtherPayerLine, ...] = ()
    obligated_cents: int | None = None
    """CN1*09: what the contract with the payer before obliges us to accept as full payment; Medicare asks.
    An 837I says it once for all lines, as value code 44."""
    session_minutes: int | None = None
    """Not sent. What the coding engine counted; edits compare it with the code."""
    revenue_code: str = ""
    """SV201, four digits: 0905, 0912, …; institutional claims only."""
    particulars: Particulars | None = None
    """Contract, repricing, ride and conditions of the line. A contract of kind 09 is `obligated_cents`."""


class Bill(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What an institutional claim (837I, UB-04) says and a professional one does not.

    X12 homes are those of 005010X223A2; form locators (FL) those of the UB-04.
    """

    facility: str
    """CLM05-1: the first two digits of the type of bill after its leading zero: 13, 76, 85, …"""
    statement_from: date
    """DTP*434, FL 6."""
    statement_to: date
    cycle: str = "1"
    """CLM05-3 of an original: 1 admission through discharge, 2 first, 3 continuing, 4 last of several."""
    attending: Clinician | None = None
    """2310A, FL 76: who has charge of the patient's care."""
    admitted_on: date | None = None
    """DTP*435, FL 12: start of care."""
    admitted_clock: str = ""
    """hhmm; sent only with `admitted_on`."""
    discharge_clock: str = ""
    """DTP*096, hhmm, FL 16."""
    admission_type: str = ""
    """CL101, FL 14: 1 emergency, 2 urgent, 3 elective, 9 unknown."""
    admission_source: str = ""
    """CL102, FL 15."""
    patient_status: str = ""
    """CL103, FL 17: 01 home, 30 still a patient, 65 psychiatric hospital, …"""
    admitting_diagnosis: str = ""
    """ICD-10-CM with the point, FL 69; empty when not said."""
    conditions: tuple[str, ...] = ()
    """FL 18-28: 41 partial hospitalization, 92 intensive outpatient, …"""
    occurrences: tuple[tuple[str, date], ...] = ()
    """FL 31-34."""
    values: tuple[tuple[str, int], ...] = ()
    """FL 39-41, amounts in cents."""
    program: str = ""
    """Ours, not sent: the programme's service word, such as ``psychiatric IOP day``."""


class Claim(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One professional claim (837P), or with `bill` one institutional claim (837I).

    An institutional claim has no place of service, no rendering clinician and no diagnosis pointers; its
    lines carry revenue codes.

    Money invariant: `total_charge_cents` equals the sum of the lines' charges; the writer refuses
    anything else.
    """

    claim_number: str
    """CLM01: at most 17 characters, A-Z and 0-9, unique in the agency for ever."""
    billing_provider: Organization
    payer: PayerParty
    subscriber: Person
    member_id: str
    patient: Person
    """Equal to `subscriber` when `relationship` is 18 (self)."""
    lines: tuple[ServiceLine, ...]
    diagnoses: tuple[str, ...]
    """ICD-10-CM with the point, first-listed first, at most 12."""
    place_of_service: str
    total_charge_cents: int
    sequence: str = "P"
    """SBR01: P, S, T: this payer's place in the order of benefits."""
    relationship: str = "18"
    """Patient's relationship to the subscriber: 18 self, 01 spouse, 19 child, G8 other, …"""
    group_number: str = ""
    group_name: str = ""
    insurance_type: str = ""
    """SBR05, Medicare secondary reason (12, 13, …) when Medicare follows another payer."""
    frequency: Frequency = Frequency.ORIGINAL
    payer_control_number: str = ""
    """REF*F8: the payer's number of the claim replaced or voided."""
    rendering: Clinician | None = None
    """None when the billing provider (a person) rendered the service."""
    supervising: Clinician | None = None
    referring: Clinician | None = None
    service_facility: Organization | None = None
    """Only when it differs from the billing provider's address."""
    pay_to: Address | None = None
    authorization_number: str = ""
    referral_number: str = ""
    provider_signature: str = "Y"
    accept_assignment: str = "A"
    benefits_assigned: str = "Y"
    release_of_information: str = "Y"
    patient_paid_cents: int = 0
    note: str = ""
    other_payers: tuple[OtherPayer, ...] = ()
    practice_id: str = ""
    """Ours, not sent: joins the claim to frames of history, coverage and authorization."""
    patient_id: str = ""
    encounter_id: str = ""
    state: str = ""
    """State whose rules govern: where the patient sat, or the practice's for in-person."""
    modality: str = ""
    """in_person, video, audio: not sent, read by edits."""
    signed_note: bool = True
    part2: bool = False
    """Of a 42 CFR Part 2 programme: not sent, read by edits; disclosure to the payer needs a consent."""
    plan_id: str = ""
    bill: Bill | None = None
    """Set on institutional claims only."""
    particulars: Particulars | None = None
    """Contract, repricing, ride, spinal treatment and conditions of the claim."""

    @property
    def bill_type(self) -> str:
        """The type of bill as people write it: 0131, 0137 for a replacement; '' on a professional claim."""
        if self.bill is None:
            return ""
        last = self.bill.cycle if self.frequency is Frequency.ORIGINAL else self.frequency.value
        return f"0{self.bill.facility}{last}"


_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER = msgspec.json.Decoder(Claim)


def encode_claim(claim: Claim) -> bytes:
    """The claim as canonical JSON: equal claims give equal bytes."""
    return _ENCODER.encode(claim)


def decode_claim(data: bytes) -> Claim:
    """The reverse of `encode_claim`.

    Raises:
        msgspec.ValidationError: The bytes are not a claim.
    """
    return _DECODER.decode(data)
