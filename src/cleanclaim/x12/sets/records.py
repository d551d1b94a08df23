"""Typed records that the transaction sets read into and write from.

These are the contract between X12 and the rest: posting, denials and the simulator know these
records, never segments. Every record that came from a file carries `position`: the number of its
segment counted from ST = 1, so that each cent can be shown in its file.

Amounts are whole cents with the sender's sign. Absent amounts are None, never zero.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from cleanclaim.claim import Address, Adjustment, Claim
from cleanclaim.claim_particulars import InpatientAmounts, OutpatientAmounts


class Cas(Adjustment, frozen=True, omit_defaults=True):
    """One CAS triple as sent, with the segment it stood in."""

    position: int = 0


class ProviderAdjustment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One PLB pair. Positive takes money from the provider, negative gives (the 835's own sign)."""

    provider_id: str
    fiscal_period_end: date | None
    code: str
    reference: str
    amount_cents: int
    position: int = 0


class RemitParty(msgspec.Struct, frozen=True, omit_defaults=True):
    """A payer, payee, patient, subscriber or provider named in a remittance or status answer."""

    name: str = ""
    """Organization, or last name."""
    first_name: str = ""
    id_qualifier: str = ""
    id: str = ""
    tax_id: str = ""
    additional_ids: tuple[tuple[str, str], ...] = ()
    """REF pairs (qualifier, value), in file order."""
    middle_name: str = ""
    suffix: str = ""
    address: Address = Address()
    """Payer and payee only. The payer's is required to write an 835."""
    contact_name: str = ""
    """PER*BL of the payer: the desk for technical questions."""
    contact_phone: str = ""


class RemitLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One service line: loop 2110 of an 835."""

    code: str
    """SVC01-2: the code that was adjudicated; for NU the revenue code."""
    charge_cents: int
    paid_cents: int
    qualifier: str = "HC"
    modifiers: tuple[str, ...] = ()
    units_paid: str = ""
    """SVC05; empty means 1."""
    revenue_code: str = ""
    submitted_code: str = ""
    """SVC06-2, when the payer adjudicated another code than we sent."""
    submitted_modifiers: tuple[str, ...] = ()
    units_billed: str = ""
    service_from: date | None = None
    service_to: date | None = None
    line_control: str = ""
    """REF*6R."""
    allowed_cents: int | None = None
    """AMT*B6."""
    adjustments: tuple[Cas, ...] = ()
    remarks: tuple[str, ...] = ()
    """LQ*HE remark codes, in order."""
    amounts: tuple[tuple[str, int], ...] = ()
    """Other AMT pairs (qualifier, cents)."""
    references: tuple[tuple[str, str], ...] = ()
    position: int = 0
    quantities: tuple[tuple[str, str], ...] = ()
    """QTY pairs (qualifier, number as sent)."""
    submitted_qualifier: str = ""
    """SVC06-1, when SVC06 was sent."""


class RemitClaim(msgspec.Struct, frozen=True, omit_defaults=True):
    """One claim payment: loop 2100 of an 835."""

    claim_number: str
    """CLP01 as sent by the payer."""
    status: str
    """CLP02."""
    charge_cents: int
    paid_cents: int
    patient_cents: int | None = None
    """CLP05; None when not sent."""
    filing_code: str = ""
    payer_control_number: str = ""
    """CLP07."""
    facility_code: str = ""
    frequency: str = ""
    patient: RemitParty = RemitParty()
    subscriber: RemitParty = RemitParty()
    corrected_patient: RemitParty = RemitParty()
    rendering: RemitParty = RemitParty()
    crossover_to: RemitParty = RemitParty()
    """NM1*TT."""
    adjustments: tuple[Cas, ...] = ()
    remarks: tuple[str, ...] = ()
    """MOA or MIA remark codes."""
    service_from: date | None = None
    service_to: date | None = None
    received_on: date | None = None
    amounts: tuple[tuple[str, int], ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    lines: tuple[RemitLine, ...] = ()
    provider_number: str = ""
    """TS301 of the surrounding LX, when sent."""
    position: int = 0
    end_position: int = 0
    """The last segment of the claim, its lines included."""
    priority_payer: RemitParty = RemitParty()
    """NM1*PR: the payer that should have been billed first."""
    other_subscriber: RemitParty = RemitParty()
    """NM1*GB."""
    coverage_ended_on: date | None = None
    """DTM*036."""
    quantities: tuple[tuple[str, str], ...] = ()
    outpatient: OutpatientAmounts | None = None
    """The amounts of the MOA, when any was sent; its remark codes are in `remarks`."""
    inpatient: InpatientAmounts | None = None
    """The amounts of the MIA, when there is one; it then carries `remarks`."""


class Remittance(msgspec.Struct, frozen=True, omit_defaults=True):
    """One 835 transaction: one payment and what it is for."""

    paid_cents: int
    """BPR02 with the sign of BPR03 (a debit is negative)."""
    method: str
    """BPR04: ACH, CHK, NON, FWT, BOP."""
    handling: str = ""
    """BPR01."""
    paid_on: date | None = None
    """BPR16."""
    trace_number: str = ""
    """TRN02."""
    trace_payer_id: str = ""
    """TRN03."""
    trace_supplement: str = ""
    """TRN04."""
    production_date: date | None = None
    """DTM*405."""
    payer: RemitParty = RemitParty()
    payee: RemitParty = RemitParty()
    """`id` with qualifier XX is the NPI; `tax_id` from REF*TJ or qualifier FI."""
    claims: tuple[RemitClaim, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    receiver_id: str = ""
    currency: str = ""
    control_number: str = ""
    """ST02."""
    interchange_control_number: str = ""
    segment_count: int = 0
    offset: int = 0
    """Byte offset of ST in the file."""


class StatusInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """One STC composite: category, status, entity."""

    category: str
    status: str
    entity: str = ""


class ClaimStatus(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a 277CA or 277 says of one claim (loop 2200D), or of a batch or provider above it."""

    level: str
    """source, receiver, provider, claim, line."""
    statuses: tuple[StatusInfo, ...]
    effective_on: date | None = None
    action: str = ""
    """STC03 of a 277CA: WQ accept, U reject."""
    claim_number: str = ""
    """Trace of the claim: TRN02 where TRN01 = 2."""
    payer_control_number: str = ""
    """REF*1K."""
    clearinghouse_number: str = ""
    """REF*D9."""
    charge_cents: int | None = None
    paid_cents: int | None = None
    paid_on: date | None = None
    trace_number: str = ""
    message: str = ""
    """STC12 free text."""
    service_from: date | None = None
    line_control: str = ""
    member_id: str = ""
    position: int = 0
    patient: RemitParty = RemitParty()
    """Needed to write; `id` is the member number."""
    provider: RemitParty = RemitParty()
    """The billing provider above the claim, or of a provider-level status. Needed to write."""
    code: str = ""
    """SVC01-2 of a line-level status."""
    qualifier: str = ""
    modifiers: tuple[str, ...] = ()
    check_number: str = ""
    """STC09 of a 277."""
    service_to: date | None = None
    bill_type: str = ""
    """REF*BLT."""
    accepted_count: int | None = None
    """QTY*QA of a provider-level status (277CA); those of the whole file stand in the report."""
    rejected_count: int | None = None
    """QTY*QC."""
    accepted_cents: int | None = None
    """AMT*YU of a provider-level status."""
    rejected_cents: int | None = None
    """AMT*YY."""


class StatusReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """One 277CA (X214) or 277 (X212) transaction."""

    guide: str
    source_name: str = ""
    source_id: str = ""
    """The sender of the answer: a payer, or a clearinghouse."""
    source_kind: str = ""
    """PR payer, AY clearinghouse (NM101 of 2100A)."""
    receiver_id: str = ""
    batch_reference: str = ""
    """BHT03 of the file answered, from 2200B TRN02 (277CA)."""
    reference: str = ""
    """BHT03 of this transaction."""
    created_on: date | None = None
    statuses: tuple[ClaimStatus, ...] = ()
    accepted_count: int | None = None
    rejected_count: int | None = None
    control_number: str = ""
    accepted_cents: int | None = None
    rejected_cents: int | None = None
    receiver_name: str = ""
    source_id_qualifier: str = ""
    """NM108 of 2100A: PI, XV, 46, FI."""
    source_trace: str = ""
    """TRN02 of 2200A (277CA)."""
    received_on: date | None = None
    """DTP*050 of 2200A (277CA): the day the claim file was received."""
    processed_on: date | None = None
    """DTP*009 of 2200A (277CA)."""
    created_clock: str = ""
    """BHT05 as hhmm, in the sender's local time; empty when unknown."""


class Trigger(msgspec.Struct, frozen=True, omit_defaults=True):
    """One CTX SITUATIONAL TRIGGER: the segment or element because of which something else is missing."""

    segment_id: str
    position: int
    """CTX03: counted from ST = 1."""
    loop: str = ""
    element: str = ""
    """CTX05 as ``element`` or ``element:component``."""
    of: str = ""
    """IK401 of the element error that it belongs to; empty for the segment error."""


class SegmentError(msgspec.Struct, frozen=True, omit_defaults=True):
    """One IK3 with its IK4s and contexts."""

    segment_id: str
    position: int
    """IK302: counted from ST = 1 of the set that is answered."""
    loop: str = ""
    code: str = ""
    """IK304."""
    elements: tuple[tuple[str, str, str], ...] = ()
    """(IK401 position, IK403 code, IK404 copy of the value or '')."""
    claim_number: str = ""
    """From CTX CLM01, when sent."""
    triggers: tuple[Trigger, ...] = ()
    business_unit: tuple[str, str] = ("", "")
    """What else a CTX names the fault by, such as (TRN02, trace number) where there is no claim."""


class TransactionAck(msgspec.Struct, frozen=True, omit_defaults=True):
    """One AK2/IK5 of a 999."""

    set_id: str
    control_number: str
    guide: str
    result: str
    """IK501: A, E, R, P (M, W, X for security)."""
    codes: tuple[str, ...] = ()
    """IK502-06."""
    errors: tuple[SegmentError, ...] = ()


class GroupAck(msgspec.Struct, frozen=True, omit_defaults=True):
    """One 999 transaction: the answer to one functional group."""

    functional_id: str
    group_control_number: str
    """AK102: GS06 of the group answered."""
    guide: str
    result: str
    """AK901: A, E, P, R."""
    included: int = 0
    received: int = 0
    accepted: int = 0
    codes: tuple[str, ...] = ()
    transactions: tuple[TransactionAck, ...] = ()
    control_number: str = ""


class InterchangeAck(msgspec.Struct, frozen=True, omit_defaults=True):
    """One TA1."""

    interchange_control_number: str
    """TA101: ISA13 of the interchange answered."""
    interchange_date: str
    interchange_time: str
    result: str
    """TA104: A, E, R."""
    code: str
    """TA105."""
    position: int = 0


class Submitter(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who sends a claim file (1000A). A phone or an e-mail address is required to write."""

    name: str
    id: str
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    is_person: bool = False
    first_name: str = ""


class Receiver(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who receives a claim file (1000B): a clearinghouse or the payer itself."""

    name: str
    id: str


class ClaimInFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One claim of an 837P with the place where it stood."""

    claim: Claim
    position: int
    """Segment of its CLM, counted from ST = 1."""
    end_position: int
    """Segment of the last one that belongs to the claim."""
    batch_reference: str
    """BHT03."""
    submitter: Submitter
    receiver: Receiver
    created_at: datetime | None = None
    """BHT04 and BHT05, in the sender's local time; None when unreadable."""
