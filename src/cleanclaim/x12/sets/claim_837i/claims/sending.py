"""`Claim` -> the guide's record -> file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from cleanclaim.claim import (
    Address,
    Adjustment,
    Claim,
    Clinician,
    Frequency,
    OtherPayer,
    OtherPayerLine,
    PayerParty,
    Person,
    ServiceLine,
)
from cleanclaim.claim_particulars import OutpatientAmounts, OutpatientAnswer, Particulars
from cleanclaim.x12.sets import claim_837i as guide
from cleanclaim.x12.sets.parties import (
    Contact,
    Diagnosis,
    Member,
    Party,
    PostalAddress,
    Reference,
    Service,
)
from cleanclaim.x12.sets.records import Cas, Receiver, Submitter
from cleanclaim.x12.sets.writing import by_group, sent_address, sent_text
from cleanclaim.x12.writer import SetBody

OBLIGATED = "44"
"""The value code of what a provider is obliged to accept from the payer before as payment in full."""


def write_claims(
    claims: Sequence[Claim], *, submitter: Submitter, receiver: Receiver, batch_reference: str,
    control_number: str, created_at: datetime,
) -> SetBody:  # fmt: skip
    """Write institutional claims as one 837I transaction.

    Call `check_institutional` first to leave a claim out that the guide refuses.

    Args:
        claims: At least one, each with a `Bill`; their order is kept.
        batch_reference: BHT03, our name of the batch, which a 277CA returns.
        control_number: ST02.
        created_at: Time of the sender (BHT04, BHT05).

    Raises:
        WriteRefused: There is no claim, or the guide refuses what would be written.
        ValueError: A claim has no `Bill`.
    """
    phone = "".join(ch for ch in submitter.contact_phone if ch.isdecimal())
    numbers = (
        *((("TE", phone),) if phone else ()),
        *((("EM", submitter.contact_email),) if submitter.contact_email else ()),
    )
    sender = Party(
        "41", "1" if submitter.is_person else "2", sent_text(submitter.name), sent_text(submitter.first_name),
        id_qualifier="46", id=submitter.id,
        contacts=(Contact(sent_text(submitter.contact_name), numbers),),
    )  # fmt: skip
    taker = Party("40", "2", sent_text(receiver.name), id_qualifier="46", id=receiver.id)
    return guide.write_837i(
        [
            guide.InstitutionalClaimInFile(institutional_of(claim), batch_reference, sender, taker)
            for claim in claims
        ],
        control_number=control_number,
        created_at=created_at,
    )


def institutional_of(claim: Claim) -> guide.InstitutionalClaim:
    """The claim as the guide's record, with texts as they travel.

    What the lines are to be accepted for in full (`obligated_cents`) travels as one amount of the bill,
    value code 44, for an 837I has no place for it on a line.

    Left out, because an 837I has no place for them: place of service, diagnosis pointers, the provider
    signature flag, the supervisor, the reason why Medicare is second (a payer's value code says it), session
    minutes, credentials and our own ids.

    Raises:
        ValueError: The claim has no `Bill`: it is a professional one.
    """
    bill = claim.bill
    if bill is None:
        raise ValueError(f"claim {claim.claim_number} is professional: it has no bill")
    own = claim.relationship == "18"
    diagnoses = [code.replace(".", "").upper() for code in claim.diagnoses]
    admitting = bill.admitting_diagnosis.replace(".", "").upper()
    dates = {other.payer.payer_id.strip(): other.adjudicated_on for other in claim.other_payers}
    particulars = claim.particulars or Particulars()
    return guide.InstitutionalClaim(
        claim_number=claim.claim_number,
        total_charge_cents=claim.total_charge_cents,
        facility_code=bill.facility,
        frequency=bill.cycle if claim.frequency is Frequency.ORIGINAL else claim.frequency.value,
        accept_assignment=claim.accept_assignment,
        benefits_assigned=claim.benefits_assigned,
        release_of_information=claim.release_of_information,
        billing_provider=_billing_provider(claim),
        pay_to=Party("87", "2", address=_postal(claim.pay_to)) if claim.pay_to else None,
        coverage=guide.Coverage(
            claim.sequence,
            "18" if own else "",
            claim.group_number.strip(),
            "" if claim.group_number.strip() else sent_text(claim.group_name),
            claim.payer.claim_filing_code,
        ),
        subscriber=_member("IL", claim.subscriber, claim.member_id, whole=own),
        payer=_payer(claim.payer),
        relationship="" if own else claim.relationship,
        patient=None if own else _member("QC", claim.patient, "", whole=True),
        statement_from=bill.statement_from,
        statement_to=bill.statement_to,
        admitted_on=bill.admitted_on,
        admitted_clock=bill.admitted_clock if bill.admitted_on else "",
        discharge_clock=bill.discharge_clock,
        admission_type=bill.admission_type,
        admission_source=bill.admission_source,
        patient_status=bill.patient_status,
        referral_number=claim.referral_number.strip(),
        authorization_number=claim.authorization_number.strip(),
        payer_control_number=claim.payer_control_number.strip(),
        contract=particulars.contract,
        repricing=particulars.repricing,
        epsdt=particulars.conditions[0] if particulars.conditions else None,
        notes=(guide.Note("ADD", sent_text(claim.note)),) if claim.note else (),
        principal_diagnosis=Diagnosis(diagnoses[0]) if diagnoses else None,
        admitting_diagnosis=Diagnosis(admitting, "ABJ") if admitting else None,
        other_diagnoses=tuple(Diagnosis(code, "ABF") for code in diagnoses[1:]),
        occurrences=tuple(guide.Occurrence(code, on) for code, on in bill.occurrences),
        value_codes=tuple(guide.ValueCode(code, cents) for code, cents in (*bill.values, *_to_accept(claim))),
        condition_codes=bill.conditions,
        attending=_clinician("71", bill.attending),
        referring=_clinician("DN", claim.referring),
        service_facility=_facility(claim),
        other_coverages=tuple(_other(other, claim) for other in claim.other_payers),
        lines=tuple(_line(line, dates) for line in claim.lines),
    )


def _to_accept(claim: Claim) -> tuple[tuple[str, int], ...]:
    """What the earlier payers' contracts oblige us to accept for the whole bill, if any.

    A line that says nothing counts with its charge: no contract cut it.
    """
    if all(line.obligated_cents is None for line in claim.lines):
        return ()
    lines = ((line.obligated_cents, line.charge_cents) for line in claim.lines)
    return ((OBLIGATED, sum(charge if accepted is None else accepted for accepted, charge in lines)),)


def _postal(address: Address) -> PostalAddress | None:
    sent = sent_address(address)
    if not sent.line1:
        return None
    return PostalAddress(sent.line1, sent.line2, sent.city, sent.state, sent.postal_code)


def _billing_provider(claim: Claim) -> guide.BillingProvider:
    """An 837I knows organizations alone; a person who bills stands with the whole name."""
    one = claim.billing_provider
    phone = "".join(ch for ch in one.contact_phone if ch.isdecimal())
    name = " ".join(filter(None, (one.name, one.first_name if one.is_person else "")))
    return guide.BillingProvider(
        "85", "2", sent_text(name), id_qualifier="XX", id=one.npi, address=_postal(one.address),
        contacts=(Contact(sent_text(one.contact_name), (("TE", phone),)),) if phone else (),
        provider_role="BI" if one.taxonomy else "", taxonomy_qualifier="PXC" if one.taxonomy else "",
        taxonomy=one.taxonomy, tax_id=one.tax_id,
    )  # fmt: skip


def _member(entity: str, person: Person, member_id: str, *, whole: bool) -> Member:
    """A patient or subscriber; of a subscriber who is not the patient only the name travels."""
    member_id = member_id.strip()
    return Member(
        entity, "1", sent_text(person.last_name), sent_text(person.first_name),
        sent_text(person.middle_name), suffix=sent_text(person.suffix),
        id_qualifier="MI" if member_id else "", id=member_id,
        address=_postal(person.address) if whole else None,
        birth_date=person.birth_date if whole else None,
        sex=person.sex if whole and person.birth_date else "",
    )  # fmt: skip


def _payer(payer: PayerParty) -> Party:
    return Party("PR", "2", sent_text(payer.name), id_qualifier="PI", id=payer.payer_id.strip(),
                 address=_postal(payer.address))  # fmt: skip


def _clinician(entity: str, one: Clinician | None) -> Party | None:
    if one is None:
        return None
    taxonomy = one.taxonomy if entity == "71" else ""
    return Party(
        entity, "1", sent_text(one.last_name), sent_text(one.first_name), id_qualifier="XX", id=one.npi,
        provider_role="AT" if taxonomy else "", taxonomy_qualifier="PXC" if taxonomy else "",
        taxonomy=taxonomy,
    )  # fmt: skip


def _facility(claim: Claim) -> Party | None:
    one = claim.service_facility
    if one is None:
        return None
    return Party("77", "2", sent_text(one.name), id_qualifier="XX" if one.npi else "", id=one.npi,
                 address=_postal(one.address))  # fmt: skip


def _cas(adjustments: Iterable[Adjustment]) -> tuple[Cas, ...]:
    return tuple(Cas(one.group, one.reason, one.amount_cents, one.quantity) for one in by_group(adjustments))


def _other(other: OtherPayer, claim: Claim) -> guide.OtherCoverage:
    payer = _payer(other.payer)
    number = other.payer_control_number.strip()
    by_line = any(answer.payer_id.strip() == payer.id for line in claim.lines for answer in line.other_payers)
    member = _member("IL", other.subscriber, other.member_id, whole=False)
    return guide.OtherCoverage(
        coverage=guide.Coverage(
            other.sequence, other.relationship, other.group_number.strip(), "", other.payer.claim_filing_code
        ),
        adjustments=_cas(other.adjustments),
        paid_cents=other.paid_cents,
        remaining_patient_cents=other.remaining_patient_cents,
        benefits_assigned=claim.benefits_assigned,
        release_of_information=claim.release_of_information,
        outpatient=_outpatient(other),
        subscriber=Member(
            member.entity, member.kind, member.name, member.first_name, member.middle_name,
            suffix=member.suffix, id_qualifier=member.id_qualifier, id=member.id,
            address=_postal(other.subscriber.address),
        ),
        payer=guide.OtherPayer(
            payer.entity, payer.kind, payer.name, id_qualifier="PI", id=payer.id, address=payer.address,
            references=(Reference("F8", number),) if number else (),
            # The guide wants the payment date in one place: on the lines when the payer answered by line.
            adjudicated_on=None if by_line else other.adjudicated_on,
        ),
    )  # fmt: skip


def _outpatient(other: OtherPayer) -> OutpatientAnswer | None:
    amounts = other.outpatient or OutpatientAmounts()
    fields = {name: getattr(amounts, name) for name in amounts.__struct_fields__}
    answer = OutpatientAnswer(**fields, remarks=tuple(other.remark_codes))
    return None if answer == OutpatientAnswer() else answer


def _line(line: ServiceLine, dates: dict[str, date | None]) -> guide.InstitutionalLine:
    ends = line.date_of_service_end
    return guide.InstitutionalLine(
        number=line.number,
        revenue_code=line.revenue_code,
        service=Service("HC", line.code, line.modifiers) if line.code else None,
        charge_cents=line.charge_cents,
        unit="UN",
        quantity=Decimal(line.units),
        service_from=line.date_of_service,
        service_to=ends if ends != line.date_of_service else None,
        line_control=line.control_number,
        note=sent_text(line.note),
        repricing=line.particulars.repricing if line.particulars else None,
        answers=tuple(_answer(one, dates, line.revenue_code) for one in line.other_payers),
    )


def _answer(one: OtherPayerLine, dates: dict[str, date | None], revenue_code: str) -> guide.LineAnswer:
    payer_id = one.payer_id.strip()
    return guide.LineAnswer(
        payer_id=payer_id,
        paid_cents=one.paid_cents,
        service=Service("HC", one.code, one.modifiers) if one.code else None,
        revenue_code=revenue_code,
        quantity=Decimal(one.units),
        adjustments=_cas(one.adjustments),
        adjudicated_on=one.adjudicated_on or dates.get(payer_id),
    )
