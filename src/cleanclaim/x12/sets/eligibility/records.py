"""Records of the eligibility question (270) and answer (271), as nested as the levels of the guide.

Source (payer) > receiver (provider) > subscriber > dependent. Who is asked about is the dependent where there
is one, else the subscriber.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from cleanclaim.x12.sets.parties import (
    Dated,
    Delivery,
    Diagnosis,
    Member,
    Party,
    Reference,
    Rejection,
    Service,
    Trace,
)

_YES_NO = {"Y": True, "N": False}


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """III: where a service is given (qualifier ZZ: place of service), or what kind of injury or service."""

    qualifier: str = ""
    code: str = ""
    category: str = ""
    text: str = ""
    position: int = 0


# -- the question ----------------------------------------------------------------------------------------


class Inquiry(msgspec.Struct, frozen=True, omit_defaults=True):
    """EQ and what stands with it: what is asked."""

    service_types: tuple[str, ...] = ()
    """EQ01: 30 for the plan, MH mental health, AI substance use, …"""
    service: Service | None = None
    """EQ02: one procedure; payers seldom answer it."""
    coverage_level: str = ""
    """EQ03: IND, FAM, …"""
    diagnosis_pointers: tuple[int, ...] = ()
    spend_down_cents: int | None = None
    """AMT*R."""
    spend_down_billed_cents: int | None = None
    """AMT*PB."""
    place: Place | None = None
    references: tuple[Reference, ...] = ()
    """9F referral, G1 authorization."""
    dates: tuple[Dated, ...] = ()
    position: int = 0


class AskedDependent(Member, frozen=True, omit_defaults=True):
    """A dependent that is asked about: 2000D."""

    traces: tuple[Trace, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    dates: tuple[Dated, ...] = ()
    """291 the day asked about; without it, today is meant."""
    inquiries: tuple[Inquiry, ...] = ()


class AskedSubscriber(AskedDependent, frozen=True, omit_defaults=True):
    """The subscriber: 2000C. Asked about itself when it has inquiries."""

    dependents: tuple[AskedDependent, ...] = ()


class AskingReceiver(Party, frozen=True, omit_defaults=True):
    """Who asks: 2000B."""

    subscribers: tuple[AskedSubscriber, ...] = ()


class AskedSource(Party, frozen=True, omit_defaults=True):
    """Who is asked: 2000A."""

    receivers: tuple[AskingReceiver, ...] = ()


class EligibilityQuestion(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="set", tag="270"):
    """One 270 transaction."""

    reference: str = ""
    """BHT03."""
    created_on: date | None = None
    created_clock: str = ""
    """BHT05, hhmm in the sender's local time."""
    purpose: str = "13"
    """13 question, 01 cancellation."""
    kind: str = ""
    """BHT06: RT for spend-down in real time."""
    sources: tuple[AskedSource, ...] = ()
    guide: str = ""
    control_number: str = ""


# -- the answer ------------------------------------------------------------------------------------------


class Benefit(msgspec.Struct, frozen=True, omit_defaults=True):
    """EB and what stands with it: one thing the payer says about the coverage.

    `cleanclaim.codesets.eligibility.meaning(element, code)` gives codes in plain words.
    """

    information: str
    """EB01: 1 active, 6 inactive, A coinsurance, B copayment, C deductible, F limitation, G out of pocket,
    I not covered, R other payer, U contact, …"""
    coverage_level: str = ""
    """EB02: IND, FAM, …; empty when not said."""
    service_types: tuple[str, ...] = ()
    """EB03, in order."""
    insurance_type: str = ""
    """EB04."""
    plan: str = ""
    """EB05."""
    period: str = ""
    """EB06: 22 service year, 23 calendar year, 24 to date, 27 visit, 29 remaining, …"""
    amount_cents: int | None = None
    """EB07; None when not said, which is not zero."""
    percent: Decimal | None = None
    """EB08 as sent: 0.2 is twenty percent, the patient's share. Above 1 it is told as the payer's slip."""
    quantity_qualifier: str = ""
    """EB09: VS visits, DY days, P6 number of services, …"""
    quantity: Decimal | None = None
    authorization: str = ""
    """EB11: Y, N, U unknown; empty when not said."""
    network: str = ""
    """EB12: Y in network, N out of network, W both alike, U unknown; empty when not said."""
    procedure: Service | None = None
    """EB13."""
    diagnosis_pointers: tuple[int, ...] = ()
    limits: tuple[Delivery, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[Dated, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    messages: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    entities: tuple[Party, ...] = ()
    """Between LS and LE: the plan that manages mental health, the primary care provider, …"""
    position: int = 0
    end_position: int = 0

    @property
    def authorization_required(self) -> bool | None:
        """Whether authorization or certification is required; None when unknown or not said."""
        return _YES_NO.get(self.authorization)

    @property
    def in_network(self) -> bool | None:
        """True in network, False out of network; None when unknown, not said, or alike for both (W)."""
        return _YES_NO.get(self.network)

    @property
    def concerns_network(self) -> bool:
        """Whether the row may be used for care inside the network."""
        return self.network != "N"


class MilitaryService(msgspec.Struct, frozen=True, omit_defaults=True):
    """MPI."""

    information_status: str
    employment_status: str
    government_service: str
    description: str = ""
    rank: str = ""
    period_format: str = ""
    period: str = ""


class AnsweredDependent(Member, frozen=True, omit_defaults=True):
    """What is answered about a dependent: 2000D."""

    traces: tuple[Trace, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    dates: tuple[Dated, ...] = ()
    """291 plan, 346 plan begin, 347 plan end, 356 eligibility begin, 357 end, 343 premium paid to, …"""
    military: MilitaryService | None = None
    benefits: tuple[Benefit, ...] = ()

    @property
    def trace_number(self) -> str:
        """Our own number of the question (TRN*2), `''` when the payer does not repeat it."""
        return next((one.number for one in self.traces if one.kind == "2"), "")


class AnsweredSubscriber(AnsweredDependent, frozen=True, omit_defaults=True):
    """What is answered about a subscriber: 2000C."""

    dependents: tuple[AnsweredDependent, ...] = ()


class AnswerReceiver(Party, frozen=True, omit_defaults=True):
    """Who asked: 2000B."""

    subscribers: tuple[AnsweredSubscriber, ...] = ()


class AnsweringSource(Party, frozen=True, omit_defaults=True):
    """Who answers: 2000A."""

    level_rejections: tuple[Rejection, ...] = ()
    """AAA of 2000A: the whole question was not taken. `rejections` concern the payer named (2100A)."""
    receivers: tuple[AnswerReceiver, ...] = ()


class EligibilityAnswer(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="set", tag="271"):
    """One 271 transaction."""

    reference: str = ""
    """BHT03."""
    created_on: date | None = None
    created_clock: str = ""
    purpose: str = "11"
    """11 answer, 06 confirmation of a cancellation."""
    kind: str = ""
    sources: tuple[AnsweringSource, ...] = ()
    guide: str = ""
    control_number: str = ""
