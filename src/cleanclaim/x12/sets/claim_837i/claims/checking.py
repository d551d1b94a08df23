"""What the 837I guide refuses in one of our claims, said before anything is written."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from cleanclaim.claim import Claim, Frequency, ServiceLine
from cleanclaim.findings import Finding
from cleanclaim.money import dollars
from cleanclaim.x12.sets.claim_837i.claims.sending import OBLIGATED, write_claims
from cleanclaim.x12.sets.claim_837p.check_lines import DIAGNOSIS
from cleanclaim.x12.sets.claim_837p.check_other_payers import OtherPayerChecks
from cleanclaim.x12.sets.claim_837p.check_parties import PartyChecks
from cleanclaim.x12.sets.claim_837p.check_shapes import RELATIONSHIPS, SEQUENCES, Shapes
from cleanclaim.x12.sets.records import Receiver, Submitter
from cleanclaim.x12.sets.writing import Refusals, is_plain
from cleanclaim.x12.writer import WriteRefused

FAMILY = "x12.837i"
MAX_LINES = 999
MAX_DIAGNOSES = 25

_CLAIM_NUMBER = re.compile(r"[A-Z0-9]{1,17}\Z")
_LINE_CONTROL = re.compile(r"[A-Za-z0-9-]{1,30}\Z")
_FACILITY = re.compile(r"[1-9]\d\Z", re.ASCII)
_REVENUE = re.compile(r"\d{4}\Z", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3])[0-5]\d\Z", re.ASCII)
_CODE = re.compile(r"[A-Z0-9]{2}\Z")
_TRIAL = datetime(2000, 1, 1)  # noqa: DTZ001 (only to have the guide look; nothing of it is sent)


def check_institutional(claim: Claim) -> list[Finding]:
    """Say what keeps one claim out of an 837I; an empty list means that it can be written.

    Shape, presence and sums first; where they hold, the guide itself looks at the claim as it would be
    sent. Every finding stops; messages name the claim, never the patient.
    """
    out = Refusals(FAMILY, claim.claim_number[:50], "Claim")
    if claim.bill is None:
        out.add("not_institutional", "has no type of bill", "Send it as a professional claim.", "2300", "CLM")
        return out.findings
    # An 837P wants a rendering provider where an organization bills; here the attending stands for all.
    biller = msgspec.structs.replace(claim.billing_provider, is_person=True)
    PartyChecks(msgspec.structs.replace(claim, billing_provider=biller, rendering=None), out).check()
    for checks in (BillChecks, AnswerChecks):
        checks(claim, out).check()
    if out.findings:
        return out.findings
    try:
        write_claims(
            [claim], submitter=Submitter("TRIAL", "TRIAL", "TRIAL", "5555550100"),
            receiver=Receiver("TRIAL", "TRIAL"), batch_reference="TRIAL", control_number="0001",
            created_at=_TRIAL,
        )  # fmt: skip
    except WriteRefused as refused:
        return [msgspec.structs.replace(one, subject_id=claim.claim_number[:50]) for one in refused.findings]
    return []


class AnswerChecks(OtherPayerChecks):
    """What other payers said: a line may be answered under its revenue code alone."""

    def procedure(self, code: str, modifiers: tuple[str, ...], name: str, loop: str, element: str) -> None:
        if code or modifiers:
            super().procedure(code, modifiers, name, loop, element)


class BillChecks(Shapes):
    """CLM, the bill, and its revenue lines."""

    def check(self) -> None:
        claim, bill, refuse = self.claim, self.claim.bill, self.refuse
        assert bill is not None  # the caller looked
        self.code(claim.claim_number, _CLAIM_NUMBER, "claim_number",
                  "a claim number of 1 to 17 capitals and digits", "2300", "CLM01")  # fmt: skip
        self.code(bill.facility, _FACILITY, "bill_type", "a type of bill", "2300", "CLM05")
        self.choice(bill.cycle, "1234", "bill_type", "last digit of the type of bill", "2300", "CLM05")
        self.amount(claim.total_charge_cents, "total charge", "2300", "CLM02")
        self.choice(claim.sequence, SEQUENCES, "sequence", "place in the order of benefits", "2000B", "SBR01")
        self.choice(claim.relationship, RELATIONSHIPS, "relationship", "relationship to the subscriber",
                    "2000C", "PAT01")  # fmt: skip
        if claim.patient_paid_cents:
            refuse(
                "patient_paid",
                "says what the patient paid, for which an 837I has no place",
                "Say it with the payer's value code.",
                "2300",
                "AMT02",
            )
        if claim.frequency is not Frequency.ORIGINAL and not claim.payer_control_number:
            refuse(
                "payer_control_number",
                "replaces or voids a claim without the payer's number of that claim",
                "Take CLP07 of the payer's latest remittance for it.",
                "2300",
                "REF02",
            )
        for value, what in (
            (claim.payer_control_number, "payer control number"),
            (claim.authorization_number, "authorization number"),
            (claim.referral_number, "referral number"),
        ):
            if value and not is_plain(value.strip(), 50):
                refuse(
                    "characters",
                    f"has characters in its {what} that cannot be sent",
                    "Use at most 50 plain characters without * : ^ ~.",
                    "2300",
                    "REF02",
                )
        self.note(claim.note, "2300")
        self.dates()
        occurrences = tuple(code for code, _ in bill.occurrences)
        values = tuple(code for code, _ in bill.values)
        for codes, what in ((bill.conditions, "condition"), (occurrences, "occurrence"), (values, "value")):
            for code in codes:
                self.code(code, _CODE, "bill_code", f"a {what} code of two characters", "2300", "HI01")
        if bill.attending is None:
            refuse(
                "attending",
                "names no attending provider",
                "Name who has charge of the patient's care.",
                "2310A",
                "NM109",
            )
        self.clinician(bill.attending, "attending provider", "2310A")
        if claim.rendering or any(line.rendering for line in claim.lines):
            refuse(
                "rendering",
                "names a rendering clinician beside the attending provider",
                "Leave it out: the attending provider answers for the bill.",
                "2310D",
                "NM109",
            )
        if OBLIGATED in values and any(line.obligated_cents is not None for line in claim.lines):
            refuse(
                "obligated",
                "says what must be accepted in full both on its lines and as value code 44",
                "Say it once.",
                "2300",
                "HI01",
            )
        self.particulars()
        self.diagnoses()
        self.lines()

    def particulars(self) -> None:
        """Contract, repricing and one answer on child health of the claim, repricing of a line; no more."""
        claim, held = self.claim, self.claim.particulars
        if held and (held.ambulance or held.spinal or len(held.conditions) > 1):
            self.refuse(
                "particulars",
                "says a ride, a spinal treatment or several conditions, for which an 837I has no place",
                "Leave them out.",
                "2300",
                "CRC01",
            )
        for line in claim.lines:
            some = line.particulars
            if some and (some.contract or some.ambulance or some.spinal or some.conditions):
                self.refuse(
                    "particulars",
                    f"says on line {line.number} a contract, ride or condition, unknown to an 837I",
                    "Say it of the claim, or leave it out.",
                    "2400",
                    "SV201",
                )

    def diagnoses(self) -> None:
        """The admitting diagnosis stands alone; it may be one of the others."""
        claim, bill, refuse = self.claim, self.claim.bill, self.refuse
        assert bill is not None
        if not 1 <= len(claim.diagnoses) <= MAX_DIAGNOSES:
            refuse("diagnosis_count", f"has {len(claim.diagnoses)} diagnoses; it holds 1 to {MAX_DIAGNOSES}",
                   "Keep those that were treated, the principal first.", "2300", "HI01",
                   count=len(claim.diagnoses))  # fmt: skip
        bare = [code.replace(".", "").upper() for code in claim.diagnoses]
        if len(set(bare)) != len(bare):
            refuse("diagnosis_twice", "lists a diagnosis twice", "List it once.", "2300", "HI01")
        for code in (*claim.diagnoses, *filter(None, (bill.admitting_diagnosis,))):
            self.code(code.upper(), DIAGNOSIS, "diagnosis", "a usable diagnosis", "2300", "HI01")

    def dates(self) -> None:
        bill = self.claim.bill
        assert bill is not None
        if bill.statement_to < bill.statement_from:
            self.refuse(
                "statement_dates",
                "has a statement period that ends before it begins",
                "Correct the period.",
                "2300",
                "DTP03",
            )
        for clock, what in ((bill.admitted_clock, "admission"), (bill.discharge_clock, "discharge")):
            if clock:
                self.code(clock, _CLOCK, "clock", f"a {what} hour as hhmm", "2300", "DTP03")
        if bill.admitted_on and not bill.admitted_clock:
            self.refuse("clock", "has an admission date without its hour", "Enter the hour.", "2300", "DTP03")

    def lines(self) -> None:
        claim, refuse = self.claim, self.refuse
        if not 1 <= len(claim.lines) <= MAX_LINES:
            refuse("line_count", f"has {len(claim.lines)} lines; an 837I claim holds 1 to {MAX_LINES}",
                   "Split the statement period.", "2400", "LX01", count=len(claim.lines))  # fmt: skip
        if [line.number for line in claim.lines] != list(range(1, len(claim.lines) + 1)):
            refuse("line_numbers", "has lines that are not numbered 1, 2, 3 …", "Number them in order.",
                   "2400", "LX01")  # fmt: skip
        controls = [line.control_number for line in claim.lines]
        if len(set(controls)) != len(controls):
            refuse("line_control_twice", "gives one line control number to two lines", "Make them unique.",
                   "2400", "REF02")  # fmt: skip
        for line in claim.lines:
            self.line(line)
        total = sum(line.charge_cents for line in claim.lines)
        if total != claim.total_charge_cents:
            refuse(
                "charge_sum",
                f"has a total charge of {dollars(claim.total_charge_cents)} but lines of {dollars(total)}",
                "Correct a line or the total; they must be equal.",
                "2300",
                "CLM02",
                total_cents=claim.total_charge_cents,
                lines_cents=total,
            )

    def line(self, line: ServiceLine) -> None:
        name, loop = f"line {line.number}", "2400"
        self.code(line.revenue_code, _REVENUE, "revenue_code", f"a revenue code of four digits on {name}",
                  loop, "SV201")  # fmt: skip
        self.code(line.control_number, _LINE_CONTROL, "line_control", f"a usable control number on {name}",
                  loop, "REF02")  # fmt: skip
        if line.code or line.modifiers:
            self.procedure(line.code, line.modifiers, name, loop, "SV202")
        self.amount(line.charge_cents, f"charge on {name}", loop, "SV203")
        if line.obligated_cents is not None:
            self.amount(line.obligated_cents, f"amount to accept on {name}", "2300", "HI01")
        self.units(line.units, name, loop, "SV205")
        self.note(line.note, loop, f" on {name}")
        if line.date_of_service_end and line.date_of_service_end < line.date_of_service:
            self.refuse(
                "period",
                f"has {name} ending before it begins",
                "Correct the dates of service.",
                loop,
                "DTP03",
            )
