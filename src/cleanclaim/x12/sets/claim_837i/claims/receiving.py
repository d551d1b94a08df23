"""File -> the guide's record -> `Claim`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from cleanclaim.claim import (
    Address,
    Adjustment,
    Bill,
    Claim,
    Clinician,
    Frequency,
    Organization,
    OtherPayer,
    OtherPayerLine,
    PayerParty,
    Person,
    ServiceLine,
)
from cleanclaim.claim_particulars import OutpatientAmounts, OutpatientAnswer, Particulars
from cleanclaim.findings import Finding, Severity
from cleanclaim.x12.sets import claim_837i as guide
from cleanclaim.x12.sets.claim_837p.sent import kind_of, with_point
from cleanclaim.x12.sets.parties import Member, Party
from cleanclaim.x12.sets.records import Cas, ClaimInFile, Receiver, Submitter

if TYPE_CHECKING:
    from cleanclaim.x12.structure import Transaction


def read_claims(transaction: Transaction) -> tuple[list[ClaimInFile], list[Finding]]:
    """Read the claims of one 837I as our own, in file order.

    Never raises on input. A claim without statement dates, type of bill, amounts or dated lines is left out
    and named by a finding that stops. What our claim has no place for (procedures, drugs, other
    providers) is passed over.
    """
    found, findings = guide.read_837i(transaction)
    claims = []
    for one in found:
        claim = claim_of(one.claim)
        if claim is None:
            said = "A claim lacks its type of bill, statement dates, an amount or a date of service."
            number = one.claim.claim_number[:50]
            findings.append(
                Finding("x12.837i.claim_incomplete", Severity.STOP, said, subject_id=number,
                        remedy="Ask the sender for the whole claim.")
            )  # fmt: skip
            continue
        submitter, receiver = one.submitter, one.receiver
        contact = submitter.contacts[0] if submitter.contacts else None
        numbers = dict(contact.numbers) if contact else {}
        claims.append(
            ClaimInFile(
                claim, one.claim.position, one.claim.end_position, one.batch_reference,
                Submitter(submitter.name, submitter.id, contact.name if contact else "",
                          numbers.get("TE", ""), numbers.get("EM", ""), submitter.kind == "1",
                          submitter.first_name),
                Receiver(receiver.name, receiver.id),
                _created(one),
            )
        )  # fmt: skip
    return claims, findings


def _created(one: guide.InstitutionalClaimInFile) -> datetime | None:
    clock = one.created_clock[:4]
    if one.created_on is None or not (clock.isascii() and clock.isdecimal() and len(clock) == 4):
        return None
    hour, minute = int(clock[:2]), int(clock[2:])
    return datetime.combine(one.created_on, time(hour, minute)) if hour < 24 and minute < 60 else None


def claim_of(one: guide.InstitutionalClaim) -> Claim | None:
    """The guide's record as our claim; None when it lacks what our claim cannot be without."""
    if one.statement_from is None or one.statement_to is None or one.total_charge_cents is None:
        return None
    if not one.facility_code or not one.frequency or one.subscriber is None or one.payer is None:
        return None
    lines = [_line(line, at) for at, line in enumerate(one.lines, start=1)]
    whole = [line for line in lines if line is not None]
    if not whole or len(whole) != len(lines):
        return None
    changes = one.frequency in (Frequency.REPLACEMENT, Frequency.VOID)
    coverage = one.coverage or guide.Coverage("P")
    subscriber = _person(one.subscriber)
    patient = subscriber if one.patient is None else _person(one.patient)
    return Claim(
        claim_number=one.claim_number,
        billing_provider=_organization(one.billing_provider),
        payer=_payer(one.payer, coverage.filing_code),
        subscriber=subscriber,
        member_id=one.subscriber.id,
        patient=patient,
        lines=tuple(whole),
        diagnoses=tuple(with_point(item.code) for item in one.diagnoses),
        place_of_service="",
        total_charge_cents=one.total_charge_cents,
        sequence=coverage.sequence,
        relationship=one.relationship or "18",
        group_number=coverage.group_number,
        group_name=coverage.group_name,
        frequency=Frequency(one.frequency) if changes else Frequency.ORIGINAL,
        payer_control_number=one.payer_control_number,
        referring=_clinician(one.referring),
        service_facility=_facility(one.service_facility),
        pay_to=_address(one.pay_to) if one.pay_to else None,
        authorization_number=one.authorization_number,
        referral_number=one.referral_number,
        accept_assignment=one.accept_assignment,
        benefits_assigned=one.benefits_assigned,
        release_of_information=one.release_of_information,
        note=next((note.text for note in one.notes if note.kind == "ADD"), ""),
        other_payers=tuple(_other(other, whole) for other in one.other_coverages if other.payer),
        particulars=_particulars(one),
        bill=Bill(
            facility=one.facility_code,
            statement_from=one.statement_from,
            statement_to=one.statement_to,
            cycle="1" if changes else one.frequency,
            attending=_clinician(one.attending),
            admitted_on=one.admitted_on,
            admitted_clock=one.admitted_clock,
            discharge_clock=one.discharge_clock,
            admission_type=one.admission_type,
            admission_source=one.admission_source,
            patient_status=one.patient_status,
            admitting_diagnosis=with_point(one.admitting_diagnosis.code) if one.admitting_diagnosis else "",
            conditions=one.condition_codes,
            occurrences=tuple((item.code, item.on) for item in one.occurrences if item.on),
            values=tuple(
                (item.code, item.amount_cents) for item in one.value_codes if item.amount_cents is not None
            ),
        ),
    )


def _particulars(one: guide.InstitutionalClaim) -> Particulars | None:
    conditions = (one.epsdt,) if one.epsdt else ()
    found = Particulars(one.contract, one.repricing, conditions=conditions)
    return None if found == Particulars() else found


def _address(party: Party) -> Address:
    one = party.address
    return Address(one.line1, one.line2, one.city, one.state, one.postal_code) if one else Address()


def _organization(one: guide.BillingProvider) -> Organization:
    contact = one.contacts[0] if one.contacts else None
    return Organization(
        one.name, one.id, one.tax_id, "EI", one.taxonomy, _address(one),
        contact.name if contact else "", dict(contact.numbers).get("TE", "") if contact else "",
    )  # fmt: skip


def _facility(one: Party | None) -> Organization | None:
    return None if one is None else Organization(one.name, one.id, address=_address(one))


def _person(one: Member) -> Person:
    return Person(
        one.name, one.first_name, one.middle_name, one.suffix, one.birth_date, one.sex or "U", _address(one)
    )


def _clinician(one: Party | None) -> Clinician | None:
    return None if one is None else Clinician(one.name, one.first_name, one.id, one.taxonomy)


def _payer(one: Party, filing_code: str) -> PayerParty:
    return PayerParty(one.name, one.id, kind_of(filing_code), filing_code, address=_address(one))


def _adjustments(found: Iterable[Cas]) -> tuple[Adjustment, ...]:
    return tuple(Adjustment(one.group, one.reason, one.amount_cents, one.quantity) for one in found)


def _other(one: guide.OtherCoverage, lines: Iterable[ServiceLine]) -> OtherPayer:
    coverage = one.coverage or guide.Coverage("U")
    payer, subscriber = one.payer, one.subscriber or Member()
    assert payer is not None  # the caller looked
    by_line = [
        answer.adjudicated_on
        for line in lines
        for answer in line.other_payers
        if answer.payer_id == payer.id and answer.adjudicated_on
    ]
    answer = one.outpatient or OutpatientAnswer()
    amounts = OutpatientAmounts(
        **{name: getattr(answer, name) for name in OutpatientAmounts.__struct_fields__}
    )
    return OtherPayer(
        payer=_payer(payer, coverage.filing_code),
        sequence=coverage.sequence,
        subscriber=_person(subscriber),
        member_id=subscriber.id,
        group_number=coverage.group_number,
        relationship=coverage.relationship or "18",
        paid_cents=one.paid_cents,
        remaining_patient_cents=one.remaining_patient_cents,
        adjustments=_adjustments(one.adjustments),
        payer_control_number=payer.reference("F8"),
        adjudicated_on=max(by_line, default=None) if by_line else payer.adjudicated_on,
        remark_codes=answer.remarks,
        outpatient=None if amounts == OutpatientAmounts() else amounts,
    )


def _line(one: guide.InstitutionalLine, at: int) -> ServiceLine | None:
    if one.charge_cents is None or one.service_from is None:
        return None
    return ServiceLine(
        number=one.number or at,
        control_number=one.line_control,
        code=one.service.code if one.service else "",
        date_of_service=one.service_from,
        charge_cents=one.charge_cents,
        units=_number(one.quantity),
        modifiers=one.service.modifiers if one.service else (),
        date_of_service_end=one.service_to,
        note=one.note,
        other_payers=tuple(
            OtherPayerLine(
                answer.payer_id, answer.paid_cents or 0,
                answer.service.code if answer.service else "",
                answer.service.modifiers if answer.service else (),
                _number(answer.quantity), _adjustments(answer.adjustments), answer.adjudicated_on,
            )
            for answer in one.answers
        ),
        revenue_code=one.revenue_code,
        particulars=Particulars(repricing=one.repricing) if one.repricing else None,
    )  # fmt: skip


def _number(value: Decimal | None) -> str:
    return "1" if value is None else f"{value.normalize():f}"
