"""The institutional claim on paper, for programmes (IOP, PHP, residential): UB-04, 22 lines to a form."""

from __future__ import annotations

from datetime import date

import msgspec

from cleanclaim.claim import Address, Clinician, Organization, PayerParty, Person
from cleanclaim.findings import Finding, Severity
from cleanclaim.paper.cms1500 import Form
from cleanclaim.paper.layout import Sheet, money

LINES_A_FORM = 22


class ProgrammeLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One revenue line (form locators 42 to 48)."""

    revenue_code: str
    """Four digits: 0905 IOP psychiatric, 0912 PHP, 0906 IOP chemical dependency."""
    charge_cents: int
    date_of_service: date | None = None
    code: str = ""
    modifiers: tuple[str, ...] = ()
    units: str = "1"
    description: str = ""
    noncovered_cents: int = 0


class ProgrammePayer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One payer in order of benefits (50 to 65)."""

    payer: PayerParty
    subscriber: Person
    member_id: str
    group_name: str = ""
    group_number: str = ""
    relationship: str = "18"
    prior_payment_cents: int | None = None
    authorization_number: str = ""
    payer_control_number: str = ""


class ProgrammeClaim(msgspec.Struct, frozen=True, omit_defaults=True):
    """An institutional claim as the form wants it. Amounts in whole cents."""

    claim_number: str
    bill_type: str
    """Three or four digits: 0131, 0763, 0907, ...; the last is the frequency."""
    billing_provider: Organization
    patient: Person
    statement_from: date
    statement_through: date
    lines: tuple[ProgrammeLine, ...]
    payers: tuple[ProgrammePayer, ...]
    diagnoses: tuple[str, ...]
    """Principal first, at most 18."""
    attending: Clinician | None = None
    pay_to: Organization | None = None
    record_number: str = ""
    admitted_on: date | None = None
    admission_hour: str = ""
    admission_type: str = ""
    admission_source: str = ""
    discharge_hour: str = ""
    patient_status: str = "30"
    admitting_diagnosis: str = ""
    conditions: tuple[str, ...] = ()
    occurrences: tuple[tuple[str, date], ...] = ()
    values: tuple[tuple[str, int], ...] = ()
    """Value codes with amounts in cents."""
    remarks: str = ""

    @property
    def total_cents(self) -> int:
        return sum(line.charge_cents for line in self.lines)


def ub04(claim: ProgrammeClaim, *, created_on: date) -> Form:
    """Fill in the form.

    Returns:
        Sheets in order; the total stands on the last. Limits of the form (18 diagnoses, 3 payers, 11
        conditions, 4 occurrences and 3 values of the first rows) stop.
    """
    findings = [
        Finding(
            "paper.form_full", Severity.STOP, f"The form holds {most} {what}.", subject_id=claim.claim_number,
            facts={"count": count}, remedy="Send the claim electronically.",
        )
        for what, count, most in (
            ("diagnoses", len(claim.diagnoses), 18), ("payers", len(claim.payers), 3),
            ("condition codes", len(claim.conditions), 11), ("occurrence codes", len(claim.occurrences), 4),
            ("value codes", len(claim.values), 3),
        )
        if count > most
    ]  # fmt: skip
    if not claim.lines or not claim.payers or not claim.diagnoses:
        findings.append(
            Finding(
                "paper.incomplete", Severity.STOP, "The claim has no line, no payer or no diagnosis.",
                subject_id=claim.claim_number, remedy="Complete it first.",
            )
        )  # fmt: skip
    if findings:
        return Form((), tuple(findings))
    told: list[Finding] = []
    parts = [claim.lines[start : start + LINES_A_FORM] for start in range(0, len(claim.lines), LINES_A_FORM)]
    pages = []
    for number, lines in enumerate(parts, start=1):
        sheet = Sheet("ub04", claim.claim_number, told)
        _head(sheet, claim)
        for place, line in enumerate(lines):
            _line(sheet, line, place)
        sheet.put("page", str(number))
        sheet.put("pages", str(len(parts)))
        sheet.put("created", _day(created_on))
        if number == len(parts):
            sheet.put("total", money(claim.total_cents))
        _payers(sheet, claim)
        _foot(sheet, claim)
        pages.append(sheet.page(number, len(parts)))
    unique = {(one.code, str(one.facts)): one for one in told}
    return Form(tuple(pages), tuple(unique.values()))


def _day(day: date) -> str:
    return f"{day.month:02d}{day.day:02d}{day.year % 100:02d}"


def _organization(sheet: Sheet, who: str, one: Organization) -> None:
    sheet.put(f"{who}.name", one.name)
    sheet.put(f"{who}.street", " ".join(filter(None, (one.address.line1, one.address.line2))))
    sheet.put(f"{who}.city", _city(one.address))


def _city(address: Address) -> str:
    return " ".join(filter(None, (address.city, address.state, address.postal_code)))


def _head(sheet: Sheet, claim: ProgrammeClaim) -> None:
    patient = claim.patient
    _organization(sheet, "provider", claim.billing_provider)
    sheet.put("provider.phone", claim.billing_provider.contact_phone)
    if claim.pay_to:
        _organization(sheet, "payto", claim.pay_to)
    sheet.put_all(
        {
            "control": claim.claim_number,
            "record": claim.record_number,
            "bill_type": claim.bill_type.rjust(4, "0"),
            "tax.id": claim.billing_provider.tax_id,
            "from": _day(claim.statement_from),
            "through": _day(claim.statement_through),
            "patient.name": ", ".join(
                filter(None, (patient.last_name, patient.first_name, patient.middle_name[:1]))
            ),
            "patient.street": " ".join(filter(None, (patient.address.line1, patient.address.line2))),
            "patient.city": patient.address.city,
            "patient.state": patient.address.state,
            "patient.postal": patient.address.postal_code,
            "sex": patient.sex,
            "admission.hour": claim.admission_hour,
            "admission.type": claim.admission_type,
            "admission.source": claim.admission_source,
            "discharge.hour": claim.discharge_hour,
            "status": claim.patient_status,
        }
    )
    if patient.birth_date:
        sheet.put("birth", f"{patient.birth_date:%m%d%Y}")
    if claim.admitted_on:
        sheet.put("admission.date", _day(claim.admitted_on))
    for number, code in enumerate(sorted(claim.conditions), start=1):
        sheet.put(f"condition.{number}", code)
    for number, (code, day) in enumerate(claim.occurrences, start=1):
        sheet.put(f"occurrence.{number}.code", code)
        sheet.put(f"occurrence.{number}.date", _day(day))
    for number, (code, cents) in enumerate(claim.values, start=1):
        sheet.put(f"value.{number}.code", code)
        sheet.put(f"value.{number}.amount", money(cents))


def _line(sheet: Sheet, line: ProgrammeLine, place: int) -> None:
    sheet.put("line.revenue", line.revenue_code.rjust(4, "0"), line=place)
    sheet.put("line.description", line.description, line=place)
    sheet.put("line.code", "".join((line.code, *line.modifiers)), line=place)
    if line.date_of_service:
        sheet.put("line.date", _day(line.date_of_service), line=place)
    sheet.put("line.units", line.units, line=place)
    sheet.put("line.charge", money(line.charge_cents), line=place)
    if line.noncovered_cents:
        sheet.put("line.noncovered", money(line.noncovered_cents), line=place)


def _payers(sheet: Sheet, claim: ProgrammeClaim) -> None:
    for letter, one in zip("abc", claim.payers, strict=False):
        name = ", ".join(filter(None, (one.subscriber.last_name, one.subscriber.first_name)))
        sheet.put_all(
            {
                f"payer.{letter}.name": one.payer.name,
                f"payer.{letter}.id": one.payer.payer_id,
                f"payer.{letter}.release": "Y",
                f"payer.{letter}.benefits": "Y",
                f"insured.{letter}.name": name,
                f"insured.{letter}.relation": one.relationship,
                f"insured.{letter}.id": one.member_id,
                f"insured.{letter}.group_name": one.group_name,
                f"insured.{letter}.group": one.group_number,
                f"authorization.{letter}": one.authorization_number,
                f"document.{letter}": one.payer_control_number,
            }
        )
        if one.prior_payment_cents is not None:
            sheet.put(f"payer.{letter}.paid", money(one.prior_payment_cents))
    sheet.put("npi", claim.billing_provider.npi)


def _foot(sheet: Sheet, claim: ProgrammeClaim) -> None:
    sheet.put("diagnosis.version", "0")
    sheet.put("diagnosis.principal", claim.diagnoses[0].replace(".", ""))
    for letter, code in zip("abcdefghijklmnopq", claim.diagnoses[1:], strict=False):
        sheet.put(f"diagnosis.{letter}", code.replace(".", ""))
    sheet.put("diagnosis.admitting", claim.admitting_diagnosis.replace(".", ""))
    if claim.attending:
        sheet.put("attending.npi", claim.attending.npi)
        sheet.put("attending.last", claim.attending.last_name)
        sheet.put("attending.first", claim.attending.first_name)
    sheet.put("remarks", claim.remarks)
    if claim.billing_provider.taxonomy:
        sheet.put("taxonomy.qualifier", "B3")
        sheet.put("taxonomy", claim.billing_provider.taxonomy)
