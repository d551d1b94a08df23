"""A claim as an 837P carries it: what is folded, what the guide leaves out, what is never sent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

import msgspec

from cleanclaim.claim import (
    Adjustment,
    Claim,
    Clinician,
    Organization,
    OtherPayer,
    OtherPayerLine,
    PayerKind,
    PayerParty,
    Person,
    ServiceLine,
)
from cleanclaim.claim_particulars import OutpatientAmounts, Particulars
from cleanclaim.x12.sets.writing import by_group, sent_address, sent_text

replace = msgspec.structs.replace
NOTHING = Particulars()

_KIND_BY_FILING_CODE = {
    "MA": PayerKind.MEDICARE,
    "MB": PayerKind.MEDICARE,
    "MC": PayerKind.MEDICAID,
    "CH": PayerKind.TRICARE,
}


def as_sent(claim: Claim) -> Claim:
    """Give the claim that a reader of its 837P would see.

    - Names, addresses and notes in capitals, ASCII, without delimiters.
    - Left out, because the guide has no place or forbids them: session minutes, credentials, plan,
      practice, patient and encounter ids, state, modality, the signed-note flag; a subscriber's
      birth date, sex and address when the patient is somebody else or the coverage is another
      payer's; the group name beside a group number; a facility's tax id.
    - A line names place, rendering and supervising provider only where they differ from the claim's.
    - The kind of payer follows the filing code (MA and MB Medicare, MC Medicaid, CH TRICARE).
    - Adjustments stand together by group code. A payment date stands on the service lines when
      that payer answered by line, and the other payer then shows the latest of them.
    """
    own = claim.relationship == "18"
    subscriber = _person(claim.subscriber)
    others = tuple(_other_payer(other, claim) for other in claim.other_payers)
    dates = {other.payer.payer_id.strip(): other.adjudicated_on for other in claim.other_payers}
    return Claim(
        claim_number=claim.claim_number,
        billing_provider=_organization(claim.billing_provider),
        payer=_payer(claim.payer),
        subscriber=subscriber if own else _name_only(subscriber),
        member_id=claim.member_id.strip(),
        patient=_person(claim.patient),
        lines=tuple(_line(line, claim, dates) for line in claim.lines),
        diagnoses=tuple(with_point(code) for code in claim.diagnoses),
        place_of_service=claim.place_of_service,
        total_charge_cents=claim.total_charge_cents,
        sequence=claim.sequence,
        relationship=claim.relationship,
        group_number=claim.group_number.strip(),
        group_name="" if claim.group_number.strip() else sent_text(claim.group_name),
        insurance_type=claim.insurance_type,
        frequency=claim.frequency,
        payer_control_number=claim.payer_control_number.strip(),
        rendering=_clinician(claim.rendering),
        supervising=_clinician(claim.supervising, taxonomy=False),
        referring=_clinician(claim.referring, taxonomy=False),
        service_facility=_facility(claim.service_facility),
        pay_to=sent_address(claim.pay_to) if claim.pay_to else None,
        authorization_number=claim.authorization_number.strip(),
        referral_number=claim.referral_number.strip(),
        provider_signature=claim.provider_signature,
        accept_assignment=claim.accept_assignment,
        benefits_assigned=claim.benefits_assigned,
        release_of_information=claim.release_of_information,
        patient_paid_cents=claim.patient_paid_cents,
        note=sent_text(claim.note),
        other_payers=others,
        particulars=claim.particulars if claim.particulars != NOTHING else None,
    )


def with_point(code: str) -> str:
    """An ICD-10-CM code with its point: ``F411`` and ``F41.1`` give ``F41.1``."""
    bare = code.replace(".", "").strip().upper()
    return f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare


def plain_number(text: str) -> str:
    """A quantity without needless zeros; unchanged when it is no number.

    Examples:
        >>> plain_number("1.0"), plain_number("20"), plain_number(".50")
        ('1', '20', '0.5')
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        return text
    return f"{number.normalize():f}"


def kind_of(filing_code: str) -> PayerKind:
    """The kind of payer that a claim filing code (SBR09) shows; commercial when it shows none."""
    return _KIND_BY_FILING_CODE.get(filing_code, PayerKind.COMMERCIAL)


def _person(person: Person) -> Person:
    return Person(
        sent_text(person.last_name), sent_text(person.first_name), sent_text(person.middle_name),
        sent_text(person.suffix), person.birth_date, person.sex, sent_address(person.address),
    )  # fmt: skip


def _name_only(person: Person) -> Person:
    return Person(person.last_name, person.first_name, person.middle_name, person.suffix)


def _organization(provider: Organization) -> Organization:
    # A contact travels only with a way to reach it.
    phone = "".join(ch for ch in provider.contact_phone if ch.isdecimal())
    return Organization(
        name=sent_text(provider.name),
        npi=provider.npi,
        tax_id=provider.tax_id,
        tax_id_kind=provider.tax_id_kind,
        taxonomy=provider.taxonomy,
        address=sent_address(provider.address),
        contact_name=sent_text(provider.contact_name) if phone else "",
        contact_phone=phone,
        is_person=provider.is_person,
        first_name=sent_text(provider.first_name) if provider.is_person else "",
    )


def _facility(facility: Organization | None) -> Organization | None:
    if facility is None:
        return None
    return Organization(sent_text(facility.name), facility.npi, address=sent_address(facility.address))


def _clinician(clinician: Clinician | None, *, taxonomy: bool = True) -> Clinician | None:
    if clinician is None:
        return None
    return Clinician(
        sent_text(clinician.last_name), sent_text(clinician.first_name), clinician.npi,
        clinician.taxonomy if taxonomy else "",
    )  # fmt: skip


def _payer(payer: PayerParty) -> PayerParty:
    return PayerParty(
        sent_text(payer.name), payer.payer_id.strip(), kind_of(payer.claim_filing_code),
        payer.claim_filing_code, address=sent_address(payer.address),
    )  # fmt: skip


def _adjustments(adjustments: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
    return tuple(
        Adjustment(
            one.group, one.reason, one.amount_cents, plain_number(one.quantity) if one.quantity else ""
        )
        for one in by_group(adjustments)
    )


def _other_payer(other: OtherPayer, claim: Claim) -> OtherPayer:
    by_line = [
        line_answer.adjudicated_on or other.adjudicated_on
        for line in claim.lines
        for line_answer in line.other_payers
        if line_answer.payer_id.strip() == other.payer.payer_id.strip()
    ]
    return OtherPayer(
        payer=_payer(other.payer),
        sequence=other.sequence,
        subscriber=replace(
            _name_only(_person(other.subscriber)), address=sent_address(other.subscriber.address)
        ),
        member_id=other.member_id.strip(),
        group_number=other.group_number.strip(),
        relationship=other.relationship,
        paid_cents=other.paid_cents,
        remaining_patient_cents=other.remaining_patient_cents,
        adjustments=_adjustments(other.adjustments),
        payer_control_number=other.payer_control_number.strip(),
        adjudicated_on=max(filter(None, by_line), default=None) if by_line else other.adjudicated_on,
        remark_codes=other.remark_codes,
        outpatient=other.outpatient if other.outpatient != OutpatientAmounts() else None,
    )


def _line(line: ServiceLine, claim: Claim, dates: dict[str, date | None]) -> ServiceLine:
    ends = line.date_of_service_end
    place = line.place_of_service
    return ServiceLine(
        number=line.number,
        control_number=line.control_number,
        code=line.code,
        date_of_service=line.date_of_service,
        charge_cents=line.charge_cents,
        units=plain_number(line.units),
        modifiers=line.modifiers,
        diagnosis_pointers=line.diagnosis_pointers,
        place_of_service=place if place != claim.place_of_service else "",
        date_of_service_end=ends if ends != line.date_of_service else None,
        note=sent_text(line.note),
        obligated_cents=line.obligated_cents,
        particulars=line.particulars if line.particulars != NOTHING else None,
        rendering=_clinician(line.rendering) if line.rendering != claim.rendering else None,
        supervising=_clinician(line.supervising, taxonomy=False)
        if line.supervising != claim.supervising
        else None,
        other_payers=tuple(_line_answer(answer, dates) for answer in line.other_payers),
    )


def _line_answer(answer: OtherPayerLine, dates: dict[str, date | None]) -> OtherPayerLine:
    payer_id = answer.payer_id.strip()
    return OtherPayerLine(
        payer_id=payer_id,
        paid_cents=answer.paid_cents,
        code=answer.code,
        modifiers=answer.modifiers,
        units=plain_number(answer.units),
        adjustments=_adjustments(answer.adjustments),
        adjudicated_on=answer.adjudicated_on or dates.get(payer_id),
    )
