"""Records of the authorization request and answer (278).

One transaction concerns one patient: reviewer > requester > subscriber > (dependent) > events > services.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from cleanclaim.x12.sets.parties import (
    Attachment,
    Dated,
    Delivery,
    Diagnosis,
    Member,
    Party,
    RawSegment,
    Reference,
    Rejection,
    Service,
    Trace,
)


class Review(msgspec.Struct, frozen=True, omit_defaults=True):
    """UM: what kind of review is asked for."""

    category: str
    """UM01: HS health services, AR admission, SC specialty care, IN individual."""
    certification_type: str = ""
    """UM02: I initial, R renewal, S revised, 4 extension, 3 cancel, 1 and 2 appeal, N reconsideration."""
    service_type: str = ""
    """UM03: MH, A4, A7, BB, AI, …"""
    facility_code: str = ""
    facility_qualifier: str = ""
    """UM04-2: B place of service, A type of bill."""
    frequency: str = ""
    related_causes: tuple[str, ...] = ()
    """UM05: causes, state and country, as components in order."""
    level_of_service: str = ""
    """UM06: E elective, U urgent, 03 emergency."""
    current_health: str = ""
    prognosis: str = ""
    release_of_information: str = ""
    delay_reason: str = ""
    position: int = 0


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """HCR: what the payer decided."""

    action: str
    """HCR01: A1 certified, A2 in part, A3 not certified, A4 pended, A6 modified, C cancelled, CT contact the
    payer, NA not required."""
    certification_number: str = ""
    """HCR02: goes into REF*G1 of the claim."""
    reason: str = ""
    """HCR03."""
    second_opinion: str = ""
    position: int = 0


class Condition(msgspec.Struct, frozen=True, omit_defaults=True):
    """CRC: conditions that apply, or do not."""

    category: str
    applies: str
    codes: tuple[str, ...] = ()
    position: int = 0


class Admission(msgspec.Struct, frozen=True, omit_defaults=True):
    """CL1."""

    type: str = ""
    source: str = ""
    patient_status: str = ""
    nursing_home_status: str = ""


class ProfessionalService(msgspec.Struct, frozen=True, omit_defaults=True):
    """SV1."""

    service: Service | None = None
    charge_cents: int | None = None
    unit: str = ""
    quantity: Decimal | None = None
    diagnosis_pointers: tuple[int, ...] = ()
    epsdt: str = ""
    nursing_home_level: str = ""


class InstitutionalService(msgspec.Struct, frozen=True, omit_defaults=True):
    """SV2."""

    revenue_code: str = ""
    service: Service | None = None
    charge_cents: int | None = None
    unit: str = ""
    quantity: Decimal | None = None
    rate: Decimal | None = None
    nursing_home_status: str = ""
    nursing_home_level: str = ""
    """Both of requests only."""


class RequestedService(msgspec.Struct, frozen=True, omit_defaults=True):
    """2000F: one service; in an answer with what was decided about it."""

    traces: tuple[Trace, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    review: Review | None = None
    decision: Decision | None = None
    references: tuple[Reference, ...] = ()
    dates: tuple[Dated, ...] = ()
    """472 the days asked for or certified, …"""
    professional: ProfessionalService | None = None
    institutional: InstitutionalService | None = None
    delivery: Delivery | None = None
    attachments: tuple[Attachment, ...] = ()
    messages: tuple[str, ...] = ()
    providers: tuple[Party, ...] = ()
    position: int = 0
    end_position: int = 0


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """2000E: the episode of care that is reviewed."""

    traces: tuple[Trace, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    review: Review | None = None
    decision: Decision | None = None
    references: tuple[Reference, ...] = ()
    """BB a former authorization, NT the payer's number of the review, G1."""
    dates: tuple[Dated, ...] = ()
    """AAH the event, 435 admission, 096 discharge, 472, 007 certified, 036 its end, 102 its issue."""
    diagnoses: tuple[Diagnosis, ...] = ()
    delivery: Delivery | None = None
    conditions: tuple[Condition, ...] = ()
    admission: Admission | None = None
    ambulance: tuple[RawSegment, ...] = ()
    """CR1 as it came."""
    spinal: tuple[RawSegment, ...] = ()
    """CR2 as it came."""
    attachments: tuple[Attachment, ...] = ()
    messages: tuple[str, ...] = ()
    providers: tuple[Party, ...] = ()
    """2010EA: 71 attending, SJ who gives the service, FA facility, …"""
    transports: tuple[Party, ...] = ()
    services: tuple[RequestedService, ...] = ()
    position: int = 0
    end_position: int = 0


class _Authorization(msgspec.Struct, frozen=True, omit_defaults=True):
    reference: str = ""
    """BHT03."""
    created_on: date | None = None
    created_clock: str = ""
    """BHT05, hhmm in the sender's local time."""
    kind: str = ""
    """BHT06."""
    reviewer: Party | None = None
    """2010A: the payer or its review organization."""
    requesters: tuple[Party, ...] = ()
    """2010B: the provider that asks, by one or two ids."""
    subscriber: Member | None = None
    dependent: Member | None = None
    events: tuple[Event, ...] = ()
    guide: str = ""
    control_number: str = ""

    @property
    def patient(self) -> Member | None:
        """The dependent where there is one, else the subscriber."""
        return self.dependent or self.subscriber


class AuthorizationRequest(
    _Authorization, frozen=True, omit_defaults=True, tag_field="set", tag="278 request"
):
    """One 278 that asks."""

    purpose: str = "13"
    """13 request, 01 cancellation, 36 authority to deduct."""


class AuthorizationAnswer(_Authorization, frozen=True, omit_defaults=True, tag_field="set", tag="278 answer"):
    """One 278 that answers."""

    purpose: str = "11"
    reviewer_rejections: tuple[Rejection, ...] = ()
    """AAA of 2000A: the whole request was not taken. Those of 2010A stand at `reviewer`, and so on."""
    subscriber_rejections: tuple[Rejection, ...] = ()
    dependent_rejections: tuple[Rejection, ...] = ()
