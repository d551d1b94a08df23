"""Records that several sets share: who is named, dates, references, rejections, services.

Codes are texts as sent; what is not sent is empty or None, never a guess. Every record that is a segment or a
loop of its own carries `position`: the number of its (first) segment counted from ST = 1.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from cleanclaim.claim import Address


class PostalAddress(Address, frozen=True, omit_defaults=True):
    """N3 and N4, the parts outside the United States included."""

    country: str = ""
    location_qualifier: str = ""
    location: str = ""
    country_subdivision: str = ""


class Contact(msgspec.Struct, frozen=True, omit_defaults=True):
    """PER: whom to call."""

    name: str = ""
    numbers: tuple[tuple[str, str], ...] = ()
    """Pairs (kind, number): TE phone, EX extension, FX fax, EM e-mail, UR web address, ED access number."""
    function: str = "IC"
    position: int = 0


class Reference(msgspec.Struct, frozen=True, omit_defaults=True):
    """REF: a further number."""

    qualifier: str
    """Such as 6P group number, G1 prior authorization, 1K payer claim number."""
    value: str
    description: str = ""
    payer_id: str = ""
    """REF04, on service lines: the other payer whose number this is."""
    position: int = 0


class Dated(msgspec.Struct, frozen=True, omit_defaults=True):
    """DTP: a day, a period, a moment or a time of day."""

    qualifier: str
    """Such as 291 plan, 346 plan begin, 472 service."""
    start: date | None = None
    end: date | None = None
    """The last day of a period; None when a single day was named."""
    clock: str = ""
    """hhmm in the sender's local time."""
    position: int = 0


class Trace(msgspec.Struct, frozen=True, omit_defaults=True):
    """TRN: the number by which a question finds its answer."""

    number: str
    kind: str = "1"
    """1 given by this sender, 2 repeated from the question."""
    origin: str = ""
    """Ten characters: 9 and a tax number, 1 and an employer number."""
    supplement: str = ""
    position: int = 0


class Rejection(msgspec.Struct, frozen=True, omit_defaults=True):
    """AAA: why a question was not answered.

    `cleanclaim.codesets.eligibility.rejection(code)` says it in plain words, with what to do.
    """

    code: str
    """AAA03."""
    follow_up: str = ""
    """AAA04: C correct and ask again, N do not ask again, R may ask again, W and X wait, P, S, Y."""
    valid: str = "N"
    """AAA01: N when the question itself could not be taken, Y when it could."""
    position: int = 0


class Party(msgspec.Struct, frozen=True, omit_defaults=True):
    """NM1 and what stands with it: a payer, provider, organization or person."""

    entity: str = ""
    """NM101: PR payer, 1P provider, IL subscriber, 71 attending, …"""
    kind: str = ""
    """NM102: 1 person, 2 organization."""
    name: str = ""
    """Organization, or last name."""
    first_name: str = ""
    middle_name: str = ""
    prefix: str = ""
    suffix: str = ""
    id_qualifier: str = ""
    id: str = ""
    relation: str = ""
    """NM110: how the entity of a benefit is related to the member."""
    references: tuple[Reference, ...] = ()
    address: PostalAddress | None = None
    contacts: tuple[Contact, ...] = ()
    provider_role: str = ""
    """PRV01."""
    taxonomy_qualifier: str = ""
    taxonomy: str = ""
    """PRV03: a taxonomy code where the qualifier is PXC."""
    rejections: tuple[Rejection, ...] = ()
    position: int = 0

    def reference(self, qualifier: str) -> str:
        """The first reference of a kind, `''` when there is none."""
        return next((one.value for one in self.references if one.qualifier == qualifier), "")


class Member(Party, frozen=True, omit_defaults=True):
    """A subscriber, dependent or patient."""

    birth_date: date | None = None
    sex: str = ""
    """DMG03: F, M, U; empty when not said."""
    is_subscriber: str = ""
    """INS01: Y or N; empty when not said."""
    relationship: str = ""
    """INS02: 18 self, 01 spouse, 19 child, …"""
    maintenance_type: str = ""
    maintenance_reason: str = ""
    employment_status: str = ""
    birth_sequence: int | None = None
    """INS17: which of several children born together."""


class Service(msgspec.Struct, frozen=True, omit_defaults=True):
    """A procedure or other service: HC 90837 with modifiers, or NU 0905."""

    qualifier: str
    code: str
    modifiers: tuple[str, ...] = ()
    description: str = ""
    code_end: str = ""
    """The last code of a range; empty for a single code."""


class Delivery(msgspec.Struct, frozen=True, omit_defaults=True):
    """HSD: how much, how often and when, such as 3 visits a week for 10 weeks."""

    unit: str = ""
    """VS visits, DY days, HS hours, FL units, MN months."""
    quantity: Decimal | None = None
    per: str = ""
    """DA, WK, MO, VS, YR: the time over which `frequency` counts."""
    frequency: Decimal | None = None
    period: str = ""
    """7 day, 34 month, 35 week, 27 visit, 29 remaining, …"""
    period_count: int | None = None
    calendar: str = ""
    time_of_day: str = ""
    position: int = 0


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """PWK: a document that comes separately."""

    report: str
    """PWK01: 03 treatment beyond guidelines, 08 plan of treatment, B2 prescription, …"""
    way: str
    """PWK02: EL electronic, FX fax, BM mail, AA on request, …"""
    number_qualifier: str = ""
    number: str = ""
    """The control number that the document carries."""
    description: str = ""
    position: int = 0


class Diagnosis(msgspec.Struct, frozen=True, omit_defaults=True):
    """One code of an HI segment."""

    code: str
    """As sent: without a point."""
    qualifier: str = "ABK"
    """ABK principal, ABF other, ABJ admitting, APR reason for visit, ABN external cause; BK, … for ICD-9."""
    present_on_admission: str = ""
    """Y, N, U unknown, W undetermined; empty when not said."""
    on: date | None = None


RawSegment = tuple[str | tuple[str, ...], ...]
"""A rare segment as it came: its id and its elements, composites as tuples of components."""
