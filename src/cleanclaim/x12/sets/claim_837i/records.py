"""Records of the institutional claim. Amounts are whole cents; absent amounts are None, never zero."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from cleanclaim.claim_particulars import (
    Condition,
    Contract,
    InpatientAnswer,
    OutpatientAnswer,
    Repricing,
)
from cleanclaim.x12.sets.parties import (
    Attachment,
    Diagnosis,
    Member,
    Party,
    RawSegment,
    Reference,
    Service,
)
from cleanclaim.x12.sets.records import Cas


class Procedure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A principal or other procedure (ICD-10-PCS)."""

    code: str
    qualifier: str = "BBR"
    """BBR principal, BBQ other; BR and BQ for ICD-9."""
    on: date | None = None


class Occurrence(msgspec.Struct, frozen=True):
    """An occurrence code with its day."""

    code: str
    on: date | None


class OccurrenceSpan(msgspec.Struct, frozen=True):
    """An occurrence span code with its first and last day."""

    code: str
    start: date | None
    end: date | None


class ValueCode(msgspec.Struct, frozen=True):
    """A value code with its amount (or quantity, which is written alike)."""

    code: str
    amount_cents: int | None


class Note(msgspec.Struct, frozen=True):
    """NTE: ADD for the bill; others such as DCP goals, UPI updated information."""

    kind: str
    text: str


class Coverage(msgspec.Struct, frozen=True, omit_defaults=True):
    """SBR: which payer this is in the order of benefits, and the group."""

    sequence: str
    """P primary, S secondary, T tertiary, A to H, U unknown."""
    relationship: str = ""
    """18 when the patient is the subscriber; of another coverage: the relationship of the patient to it."""
    group_number: str = ""
    group_name: str = ""
    filing_code: str = ""
    """SBR09: CI, MC, MA, BL, …"""


class LineAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """2430: what another payer decided about a line."""

    payer_id: str
    paid_cents: int | None = None
    service: Service | None = None
    revenue_code: str = ""
    quantity: Decimal | None = None
    bundled_into: int | None = None
    adjustments: tuple[Cas, ...] = ()
    adjudicated_on: date | None = None
    remaining_patient_cents: int | None = None
    """AMT*EAF."""
    position: int = 0


class InstitutionalLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """2400: one revenue line."""

    number: int | None = None
    """LX01."""
    revenue_code: str = ""
    """Four digits: 0905 intensive outpatient, 0912 and 0913 partial hospitalization, 0915 group, …"""
    service: Service | None = None
    """HCPCS or CPT with modifiers, when the bill type wants one."""
    charge_cents: int | None = None
    unit: str = ""
    """UN units, DA days."""
    quantity: Decimal | None = None
    noncovered_cents: int | None = None
    attachments: tuple[Attachment, ...] = ()
    service_from: date | None = None
    service_to: date | None = None
    """The last day; None for a single one."""
    line_control: str = ""
    """REF*6R: comes back in the 835."""
    repriced_number: str = ""
    adjusted_repriced_number: str = ""
    service_tax_cents: int | None = None
    facility_tax_cents: int | None = None
    note: str = ""
    """NTE*TPO."""
    repricing: Repricing | None = None
    """HCP."""
    drug: tuple[RawSegment, ...] = ()
    """2410 as it came: LIN, CTP, REF."""
    operating: Party | None = None
    other_operating: Party | None = None
    rendering: Party | None = None
    referring: Party | None = None
    answers: tuple[LineAnswer, ...] = ()
    position: int = 0


class OtherPayer(Party, frozen=True, omit_defaults=True):
    """2330B. REF*F8 among its references is its claim control number."""

    adjudicated_on: date | None = None
    """DTP*573, when the payer answered by claim and not by line."""


class OtherCoverage(msgspec.Struct, frozen=True, omit_defaults=True):
    """2320: another payer of the same patient, and what it decided."""

    coverage: Coverage | None = None
    adjustments: tuple[Cas, ...] = ()
    paid_cents: int | None = None
    """AMT*D."""
    remaining_patient_cents: int | None = None
    """AMT*EAF."""
    noncovered_cents: int | None = None
    """AMT*A8."""
    benefits_assigned: str = ""
    release_of_information: str = ""
    inpatient: InpatientAnswer | None = None
    """MIA."""
    outpatient: OutpatientAnswer | None = None
    """MOA."""
    subscriber: Member | None = None
    payer: OtherPayer | None = None
    providers: tuple[Party, ...] = ()
    """2330C to 2330I: its own numbers of our providers."""
    position: int = 0


class BillingProvider(Party, frozen=True, omit_defaults=True):
    """2000A and 2010AA."""

    tax_id: str = ""
    """REF*EI."""
    currency: str = ""


class InstitutionalClaim(msgspec.Struct, frozen=True, omit_defaults=True):
    """One claim: loop 2300 with what stands above it."""

    claim_number: str
    """CLM01."""
    total_charge_cents: int | None = None
    facility_code: str = ""
    """The first two digits of the type of bill, without the leading zero: 13, 76, 11, 86."""
    facility_qualifier: str = "A"
    frequency: str = ""
    """The last digit: 1 whole, 2 to 4 interim, 7 replacement, 8 void."""
    accept_assignment: str = ""
    benefits_assigned: str = ""
    release_of_information: str = ""
    delay_reason: str = ""

    billing_provider: BillingProvider = BillingProvider()
    pay_to: Party | None = None
    pay_to_plan: Party | None = None
    coverage: Coverage | None = None
    subscriber: Member | None = None
    payer: Party | None = None
    relationship: str = ""
    """PAT01 when the patient is not the subscriber."""
    patient: Member | None = None
    """None when the patient is the subscriber."""

    statement_from: date | None = None
    statement_to: date | None = None
    admitted_on: date | None = None
    admitted_clock: str = ""
    """hhmm; empty when not said."""
    discharge_clock: str = ""
    repricer_received_on: date | None = None
    admission_type: str = ""
    """CL101: 1 emergency, 2 urgent, 3 elective, 9 unknown, …"""
    admission_source: str = ""
    patient_status: str = ""
    """CL103: 01 home, 30 still patient, 65 psychiatric hospital, …"""
    attachments: tuple[Attachment, ...] = ()
    contract: Contract | None = None
    """CN1."""
    patient_estimated_cents: int | None = None
    """AMT*F3."""
    authorization_exception: str = ""
    referral_number: str = ""
    authorization_number: str = ""
    payer_control_number: str = ""
    """REF*F8: of the claim that this one replaces or voids."""
    repriced_number: str = ""
    adjusted_repriced_number: str = ""
    trial_numbers: tuple[Reference, ...] = ()
    clearinghouse_number: str = ""
    accident_state: str = ""
    medical_record_number: str = ""
    demonstration: str = ""
    peer_review_number: str = ""
    state_data: tuple[str, ...] = ()
    """K3."""
    notes: tuple[Note, ...] = ()
    epsdt: Condition | None = None
    """CRC*ZZ: whether the child was referred after a screening."""

    principal_diagnosis: Diagnosis | None = None
    admitting_diagnosis: Diagnosis | None = None
    visit_reasons: tuple[Diagnosis, ...] = ()
    external_causes: tuple[Diagnosis, ...] = ()
    drg: str = ""
    other_diagnoses: tuple[Diagnosis, ...] = ()
    principal_procedure: Procedure | None = None
    other_procedures: tuple[Procedure, ...] = ()
    occurrence_spans: tuple[OccurrenceSpan, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    value_codes: tuple[ValueCode, ...] = ()
    condition_codes: tuple[str, ...] = ()
    """41 partial hospitalization, 92 intensive outpatient (Medicare), …"""
    treatment_codes: tuple[str, ...] = ()
    repricing: Repricing | None = None
    """HCP."""

    attending: Party | None = None
    operating: Party | None = None
    other_operating: Party | None = None
    rendering: Party | None = None
    service_facility: Party | None = None
    referring: Party | None = None
    other_coverages: tuple[OtherCoverage, ...] = ()
    lines: tuple[InstitutionalLine, ...] = ()
    position: int = 0
    """Segment of the CLM, counted from ST = 1."""
    end_position: int = 0

    @property
    def bill_type(self) -> str:
        """The type of bill as people write it: 0131."""
        return f"0{self.facility_code}{self.frequency}" if self.facility_code else ""

    @property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """The principal diagnosis and the others, in order."""
        return (*((self.principal_diagnosis,) if self.principal_diagnosis else ()), *self.other_diagnoses)


class InstitutionalClaimInFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One claim of an 837I with what its transaction says of all."""

    claim: InstitutionalClaim
    batch_reference: str = ""
    """BHT03."""
    submitter: Party = Party()
    """1000A with its contacts."""
    receiver: Party = Party()
    """1000B."""
    created_on: date | None = None
    created_clock: str = ""
    purpose: str = "00"
    """BHT02: 00 original, 18 sent again."""
    kind: str = "CH"
    """BHT06: CH chargeable, RP reporting, 31 subrogation."""


# The levels of the file, as the layout fills them; claims leave them flat.


class PatientLevel(msgspec.Struct, frozen=True):
    relationship: str = ""
    patient: Member | None = None
    claims: tuple[InstitutionalClaim, ...] = ()


class SubscriberLevel(msgspec.Struct, frozen=True):
    coverage: Coverage | None = None
    subscriber: Member | None = None
    payer: Party | None = None
    claims: tuple[InstitutionalClaim, ...] = ()
    patients: tuple[PatientLevel, ...] = ()


class BillingLevel(BillingProvider, frozen=True):
    pay_to: Party | None = None
    pay_to_plan: Party | None = None
    subscribers: tuple[SubscriberLevel, ...] = ()


class Batch(msgspec.Struct, frozen=True):
    reference: str = ""
    created_on: date | None = None
    created_clock: str = ""
    purpose: str = "00"
    kind: str = "CH"
    submitter: Party | None = None
    receiver: Party | None = None
    providers: tuple[BillingLevel, ...] = ()
    guide: str = ""
    control_number: str = ""
