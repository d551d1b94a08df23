"""The professional claim on paper: CMS-1500 (02/12), six lines and twelve diagnoses to a form.

A claim of more than six lines takes several forms. Each stands alone, with the total of its own lines: payers
separate the sheets, and a total of another sheet's lines would make the claim unbalanced.

Source:
    NUCC reference instruction manual for the 02/12 form; Medicare Claims Processing Manual chapter 26.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from cleanclaim.claim import Address, Claim, Clinician, Frequency, OtherPayer, PayerKind, Person, ServiceLine
from cleanclaim.findings import Finding, Severity
from cleanclaim.paper.layout import Page, Sheet, money

LINES_A_FORM = 6
DIAGNOSES_MAX = 12
ON_FILE = "SIGNATURE ON FILE"
LETTERS = "ABCDEFGHIJKL"


class Form(msgspec.Struct, frozen=True):
    """The sheets of a claim, and what somebody should know before they are printed."""

    pages: tuple[Page, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def is_printable(self) -> bool:
        return bool(self.pages) and not any(one.severity.stops for one in self.findings)


def cms1500(
    claim: Claim, *, signer: str = "", signed_on: date | None = None, taxonomy_above_line: bool = False
) -> Form:
    """Fill in the form for a claim.

    Args:
        signer: Name for item 31; the usual words when empty.
        signed_on: Date beside it.
        taxonomy_above_line: Print the rendering taxonomy (ZZ) above each line, as many Medicaid payers want.

    Returns:
        Sheets in order. Twelve diagnoses and six lines a sheet are the form's limits; more diagnoses stop.
    """
    findings: list[Finding] = []
    if len(claim.diagnoses) > DIAGNOSES_MAX:
        findings.append(
            _stop(claim, "too_many_diagnoses", "The form holds twelve diagnoses.", len(claim.diagnoses))
        )
    if not claim.lines:
        findings.append(_stop(claim, "no_lines", "The claim has no service line.", 0))
    if any(finding.severity.stops for finding in findings):
        return Form((), tuple(findings))
    parts = [claim.lines[start : start + LINES_A_FORM] for start in range(0, len(claim.lines), LINES_A_FORM)]
    pages = []
    for number, lines in enumerate(parts, start=1):
        sheet = Sheet("cms1500", claim.claim_number, findings)
        _head(sheet, claim)
        _middle(sheet, claim)
        for place, line in enumerate(lines):
            _line(sheet, claim, line, place, taxonomy_above_line)
        _foot(sheet, claim, lines, number, signer, signed_on)
        pages.append(sheet.page(number, len(parts)))
    unique = {(one.code, str(one.facts)): one for one in findings}
    return Form(tuple(pages), tuple(unique.values()))


def _stop(claim: Claim, code: str, message: str, count: int) -> Finding:
    return Finding(
        f"paper.{code}", Severity.STOP, message, subject_id=claim.claim_number, facts={"count": count},
        remedy="Send the claim electronically, or divide it.",
    )  # fmt: skip


_KINDS = {
    "MB": "medicare",
    "MA": "medicare",
    "MC": "medicaid",
    "CH": "tricare",
    "VA": "champva",
    "FI": "feca",
}


def _insurance(claim: Claim) -> str:
    known = _KINDS.get(claim.payer.claim_filing_code)
    if known:
        return known
    by_kind = {PayerKind.MEDICARE: "medicare", PayerKind.MEDICAID: "medicaid", PayerKind.TRICARE: "tricare"}
    return by_kind.get(claim.payer.kind, "group" if claim.group_number else "other")


def _name(person: Person) -> str:
    last = " ".join(filter(None, (person.last_name, person.suffix)))
    return ", ".join(filter(None, (last, person.first_name, person.middle_name[:1])))


def _address(sheet: Sheet, who: str, address: Address) -> None:
    street = " ".join(filter(None, (address.line1, address.line2)))
    postal = address.postal_code
    sheet.put(f"{who}.street", street)
    sheet.put(f"{who}.city", address.city)
    sheet.put(f"{who}.state", address.state)
    sheet.put(f"{who}.postal", f"{postal[:5]}-{postal[5:]}" if len(postal) == 9 else postal)


def _birth(sheet: Sheet, who: str, person: Person) -> None:
    if person.birth_date:
        sheet.put(f"{who}.birth.month", f"{person.birth_date.month:02d}")
        sheet.put(f"{who}.birth.day", f"{person.birth_date.day:02d}")
        sheet.put(f"{who}.birth.year", f"{person.birth_date.year:04d}")
    if person.sex in ("M", "F"):
        sheet.tick(f"{who}.sex.{person.sex.lower()}")


def _head(sheet: Sheet, claim: Claim) -> None:
    """Carrier, patient, insured, other insured: items 1 to 13."""
    payer = claim.payer
    sheet.put("carrier.name", payer.name)
    sheet.put("carrier.line1", payer.address.line1)
    sheet.put("carrier.line2", payer.address.line2)
    sheet.put("carrier.city", _city(payer.address))
    sheet.tick(f"insurance.{_insurance(claim)}")
    sheet.put("insured.id", claim.member_id)
    sheet.put("patient.name", _name(claim.patient))
    _birth(sheet, "patient", claim.patient)
    sheet.put("insured.name", _name(claim.subscriber))
    _address(sheet, "patient", claim.patient.address)
    relation = {"18": "self", "01": "spouse", "19": "child"}.get(claim.relationship, "other")
    sheet.tick(f"relationship.{relation}")
    _address(sheet, "insured", claim.subscriber.address)
    other = _other(claim)
    is_medicare = _insurance(claim) == "medicare"
    group = claim.group_number
    if is_medicare:
        # Medicare: the word NONE, or the group number of the plan that pays before it.
        group = other.group_number or other.member_id if other and claim.sequence != "P" else "NONE"
    sheet.put("insured.group", group)
    if other and not (is_medicare and claim.sequence != "P"):
        sheet.put("other.name", _name(other.subscriber))
        sheet.put("other.number", other.group_number or other.member_id)
        sheet.put("other.plan", other.payer.name)
    for item in ("employment", "auto", "accident"):
        sheet.tick(f"{item}.no")
    _birth(sheet, "insured", claim.subscriber)
    sheet.put("insured.plan", claim.group_name or ("" if is_medicare else payer.name))
    if not is_medicare:
        sheet.tick("another.yes" if other else "another.no")
    if claim.release_of_information == "Y":
        sheet.put("patient.signature", ON_FILE)
    if claim.benefits_assigned == "Y":
        sheet.put("insured.signature", ON_FILE)


def _other(claim: Claim) -> OtherPayer | None:
    """The other coverage that matters most: one that has answered, else the next in order."""
    answered = [other for other in claim.other_payers if other.paid_cents is not None]
    return next(iter(answered or claim.other_payers), None)


def _city(address: Address) -> str:
    return " ".join(filter(None, (address.city, address.state, address.postal_code)))


def _middle(sheet: Sheet, claim: Claim) -> None:
    """Items 17 to 23."""
    for qualifier, clinician in (("DN", claim.referring), ("DQ", claim.supervising)):
        if clinician is not None:
            sheet.put("referring.qualifier", qualifier)
            sheet.put("referring.name", _clinician(clinician))
            sheet.put("referring.npi", clinician.npi)
            break
    sheet.put("note", claim.note)
    sheet.tick("lab.no")
    sheet.put("diagnosis.indicator", "0")
    for letter, code in zip(LETTERS, claim.diagnoses, strict=False):
        sheet.put(f"diagnosis.{letter.lower()}", code.replace(".", ""))
    if claim.frequency is not Frequency.ORIGINAL:
        sheet.put("resubmission.code", claim.frequency.value)
        sheet.put("resubmission.number", claim.payer_control_number)
    sheet.put("authorization", claim.authorization_number or claim.referral_number)


def _clinician(clinician: Clinician) -> str:
    return " ".join(filter(None, (clinician.first_name, clinician.last_name, clinician.credential)))


def _line(sheet: Sheet, claim: Claim, line: ServiceLine, place: int, taxonomy: bool) -> None:
    """Item 24, one of six; the shaded half above it for supplements."""
    last = line.date_of_service_end or line.date_of_service
    for word, day in (("from", line.date_of_service), ("to", last)):
        sheet.put(f"line.{word}.month", f"{day.month:02d}", line=place)
        sheet.put(f"line.{word}.day", f"{day.day:02d}", line=place)
        sheet.put(f"line.{word}.year", f"{day.year % 100:02d}", line=place)
    sheet.put("line.supplement", line.note, line=place)
    sheet.put("line.place", line.place_of_service or claim.place_of_service, line=place)
    sheet.put("line.code", line.code, line=place)
    for number, modifier in enumerate(line.modifiers[:4], start=1):
        sheet.put(f"line.modifier{number}", modifier, line=place)
    pointers = "".join(LETTERS[pointer - 1] for pointer in line.diagnosis_pointers[:4])
    sheet.put("line.pointer", pointers, line=place)
    sheet.put("line.charge", money(line.charge_cents), line=place)
    sheet.put("line.units", line.units, line=place)
    rendering = line.rendering or claim.rendering
    npi = rendering.npi if rendering else claim.billing_provider.npi
    code = rendering.taxonomy if rendering else claim.billing_provider.taxonomy
    sheet.put("line.npi", npi, line=place)
    if taxonomy and code:
        sheet.put("line.id_qualifier", "ZZ", line=place)
        sheet.put("line.other_id", code, line=place)


def _foot(
    sheet: Sheet, claim: Claim, lines: Sequence[ServiceLine], number: int, signer: str, signed_on: date | None
) -> None:
    """Items 25 to 33."""
    billing, facility = claim.billing_provider, claim.service_facility
    sheet.put("tax.id", billing.tax_id)
    sheet.tick("tax.ssn" if billing.tax_id_kind == "SY" else "tax.ein")
    sheet.put("account", claim.claim_number)
    sheet.tick("assignment.yes" if claim.accept_assignment in ("A", "B") else "assignment.no")
    sheet.put("total", money(sum(line.charge_cents for line in lines)))
    paid = _paid(claim, lines) + (claim.patient_paid_cents if number == 1 else 0)
    if paid:
        sheet.put("paid", money(paid))
    digits = "".join(ch for ch in billing.contact_phone if ch.isdecimal())[-10:]
    if len(digits) == 10:
        sheet.put("billing.phone.area", digits[:3])
        sheet.put("billing.phone.number", f"{digits[3:6]}-{digits[6:]}")
    place = facility or billing
    sheet.put("facility.name", _organization(place.name, place.first_name))
    sheet.put("facility.street", " ".join(filter(None, (place.address.line1, place.address.line2))))
    sheet.put("facility.city", _city(place.address))
    sheet.put("facility.npi", place.npi)
    sheet.put("billing.name", _organization(billing.name, billing.first_name))
    sheet.put("billing.street", " ".join(filter(None, (billing.address.line1, billing.address.line2))))
    sheet.put("billing.city", _city(billing.address))
    sheet.put("billing.npi", billing.npi)
    if billing.taxonomy:
        sheet.put("billing.other_id", f"ZZ{billing.taxonomy}")
    sheet.put("signature", signer or ON_FILE)
    if signed_on:
        sheet.put("signature.date", f"{signed_on.month:02d} {signed_on.day:02d} {signed_on.year % 100:02d}")


def _organization(name: str, first: str) -> str:
    return f"{name}, {first}" if first else name


def _paid(claim: Claim, lines: Sequence[ServiceLine]) -> int:
    """What earlier payers paid on the lines of this sheet (and, on the first, on the claim as a whole)."""
    by_line = sum(told.paid_cents for line in lines for told in line.other_payers)
    whole = 0
    if lines and lines[0] is claim.lines[0]:
        told_by_line = {told.payer_id for line in claim.lines for told in line.other_payers}
        whole = sum(
            other.paid_cents or 0 for other in claim.other_payers if other.payer.payer_id not in told_by_line
        )
    return by_line + whole
