"""What the 837P guide refuses, said claim by claim before anything is written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from cleanclaim.claim import (
    Address,
    Adjustment,
    Claim,
    Clinician,
    Frequency,
    Organization,
    OtherPayer,
    PayerParty,
    Person,
    ServiceLine,
)
from cleanclaim.findings import Finding
from cleanclaim.money import dollars
from cleanclaim.x12.sets.records import Receiver, Submitter
from cleanclaim.x12.sets.writing import TRIPLES_PER_CAS, Refusals, is_plain, sent_address, sent_text

FAMILY = "x12.837p"
MAX_LINES = 50
MAX_DIAGNOSES = 12
MAX_OTHER_PAYERS = 10
MAX_ANSWERS_PER_LINE = 15
MAX_CAS_SEGMENTS = 5
MAX_CENTS = 10**10 - 1
"""R elements allow 18 digits; payers' systems do not. $99,999,999.99 is beyond any real claim."""

_CLAIM_NUMBER = re.compile(r"[A-Z0-9]{1,17}\Z")
_LINE_CONTROL = re.compile(r"[A-Za-z0-9-]{1,30}\Z")
_NPI = re.compile(r"\d{10}\Z", re.ASCII)
_TAXONOMY = re.compile(r"[A-Z0-9]{10}\Z")
_TAX_ID = re.compile(r"\d{9}\Z", re.ASCII)
_PROCEDURE = re.compile(r"[A-Z0-9]{5}\Z")
_MODIFIER = re.compile(r"[A-Z0-9]{2}\Z")
_PLACE = re.compile(r"\d{2}\Z", re.ASCII)
_STATE = re.compile(r"[A-Z]{2}\Z")
_REASON = re.compile(r"[A-Z0-9]{1,5}\Z")
_DIAGNOSIS = re.compile(r"[A-Z]\d[A-Z0-9](?:\.?[A-Z0-9]{1,4})?\Z")
_PO_BOX = re.compile(r"\bP\.? ?O\.? ?BOX\b|\bPOST OFFICE BOX\b|\bLOCK ?BOX\b")

_FILING_CODES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "16",
        "17",
        "AM",
        "BL",
        "CH",
        "CI",
        "DS",
        "FI",
        "HM",
        "LM",
        "MA",
        "MB",
        "MC",
        "OF",
        "TV",
        "VA",
        "WC",
        "ZZ",
    ]
)
_SEQUENCES = frozenset("ABCDEFGHPSTU")
_RELATIONSHIPS = frozenset(["01", "18", "19", "20", "21", "39", "40", "53", "G8"])
_SECONDARY_REASONS = frozenset(["12", "13", "14", "15", "16", "41", "42", "43", "47"])
_GROUPS = frozenset(["CO", "CR", "OA", "PI", "PR"])


def check_claim(claim: Claim) -> list[Finding]:
    """Say what keeps one claim out of an 837P; an empty list means it can be written.

    These are the guide's refusals only: shape, presence, sums. Whether the claim is wise to send is
    for the edits. Every finding stops; its `subject_id` and message name the claim, never the
    patient.
    """
    checks = _ClaimChecks(claim)
    checks.header()
    checks.parties()
    checks.diagnoses()
    checks.lines()
    checks.other_payers()
    return checks.out.findings


def check_batch(
    claims: Sequence[Claim], submitter: Submitter, receiver: Receiver, batch_reference: str
) -> list[Finding]:
    """Say what keeps the whole transaction back: its parties, its reference, doubled claim numbers."""
    out = Refusals(FAMILY, "", "File")
    if not claims:
        out.add("empty", "holds no claim", "Choose at least one claim.")
    if not is_plain(batch_reference, 50):
        out.add(
            "batch_reference", "has no usable batch reference", "Give 1 to 50 plain characters.", "", "BHT03"
        )
    for loop, party, word in (("1000A", submitter, "submitter"), ("1000B", receiver, "receiver")):
        if not 1 <= len(sent_text(party.name)) <= 60:
            out.add("party_name", f"has no {word} name of at most 60 characters", f"Enter the {word}'s name.", loop,
                    "NM103")  # fmt: skip
        if not is_plain(party.id, 80, 2):
            out.add(
                "party_id",
                f"has no usable {word} id",
                "Enter the id the trading partner gave.",
                loop,
                "NM109",
            )
    digits = "".join(ch for ch in submitter.contact_phone if ch.isdigit())
    if not digits and not submitter.contact_email:
        out.add("contact", "names no way to reach the submitter", "Enter the submitter's phone or e-mail.", "1000A",
                "PER04")  # fmt: skip
    if submitter.contact_email and not is_plain(submitter.contact_email, 256):
        out.add(
            "contact", "has an unusable submitter e-mail", "Correct the e-mail address.", "1000A", "PER04"
        )
    for number, count in Counter(claim.claim_number for claim in claims).items():
        if count > 1:
            one = Refusals(FAMILY, number, "Claim")
            one.add("claim_number_twice", f"stands {count} times in one file", "Send each claim once.", "2300",
                    "CLM01", count=count)  # fmt: skip
            out.findings += one.findings
    return out.findings


class _ClaimChecks:
    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.out = Refusals(FAMILY, claim.claim_number[:50], "Claim")
        self.refuse = self.out.add

    def header(self) -> None:
        claim, refuse = self.claim, self.refuse
        if not _CLAIM_NUMBER.match(claim.claim_number):
            refuse("claim_number", "has no claim number of 1 to 17 capitals and digits",
                   "Payers return at most 20 characters; ours have at most 17.", "2300", "CLM01")  # fmt: skip
        self.code(
            claim.place_of_service,
            _PLACE,
            "place_of_service",
            "a two-digit place of service",
            "2300",
            "CLM05",
        )
        self.amount(claim.total_charge_cents, "total charge", "2300", "CLM02")
        self.amount(claim.patient_paid_cents, "patient payment", "2300", "AMT02")
        self.choice(
            claim.sequence, _SEQUENCES, "sequence", "place in the order of benefits", "2000B", "SBR01"
        )
        self.choice(
            claim.relationship,
            _RELATIONSHIPS,
            "relationship",
            "relationship to the subscriber",
            "2000C",
            "PAT01",
        )
        self.choice(claim.provider_signature, "YN", "signature", "provider signature flag", "2300", "CLM06")
        self.choice(claim.accept_assignment, "ABC", "assignment", "assignment flag", "2300", "CLM07")
        self.choice(claim.benefits_assigned, "YNW", "benefits", "benefits assignment flag", "2300", "CLM08")
        self.choice(
            claim.release_of_information, "YI", "release", "release of information flag", "2300", "CLM09"
        )
        if claim.frequency is not Frequency.ORIGINAL and not claim.payer_control_number:
            refuse("payer_control_number",
                   "replaces or voids a claim without the payer's number of that claim",
                   "Take CLP07 of the payer's latest remittance for it.", "2300", "REF02",
                   frequency=claim.frequency.value)  # fmt: skip
        for value, what in (
            (claim.payer_control_number, "payer control number"),
            (claim.authorization_number, "authorization number"),
            (claim.referral_number, "referral number"),
        ):
            if value and not is_plain(value.strip(), 50):
                refuse("characters", f"has characters in its {what} that cannot be sent",
                       "Use at most 50 plain characters without * : ^ ~.", "2300", "REF02")  # fmt: skip
        self.note(claim.note, "2300")
        self.secondary_reason()

    def secondary_reason(self) -> None:
        claim = self.claim
        to_medicare = claim.payer.claim_filing_code in ("MA", "MB")
        if claim.insurance_type and claim.insurance_type not in _SECONDARY_REASONS:
            self.refuse("secondary_reason", "has an unknown reason why Medicare is not first",
                        "Use 12, 13, 14, 15, 16, 41, 42, 43 or 47.", "2000B", "SBR05")  # fmt: skip
        elif to_medicare and claim.sequence != "P" and not claim.insurance_type:
            self.refuse("secondary_reason", "bills Medicare after another payer without the reason",
                        "Enter why Medicare is not first, such as 12 for a working person of 65 or more.",
                        "2000B", "SBR05")  # fmt: skip
        elif claim.insurance_type and (not to_medicare or claim.sequence == "P"):
            self.refuse("secondary_reason", "gives a Medicare-secondary reason although Medicare is not billed second",
                        "Empty the reason, or correct payer and order.", "2000B", "SBR05")  # fmt: skip

    def parties(self) -> None:
        claim = self.claim
        self.billing_provider(claim.billing_provider)
        if claim.pay_to is not None:
            self.address(claim.pay_to, "pay-to address", "2010AB")
        own = claim.relationship == "18"
        self.payer(claim.payer, "2010BB")
        self.member_id(claim.member_id, "2010BA")
        if own and claim.patient != claim.subscriber:
            self.refuse("patient", "says that the patient is the subscriber but names two people",
                        "Correct the relationship, or make the two the same.", "2010BA", "SBR02")  # fmt: skip
        self.person(claim.subscriber, "subscriber", "2010BA")
        if not own:
            self.person(claim.patient, "patient", "2010CA")
        self.patient_facts(claim.patient, "2010BA" if own else "2010CA")
        if claim.group_number and not is_plain(claim.group_number.strip(), 50):
            self.refuse("characters", "has a group number that cannot be sent",
                        "Use at most 50 plain characters without * : ^ ~.", "2000B", "SBR03")  # fmt: skip
        self.text(claim.group_name, 60, "group name", "2000B", "SBR04")
        if claim.rendering is None and not claim.billing_provider.is_person:
            self.refuse("rendering", "names no rendering provider although an organization bills",
                        "Choose the clinician who held the session.", "2310B", "NM109")  # fmt: skip
        self.clinician(claim.rendering, "rendering provider", "2310B")
        self.clinician(claim.supervising, "supervising provider", "2310D")
        self.clinician(claim.referring, "referring provider", "2310A")
        facility = claim.service_facility
        if facility is not None:
            self.text(facility.name, 60, "facility name", "2310C", "NM103", needed=True)
            if facility.npi:
                self.code(facility.npi, _NPI, "npi", "a facility NPI of ten digits", "2310C", "NM109")
            self.address(facility.address, "service facility", "2310C", zip_plus_4=True)

    def billing_provider(self, provider: Organization) -> None:
        loop = "2010AA"
        self.text(provider.name, 60, "billing provider name", loop, "NM103", needed=True)
        if provider.is_person:
            self.text(provider.first_name, 35, "billing provider first name", loop, "NM104")
        self.code(provider.npi, _NPI, "npi", "a billing provider NPI of ten digits", loop, "NM109")
        self.code(provider.taxonomy, _TAXONOMY, "taxonomy", "a billing provider taxonomy of ten characters", "2000A",
                  "PRV03")  # fmt: skip
        self.code(
            provider.tax_id, _TAX_ID, "tax_id", "a billing provider tax id of nine digits", loop, "REF02"
        )
        self.choice(
            provider.tax_id_kind,
            frozenset(("EI", "SY")),
            "tax_id",
            "kind of tax id (EI or SY)",
            loop,
            "REF01",
        )
        self.address(provider.address, "billing provider", loop, zip_plus_4=True)
        street = f"{sent_text(provider.address.line1)} {sent_text(provider.address.line2)}"
        if _PO_BOX.search(street):
            self.refuse("po_box", "has a post office box as billing provider address",
                        "Enter the street address here and the box as pay-to address.", loop, "N301")  # fmt: skip
        self.text(provider.contact_name, 60, "billing contact name", loop, "PER02")

    def payer(self, payer: PayerParty, loop: str) -> None:
        self.text(payer.name, 60, "payer name", loop, "NM103", needed=True)
        if not is_plain(payer.payer_id.strip(), 80, 2):
            self.refuse("payer_id", "has no usable payer id", "Take the claims payer id from the clearinghouse list.",
                        loop, "NM109")  # fmt: skip
        filing_loop = "2000B" if loop == "2010BB" else "2320"
        self.choice(
            payer.claim_filing_code, _FILING_CODES, "filing_code", "claim filing code", filing_loop, "SBR09"
        )
        if payer.address != Address():
            self.address(payer.address, "payer", loop)

    def member_id(self, member_id: str, loop: str) -> None:
        if not is_plain(member_id.strip(), 80, 2):
            self.refuse("member_id", "has no usable member id",
                        "Enter the id as the payer's eligibility answer shows it.", loop, "NM109")  # fmt: skip

    def person(self, person: Person, word: str, loop: str) -> None:
        self.text(person.last_name, 60, f"{word} last name", loop, "NM103", needed=True)
        self.text(person.first_name, 35, f"{word} first name", loop, "NM104")
        self.text(person.middle_name, 25, f"{word} middle name", loop, "NM105")
        self.text(person.suffix, 10, f"{word} name suffix", loop, "NM107")

    def patient_facts(self, patient: Person, loop: str) -> None:
        if patient.birth_date is None:
            self.refuse("birth_date", "has no birth date of the patient", "Enter it in the patient's record.", loop,
                        "DMG02")  # fmt: skip
        self.choice(patient.sex, "FMU", "sex", "sex code of the patient (F, M or U)", loop, "DMG03")
        self.address(patient.address, "patient", loop)

    def address(self, address: Address, word: str, loop: str, *, zip_plus_4: bool = False) -> None:
        sent = sent_address(address)
        if not (1 <= len(sent.line1) <= 55 and len(sent.line2) <= 55):
            self.refuse(
                "address",
                f"has no {word} street of 1 to 55 characters",
                "Enter street and number.",
                loop,
                "N301",
            )
        if not 2 <= len(sent.city) <= 30:
            self.refuse(
                "address", f"has no {word} city of 2 to 30 characters", "Enter the city.", loop, "N401"
            )
        self.code(sent.state, _STATE, "address", f"a {word} state of two letters", loop, "N402")
        digits = len(sent.postal_code) if sent.postal_code.isascii() and sent.postal_code.isdigit() else 0
        if digits != 9 and (zip_plus_4 or digits != 5):
            wanted = "nine digits (ZIP+4)" if zip_plus_4 else "five or nine digits"
            self.refuse("postal_code", f"has no {word} ZIP code of {wanted}",
                        "Look it up at the postal service.", loop, "N403", digits_seen=digits)  # fmt: skip

    def clinician(self, clinician: Clinician | None, word: str, loop: str) -> None:
        if clinician is None:
            return
        self.text(clinician.last_name, 60, f"{word} last name", loop, "NM103", needed=True)
        self.text(clinician.first_name, 35, f"{word} first name", loop, "NM104")
        self.code(clinician.npi, _NPI, "npi", f"a {word} NPI of ten digits", loop, "NM109")
        if clinician.taxonomy:
            self.code(
                clinician.taxonomy,
                _TAXONOMY,
                "taxonomy",
                f"a {word} taxonomy of ten characters",
                loop,
                "PRV03",
            )

    def diagnoses(self) -> None:
        codes = [code.replace(".", "").upper() for code in self.claim.diagnoses]
        if not 1 <= len(codes) <= MAX_DIAGNOSES:
            self.refuse("diagnosis_count", f"has {len(codes)} diagnoses; a claim holds 1 to {MAX_DIAGNOSES}",
                        "Keep those that the lines point to, the first-listed first.", "2300", "HI01",
                        count=len(codes))  # fmt: skip
        if len(set(codes)) != len(codes):
            self.refuse(
                "diagnosis_twice", "lists a diagnosis twice", "List it once and point to it.", "2300", "HI01"
            )
        for at, code in enumerate(self.claim.diagnoses, 1):
            self.code(
                code.upper(),
                _DIAGNOSIS,
                "diagnosis",
                f"a usable diagnosis {at}",
                "2300",
                f"HI{min(at, 12):02d}",
            )

    def lines(self) -> None:
        claim, refuse = self.claim, self.refuse
        if not 1 <= len(claim.lines) <= MAX_LINES:
            refuse("line_count", f"has {len(claim.lines)} service lines; a claim holds 1 to {MAX_LINES}",
                   "Split the claim.", "2400", "LX01", count=len(claim.lines))  # fmt: skip
        if [line.number for line in claim.lines] != list(range(1, len(claim.lines) + 1)):
            refuse(
                "line_numbers",
                "has lines that are not numbered 1, 2, 3 …",
                "Number them in order.",
                "2400",
                "LX01",
            )
        controls = [line.control_number for line in claim.lines]
        if len(set(controls)) != len(controls):
            refuse(
                "line_control_twice",
                "gives one line control number to two lines",
                "Make them unique.",
                "2400",
                "REF02",
            )
        for line in claim.lines:
            self.line(line)
        total = sum(line.charge_cents for line in claim.lines)
        if total != claim.total_charge_cents:
            refuse("charge_sum",
                   f"has a total charge of {dollars(claim.total_charge_cents)} but lines of {dollars(total)}",
                   "Correct a line or the total; they must be equal.", "2300", "CLM02",
                   total_cents=claim.total_charge_cents, lines_cents=total)  # fmt: skip

    def line(self, line: ServiceLine) -> None:
        name, loop = f"line {line.number}", "2400"
        self.code(
            line.control_number,
            _LINE_CONTROL,
            "line_control",
            f"a usable control number on {name}",
            loop,
            "REF02",
        )
        self.procedure(line.code, line.modifiers, name, loop, "SV101")
        self.amount(line.charge_cents, f"charge on {name}", loop, "SV102")
        self.units(line.units, name, loop, "SV104")
        if line.place_of_service:
            self.code(
                line.place_of_service,
                _PLACE,
                "place_of_service",
                f"a usable place of service on {name}",
                loop,
                "SV105",
            )
        pointers = line.diagnosis_pointers
        known = range(1, len(self.claim.diagnoses) + 1)
        if (
            not 1 <= len(pointers) <= 4
            or len(set(pointers)) != len(pointers)
            or any(at not in known for at in pointers)
        ):
            self.refuse("pointer", f"has {name} not pointing to one to four diagnoses of the claim",
                        "Choose the diagnoses this service treated.", loop, "SV107")  # fmt: skip
        if line.date_of_service_end and line.date_of_service_end < line.date_of_service:
            self.refuse(
                "period",
                f"has {name} ending before it begins",
                "Correct the dates of service.",
                loop,
                "DTP03",
            )
        self.note(line.note, loop, f" on {name}")
        self.clinician(line.rendering, f"{name} rendering provider", "2420A")
        self.clinician(line.supervising, f"{name} supervising provider", "2420D")

    def procedure(self, code: str, modifiers: tuple[str, ...], name: str, loop: str, element: str) -> None:
        self.code(code, _PROCEDURE, "procedure", f"a five-character procedure code on {name}", loop, element)
        if len(modifiers) > 4 or not all(map(_MODIFIER.match, modifiers)):
            self.refuse("modifier", f"has modifiers on {name} that are not at most four of two characters",
                        "Correct the modifiers.", loop, element)  # fmt: skip

    def units(self, units: str, name: str, loop: str, element: str) -> None:
        try:
            number = Decimal(units)
        except InvalidOperation:
            number = Decimal(0)
        if not number.is_finite() or not 0 < number < 10**8 or number != round(number, 3):
            self.refuse(
                "units", f"has no positive number of units on {name}", "Enter the units.", loop, element
            )

    def other_payers(self) -> None:
        claim, refuse = self.claim, self.refuse
        others = claim.other_payers
        if len(others) > MAX_OTHER_PAYERS:
            refuse(
                "other_payer_count",
                f"names more than {MAX_OTHER_PAYERS} other payers",
                "Name fewer.",
                "2320",
                "SBR01",
            )
        ids = [other.payer.payer_id.strip() for other in others]
        if len(set(ids)) != len(ids):
            refuse("other_payer_twice", "names one other payer id twice", "Line answers find their payer by this id.",
                   "2330B", "NM109")  # fmt: skip
        order = [claim.sequence, *(other.sequence for other in others)]
        taken = [place for place in order if place != "U"]
        if len(set(taken)) != len(taken):
            refuse(
                "sequence",
                "gives two payers one place in the order of benefits",
                "Say who pays first.",
                "2320",
                "SBR01",
            )
        for line in claim.lines:
            self.line_answers(line, ids)
        for other in others:
            self.other_payer(other)

    def line_answers(self, line: ServiceLine, payer_ids: list[str]) -> None:
        name, loop = f"line {line.number}", "2430"
        if len(line.other_payers) > MAX_ANSWERS_PER_LINE:
            self.refuse(
                "answer_count",
                f"has more than {MAX_ANSWERS_PER_LINE} payers' answers on {name}",
                "Send fewer.",
                loop,
            )
        dates = {other.payer.payer_id.strip(): other.adjudicated_on for other in self.claim.other_payers}
        for answer in line.other_payers:
            payer_id = answer.payer_id.strip()
            if payer_id not in payer_ids:
                self.refuse("answer_payer", f"has an answer on {name} of a payer it does not name",
                            "Add that payer to the claim.", loop, "SVD01")  # fmt: skip
            self.procedure(answer.code, answer.modifiers, f"{name} as answered", loop, "SVD03")
            self.units(answer.units, f"{name} as answered", loop, "SVD05")
            self.amount(answer.paid_cents, f"payment on {name}", loop, "SVD02", signed=True)
            self.adjustments(answer.adjustments, f" on {name}", loop)
            if not (answer.adjudicated_on or dates.get(payer_id)):
                self.refuse("answer_date", f"has an answer on {name} without its payment date",
                            "Take BPR16 of that payer's remittance.", loop, "DTP03")  # fmt: skip
            total = answer.paid_cents + sum(one.amount_cents for one in answer.adjustments)
            if (
                len([one for one in line.other_payers if one.payer_id == answer.payer_id]) == 1
                and total != line.charge_cents
            ):
                self.refuse("answer_sum",
                            f"has an answer on {name} of {dollars(total)} paid and adjusted against a charge of "
                            f"{dollars(line.charge_cents)}",
                            "Copy every adjustment of that payer's remittance for the line.", loop, "SVD02",
                            answered_cents=total, charge_cents=line.charge_cents)  # fmt: skip

    def other_payer(self, other: OtherPayer) -> None:
        claim = self.claim
        self.payer(other.payer, "2330B")
        self.member_id(other.member_id, "2330A")
        self.person(other.subscriber, "other subscriber", "2330A")
        if other.subscriber.address != Address():
            self.address(other.subscriber.address, "other subscriber", "2330A")
        self.choice(other.sequence, _SEQUENCES, "sequence", "place in the order of benefits", "2320", "SBR01")
        self.choice(
            other.relationship,
            _RELATIONSHIPS,
            "relationship",
            "relationship to the other subscriber",
            "2320",
            "SBR02",
        )
        for value in (other.group_number, other.payer_control_number):
            if value and not is_plain(value.strip(), 50):
                self.refuse("characters", "has a number of another payer that cannot be sent",
                            "Use at most 50 plain characters without * : ^ ~.", "2320")  # fmt: skip
        if len(other.remark_codes) > 5 or not all(map(_REASON.match, other.remark_codes)):
            self.refuse("remarks", "has remark codes of another payer that are not at most five codes",
                        "Keep the five that matter.", "2320", "MOA03")  # fmt: skip
        self.adjustments(other.adjustments, "", "2320")
        if other.paid_cents is None:
            return
        self.amount(other.paid_cents, "payment of another payer", "2320", "AMT02", signed=True)
        answers = [
            answer
            for line in claim.lines
            for answer in line.other_payers
            if answer.payer_id.strip() == other.payer.payer_id.strip()
        ]
        by_line = sum(one.amount_cents for answer in answers for one in answer.adjustments)
        total = other.paid_cents + sum(one.amount_cents for one in other.adjustments) + by_line
        if total != claim.total_charge_cents:
            self.refuse("other_payer_sum",
                        f"has another payer's payment and adjustments of {dollars(total)} against a charge of "
                        f"{dollars(claim.total_charge_cents)}",
                        "Copy every adjustment of that payer's remittance, claim and lines.", "2320", "AMT02",
                        answered_cents=total, charge_cents=claim.total_charge_cents)  # fmt: skip
        if other.adjudicated_on is None and not answers:
            self.refuse("answer_date", "has another payer's payment without its date",
                        "Take BPR16 of that payer's remittance.", "2330B", "DTP03")  # fmt: skip

    def adjustments(self, adjustments: tuple[Adjustment, ...], place: str, loop: str) -> None:
        groups = Counter(one.group for one in adjustments)
        if sum(-(-count // TRIPLES_PER_CAS) for count in groups.values()) > MAX_CAS_SEGMENTS:
            self.refuse("adjustment_count", f"has too many adjustments{place}", "Five segments of six are the limit.", loop,
                        "CAS01")  # fmt: skip
        for one in adjustments:
            if one.group not in _GROUPS or not _REASON.match(one.reason):
                self.refuse("adjustment", f"has an adjustment{place} without a valid group and reason",
                            "Copy it from the remittance.", loop, "CAS02")  # fmt: skip
            if one.quantity:
                self.units(one.quantity.lstrip("-"), f"an adjustment{place}", loop, "CAS04")

    # Small shapes.

    def code(self, value: str, shape: re.Pattern[str], code: str, what: str, loop: str, element: str) -> None:
        if not shape.match(value):
            self.refuse(
                code,
                f"has not {what}" if value else f"lacks {what}",
                "Complete or correct it.",
                loop,
                element,
            )

    def choice(
        self, value: str, allowed: frozenset[str] | str, code: str, what: str, loop: str, element: str
    ) -> None:
        if not value or value not in tuple(allowed):
            self.refuse(
                code, f"has no valid {what}", f"Use one of {', '.join(sorted(allowed))}.", loop, element
            )

    def amount(self, cents: int, what: str, loop: str, element: str, *, signed: bool = False) -> None:
        if abs(cents) > MAX_CENTS or (cents < 0 and not signed):
            self.refuse("amount", f"has an impossible {what}", "Correct the amount.", loop, element)

    def text(
        self, value: str, longest: int, what: str, loop: str, element: str, *, needed: bool = False
    ) -> None:
        sent = sent_text(value)
        if len(sent) > longest:
            self.refuse(
                "length", f"has a {what} longer than {longest} characters", "Shorten it.", loop, element
            )
        elif not sent and (needed or value.strip()):
            self.refuse("characters" if value.strip() else "missing", f"has no {what} that can be sent", "Enter it.",
                        loop, element)  # fmt: skip

    def note(self, note: str, loop: str, place: str = "") -> None:
        self.text(note, 80, f"note{place}", loop, "NTE02")
