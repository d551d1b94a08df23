"""The loops of a claim while they are being read, and the records made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from cleanclaim.claim import (
    Address,
    Adjustment,
    Clinician,
    Organization,
    OtherPayer,
    OtherPayerLine,
    PayerParty,
    Person,
    ServiceLine,
)
from cleanclaim.claim_particulars import OutpatientAmounts
from cleanclaim.x12.sets.claim_837p.particulars import particulars_of
from cleanclaim.x12.sets.claim_837p.sent import kind_of

if TYPE_CHECKING:
    from cleanclaim.x12.structure import Segment


@dataclass(slots=True)
class Party:
    """One NM1 with what follows it."""

    kind: str = ""
    last: str = ""
    first: str = ""
    middle: str = ""
    suffix: str = ""
    id: str = ""
    address: tuple[str, ...] = ("", "", "", "", "")
    taxonomy: str = ""
    contact: str = ""
    phone: str = ""
    birth_date: date | None = None
    sex: str = "U"
    references: list[tuple[str, str]] = field(default_factory=list)

    def sent_address(self) -> Address:
        return Address(*self.address)

    def person(self) -> Person:
        return Person(
            self.last, self.first, self.middle, self.suffix, self.birth_date, self.sex, self.sent_address()
        )

    def clinician(self) -> Clinician:
        return Clinician(self.last, self.first, self.id, self.taxonomy)

    def payer(self, filing_code: str) -> PayerParty:
        return PayerParty(self.last, self.id, kind_of(filing_code), filing_code, address=self.sent_address())

    def organization(self) -> Organization:
        kind, tax_id = next(
            ((kind, tax) for kind, tax in self.references if kind in ("EI", "SY")), ("EI", "")
        )
        return Organization(
            self.last, self.id, tax_id, kind, self.taxonomy, self.sent_address(), self.contact, self.phone,
            self.kind == "1", self.first,
        )  # fmt: skip


@dataclass(slots=True)
class Coverage:
    """A 2320 loop, or the coverage of 2000B."""

    sbr: Segment
    parties: dict[str, Party] = field(default_factory=dict)
    adjustments: list[Adjustment] = field(default_factory=list)
    paid: int | None = None
    remaining: int | None = None
    remarks: tuple[str, ...] = ()
    outpatient: OutpatientAmounts | None = None
    paid_on: date | None = None

    def reference(self, qualifier: str) -> str:
        party = self.parties.get("PR", Party())
        return next((value for kind, value in party.references if kind == qualifier), "")


@dataclass(slots=True)
class Answer:
    payer_id: str
    paid: int
    code: str
    modifiers: tuple[str, ...]
    units: str
    adjustments: list[Adjustment] = field(default_factory=list)
    paid_on: date | None = None


@dataclass(slots=True)
class Line:
    number: int
    control: str = ""
    code: str = ""
    modifiers: tuple[str, ...] = ()
    charge: int | None = None
    units: str = ""
    place: str = ""
    pointers: tuple[int, ...] = ()
    start: date | None = None
    end: date | None = None
    note: str = ""
    obligated_cents: int | None = None
    particulars: dict[str, Any] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)


@dataclass(slots=True)
class OpenClaim:
    clm: Segment
    total: int | None
    parties: dict[str, Party] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    diagnoses: tuple[str, ...] = ()
    patient_paid: int = 0
    note: str = ""
    benefits: str = ""
    particulars: dict[str, Any] = field(default_factory=dict)
    others: list[Coverage] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def clinician_of(parties: dict[str, Party], entity: str) -> Clinician | None:
    party = parties.get(entity)
    return party.clinician() if party else None


def other_payer_of(other: Coverage, lines: list[ServiceLine]) -> OtherPayer:
    """The payment date stands in one place: here, or on the lines this payer answered."""
    payer = other.parties.get("PR", Party())
    subscriber = other.parties.get("IL", Party())
    by_line = [
        answer.adjudicated_on
        for line in lines
        for answer in line.other_payers
        if answer.payer_id == payer.id and answer.adjudicated_on
    ]
    return OtherPayer(
        payer=payer.payer(other.sbr.get(9)),
        sequence=other.sbr.get(1),
        subscriber=subscriber.person(),
        member_id=subscriber.id,
        group_number=other.sbr.get(3),
        relationship=other.sbr.get(2),
        paid_cents=other.paid,
        remaining_patient_cents=other.remaining,
        adjustments=tuple(other.adjustments),
        payer_control_number=other.reference("F8"),
        adjudicated_on=other.paid_on or max(by_line, default=None),
        remark_codes=other.remarks,
        outpatient=other.outpatient,
    )


def line_of(line: Line) -> ServiceLine:
    assert line.start is not None and line.charge is not None
    return ServiceLine(
        number=line.number,
        control_number=line.control,
        code=line.code,
        date_of_service=line.start,
        charge_cents=line.charge,
        units=line.units,
        modifiers=line.modifiers,
        diagnosis_pointers=line.pointers,
        place_of_service=line.place,
        date_of_service_end=line.end if line.end != line.start else None,
        note=line.note,
        obligated_cents=line.obligated_cents,
        particulars=particulars_of(line.particulars),
        rendering=clinician_of(line.parties, "82"),
        supervising=clinician_of(line.parties, "DQ"),
        other_payers=tuple(
            OtherPayerLine(
                one.payer_id,
                one.paid,
                one.code,
                one.modifiers,
                one.units,
                tuple(one.adjustments),
                one.paid_on,
            )
            for one in line.answers
        ),
    )
