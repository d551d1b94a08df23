"""Write claims as one 837P transaction."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import datetime

from cleanclaim.claim import (
    Claim,
    Clinician,
    Organization,
    OtherPayer,
    OtherPayerLine,
    PayerParty,
    Person,
    ServiceLine,
)
from cleanclaim.dates import ccyymmdd
from cleanclaim.findings import Finding
from cleanclaim.money import x12_amount
from cleanclaim.x12.sets.claim_837p.check import check_batch, check_claim
from cleanclaim.x12.sets.claim_837p.particulars import rides_and_conditions
from cleanclaim.x12.sets.claim_837p.sent import NOTHING, as_sent
from cleanclaim.x12.sets.layouts.particulars import CONTRACT, REPRICING, outpatient_segment
from cleanclaim.x12.sets.records import Receiver, Submitter
from cleanclaim.x12.sets.writing import address_segments, cas_segments, in_chunks, nm1, sent_text
from cleanclaim.x12.writer import Element, SetBody, WriteRefused

GUIDE = "005010X222A1"
CLAIMS_PER_PATIENT_LOOP = 100

Segments = Iterator[tuple[Element, ...]]


def write_837p(
    claims: Sequence[Claim], *, submitter: Submitter, receiver: Receiver, batch_reference: str,
    control_number: str, created_at: datetime,
) -> SetBody:  # fmt: skip
    """Write claims as one 837P transaction.

    Claims are grouped under billing provider, then subscriber, then patient, each in the order of
    first appearance, so equal input gives equal bytes. Texts travel as `as_sent` shows them.

    Args:
        claims: At least one; claim numbers must differ.
        submitter: Who sends (1000A).
        receiver: Who receives (1000B).
        batch_reference: BHT03, our name of the batch, which a 277CA returns. At most 50 characters.
        control_number: ST02.
        created_at: Time of the sender (BHT04, BHT05).

    Raises:
        WriteRefused: One finding per fault; each names its claim. Nothing is written in part.
            Call `check_claim` first to leave such a claim out of its batch.
    """
    findings: list[Finding] = check_batch(claims, submitter, receiver, batch_reference)
    for claim in claims:
        findings += [finding for finding in check_claim(claim) if finding.severity.stops]
    if findings:
        raise WriteRefused(findings)
    segments: list[tuple[Element, ...]] = [
        ("BHT", "0019", "00", batch_reference, f"{created_at:%Y%m%d}", f"{created_at:%H%M}", "CH"),
        *_parties(submitter, receiver),
        *_levels([as_sent(claim) for claim in claims]),
    ]
    return SetBody("837", GUIDE, "HC", control_number, segments)


def _parties(submitter: Submitter, receiver: Receiver) -> Segments:
    kind = "1" if submitter.is_person else "2"
    yield nm1(
        "41", kind, sent_text(submitter.name), sent_text(submitter.first_name), "", "", "46", submitter.id
    )
    phone = "".join(ch for ch in submitter.contact_phone if ch.isdecimal())
    ways = [
        *(("TE", phone) if phone else ()),
        *(("EM", submitter.contact_email) if submitter.contact_email else ()),
    ]
    yield ("PER", "IC", sent_text(submitter.contact_name), *ways)
    yield nm1("40", "2", sent_text(receiver.name), qualifier="46", identifier=receiver.id)


def _levels(claims: list[Claim]) -> Segments:
    """The HL tree. HL02 names the parent; HL04 says whether children follow."""
    level = 0
    for of_provider in _grouped(claims, lambda claim: (claim.billing_provider, claim.pay_to)):
        level += 1
        provider_level = level
        yield ("HL", str(level), "", "20", "1")
        yield from _billing_provider(of_provider[0])
        for of_subscriber in _grouped(of_provider, _subscriber_key):
            first = of_subscriber[0]
            own = first.relationship == "18"
            # One patient loop holds at most 100 claims; more open the same level again.
            loops = [
                chunk
                for of_patient in _grouped(of_subscriber, lambda claim: (claim.patient, claim.relationship))
                for chunk in in_chunks(of_patient, CLAIMS_PER_PATIENT_LOOP)
            ]
            if own:
                for chunk in loops:
                    level += 1
                    yield ("HL", str(level), str(provider_level), "22", "0")
                    yield from _subscriber(first)
                    for claim in chunk:
                        yield from _claim(claim)
                continue
            level += 1
            subscriber_level = level
            yield ("HL", str(level), str(provider_level), "22", "1")
            yield from _subscriber(first)
            for chunk in loops:
                level += 1
                yield ("HL", str(level), str(subscriber_level), "23", "0")
                yield ("PAT", chunk[0].relationship)
                yield from _person("QC", chunk[0].patient, "")
                for claim in chunk:
                    yield from _claim(claim)


def _grouped(claims: Iterable[Claim], key: Callable[[Claim], Hashable]) -> list[list[Claim]]:
    groups: dict[Hashable, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(key(claim), []).append(claim)
    return list(groups.values())


def _subscriber_key(claim: Claim) -> Hashable:
    return (
        claim.subscriber, claim.member_id, claim.payer, claim.sequence, claim.relationship == "18",
        claim.group_number, claim.group_name, claim.insurance_type,
    )  # fmt: skip


def _billing_provider(claim: Claim) -> Segments:
    provider = claim.billing_provider
    kind = "1" if provider.is_person else "2"
    yield ("PRV", "BI", "PXC", provider.taxonomy)
    yield nm1("85", kind, provider.name, provider.first_name, "", "", "XX", provider.npi)
    yield from address_segments(provider.address)
    yield ("REF", provider.tax_id_kind, provider.tax_id)
    if provider.contact_phone:
        yield ("PER", "IC", provider.contact_name, "TE", provider.contact_phone)
    if claim.pay_to:
        yield ("NM1", "87", kind)
        yield from address_segments(claim.pay_to)


def _subscriber(claim: Claim) -> Segments:
    own = claim.relationship == "18"
    yield (
        "SBR", claim.sequence, "18" if own else "", claim.group_number, claim.group_name,
        claim.insurance_type, "", "", "", claim.payer.claim_filing_code,
    )  # fmt: skip
    yield from _person("IL", claim.subscriber, claim.member_id)
    yield from _payer(claim.payer)


def _person(entity: str, person: Person, member_id: str) -> Segments:
    yield nm1(
        entity, "1", person.last_name, person.first_name, person.middle_name, person.suffix, "MI", member_id
    )
    yield from address_segments(person.address)
    if person.birth_date:
        yield ("DMG", "D8", ccyymmdd(person.birth_date), person.sex)


def _payer(payer: PayerParty) -> Segments:
    yield nm1("PR", "2", payer.name, qualifier="PI", identifier=payer.payer_id)
    yield from address_segments(payer.address)


def _claim(claim: Claim) -> Segments:
    yield (
        "CLM", claim.claim_number, x12_amount(claim.total_charge_cents), "", "",
        (claim.place_of_service, "B", claim.frequency.value), claim.provider_signature,
        claim.accept_assignment, claim.benefits_assigned, claim.release_of_information,
    )  # fmt: skip
    particulars = claim.particulars or NOTHING
    if particulars.contract:
        yield CONTRACT.write(particulars.contract)
    if claim.patient_paid_cents:
        yield ("AMT", "F5", x12_amount(claim.patient_paid_cents))
    for qualifier, value in (
        ("9F", claim.referral_number),
        ("G1", claim.authorization_number),
        ("F8", claim.payer_control_number),
    ):
        if value:
            yield ("REF", qualifier, value)
    if claim.note:
        yield ("NTE", "ADD", claim.note)
    yield from rides_and_conditions(particulars)
    codes = [code.replace(".", "") for code in claim.diagnoses]
    yield ("HI", ("ABK", codes[0]), *(("ABF", code) for code in codes[1:]))
    if particulars.repricing:
        yield REPRICING.write(particulars.repricing)
    yield from _clinician("DN", claim.referring)
    yield from _clinician("82", claim.rendering)
    yield from _facility(claim.service_facility)
    yield from _clinician("DQ", claim.supervising)
    by_line = {answer.payer_id for line in claim.lines for answer in line.other_payers}
    for other in claim.other_payers:
        yield from _other_payer(other, claim, dated_by_line=other.payer.payer_id in by_line)
    for line in claim.lines:
        yield from _line(line)


def _clinician(entity: str, clinician: Clinician | None) -> Segments:
    if clinician is None:
        return
    yield nm1(entity, "1", clinician.last_name, clinician.first_name, "", "", "XX", clinician.npi)
    if entity == "82" and clinician.taxonomy:
        yield ("PRV", "PE", "PXC", clinician.taxonomy)


def _facility(facility: Organization | None) -> Segments:
    if facility is None:
        return
    yield nm1("77", "2", facility.name, qualifier="XX", identifier=facility.npi)
    yield from address_segments(facility.address)


def _other_payer(other: OtherPayer, claim: Claim, *, dated_by_line: bool) -> Segments:
    yield (
        "SBR", other.sequence, other.relationship, other.group_number, "", "", "", "", "",
        other.payer.claim_filing_code,
    )  # fmt: skip
    yield from cas_segments(other.adjustments)
    if other.paid_cents is not None:
        yield ("AMT", "D", x12_amount(other.paid_cents))
    if other.remaining_patient_cents is not None:
        yield ("AMT", "EAF", x12_amount(other.remaining_patient_cents))
    yield ("OI", "", "", claim.benefits_assigned, "", "", claim.release_of_information)
    answer = outpatient_segment(other.outpatient, other.remark_codes)
    if answer:
        yield answer
    yield from _person("IL", other.subscriber, other.member_id)
    yield from _payer(other.payer)
    # The guide wants the payment date in one place: on the lines when the payer answered by line.
    if other.adjudicated_on and not dated_by_line:
        yield ("DTP", "573", "D8", ccyymmdd(other.adjudicated_on))
    if other.payer_control_number:
        yield ("REF", "F8", other.payer_control_number)


def _line(line: ServiceLine) -> Segments:
    yield ("LX", str(line.number))
    pointers = tuple(str(pointer) for pointer in line.diagnosis_pointers)
    yield (
        "SV1", ("HC", line.code, *line.modifiers), x12_amount(line.charge_cents), "UN", line.units,
        line.place_of_service, "", pointers,
    )  # fmt: skip
    particulars = line.particulars or NOTHING
    yield from rides_and_conditions(particulars)
    start = ccyymmdd(line.date_of_service)
    if line.date_of_service_end:
        yield ("DTP", "472", "RD8", f"{start}-{ccyymmdd(line.date_of_service_end)}")
    else:
        yield ("DTP", "472", "D8", start)
    if line.obligated_cents is not None:
        yield ("CN1", "09", x12_amount(line.obligated_cents))
    elif particulars.contract:
        yield CONTRACT.write(particulars.contract)
    yield ("REF", "6R", line.control_number)
    if line.note:
        yield ("NTE", "ADD", line.note)
    if particulars.repricing:
        yield REPRICING.write(particulars.repricing)
    yield from _clinician("82", line.rendering)
    yield from _clinician("DQ", line.supervising)
    for answer in line.other_payers:
        yield from _line_answer(answer)


def _line_answer(answer: OtherPayerLine) -> Segments:
    yield (
        "SVD",
        answer.payer_id,
        x12_amount(answer.paid_cents),
        ("HC", answer.code, *answer.modifiers),
        "",
        answer.units,
    )
    yield from cas_segments(answer.adjustments)
    if answer.adjudicated_on:
        yield ("DTP", "573", "D8", ccyymmdd(answer.adjudicated_on))
