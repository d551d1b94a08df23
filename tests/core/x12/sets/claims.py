"""Invented claims that the tests of the 837P start from, and the file around them."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from cleanclaim.claim import (
    Address,
    Adjustment,
    Claim,
    Clinician,
    Frequency,
    Organization,
    OtherPayer,
    OtherPayerLine,
    PayerKind,
    PayerParty,
    Person,
    ServiceLine,
)
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.claim_837p import Receiver, Submitter, write_837p
from cleanclaim.x12.validate import validate
from cleanclaim.x12.writer import Envelope, SetBody, write_x12

replace = msgspec.structs.replace

WHEN = datetime(2026, 11, 23, 9, 30)  # noqa: DTZ001 - X12 carries no zone
SUBMITTER = Submitter("QUIET HARBOR BILLING", "QHB01", "DANA DESK", "5555550101")
RECEIVER = Receiver("EVERGREEN CLEARING", "EVERGREEN")
ENVELOPE = Envelope(
    sender_id="QHB01",
    receiver_id="EVERGREEN",
    control_number=41,
    group_control_number=7,
    created_at=WHEN,
    usage="T",
)

STREET = Address("12 HARBOR ST", "SUITE 4", "SPRINGFIELD", "IL", "627010001")
HOME = Address("7 ELM AVE", "", "PEORIA", "IL", "61602")
GROUP = Organization(
    "QUIET HARBOR COUNSELING",
    "1234567893",
    "123456789",
    "EI",
    "261QM0801X",
    STREET,
    "DANA DESK",
    "5555550101",
)
SOLO = Organization(
    "SOLOIST", "1003000126", "987654321", "SY", "103TC0700X", STREET, is_person=True, first_name="SAM"
)
RENDERING = Clinician("CLINICIAN", "CARA", "1003000126", "101YM0800X")
SUPERVISOR = Clinician("SENIOR", "SUE", "1245319599")
EVERGREEN = PayerParty("EVERGREEN HEALTH", "60054", claim_filing_code="CI")
MEDICARE = PayerParty("MEDICARE B", "05130", PayerKind.MEDICARE, "MB")
MEDICAID = PayerParty("STATE MEDICAID", "SKIL0", PayerKind.MEDICAID, "MC")
TERRY = Person("TESTER", "TERRY", "Q", "JR", date(1980, 1, 1), "F", HOME)
PARENT = Person("TESTER", "PAT")
CHILD = Person("TESTER", "CHARLIE", birth_date=date(2014, 5, 6), sex="M", address=HOME)

LINE = ServiceLine(1, "A1003L1", "90837", date(2026, 10, 15), 17500)
LINE2 = ServiceLine(
    2, "A1003L2", "90834", date(2026, 10, 16), 13500, modifiers=("95",), diagnosis_pointers=(2, 1)
)

PLAIN = Claim(
    claim_number="A1003",
    billing_provider=GROUP,
    payer=EVERGREEN,
    subscriber=TERRY,
    member_id="W123456789",
    patient=TERRY,
    lines=(LINE, LINE2),
    diagnoses=("F33.1", "F41.1"),
    place_of_service="11",
    total_charge_cents=31000,
    group_number="G1",
    rendering=RENDERING,
)

PRIMARY_ANSWER = OtherPayerLine(
    "60054", 11000, "90837",
    adjustments=(Adjustment("CO", "45", 4500), Adjustment("PR", "3", 2000)), adjudicated_on=date(2026, 11, 2),
)  # fmt: skip
PRIMARY_ANSWER2 = OtherPayerLine(
    "60054", 9000, "90834", modifiers=("95",),
    adjustments=(Adjustment("CO", "45", 3500), Adjustment("PR", "1", 600), Adjustment("PR", "3", 400)),
    adjudicated_on=date(2026, 11, 2),
)  # fmt: skip
PRIMARY = OtherPayer(
    EVERGREEN, "P", Person("TESTER", "TERRY"), "W123456789", group_number="G1", paid_cents=20000,
    remaining_patient_cents=3000, payer_control_number="2026000001", adjudicated_on=date(2026, 11, 2),
    remark_codes=("MA18", "N89"),
)  # fmt: skip
SECONDARY = replace(
    PLAIN,
    claim_number="A1003S",
    payer=PayerParty(
        "SECOND MUTUAL",
        "22222",
        claim_filing_code="BL",
        address=Address("1 SECOND ST", "", "CHICAGO", "IL", "606010001"),
    ),
    sequence="S",
    member_id="S77",
    lines=(replace(LINE, other_payers=(PRIMARY_ANSWER,)), replace(LINE2, other_payers=(PRIMARY_ANSWER2,))),
    other_payers=(PRIMARY,),
)


def many_lines(count: int) -> tuple[ServiceLine, ...]:
    return tuple(replace(LINE, number=at, control_number=f"A1003L{at}") for at in range(1, count + 1))


DEPENDENT = replace(PLAIN, claim_number="A1004", patient=CHILD, subscriber=PARENT, relationship="19")

SITUATIONS = {  # every kind of claim that a practice sends
    "commercial": PLAIN,
    "medicare": replace(PLAIN, payer=MEDICARE, member_id="1EG4TE5MK73", group_number=""),
    "medicaid": replace(PLAIN, payer=MEDICAID, group_number="", authorization_number="PA-77/1", referral_number="RF1"),
    "dependent": DEPENDENT,
    "person_bills": replace(PLAIN, billing_provider=SOLO, rendering=None),
    "pay_to": replace(PLAIN, pay_to=Address("PO BOX 9", "", "SPRINGFIELD", "IL", "627050009")),
    "secondary_by_line": SECONDARY,
    "secondary_by_claim": replace(
        SECONDARY, lines=PLAIN.lines,
        other_payers=(replace(PRIMARY, adjustments=(Adjustment("CO", "45", 8000), Adjustment("PR", "3", 3000, "2"))),),
    ),
    "secondary_unanswered": replace(SECONDARY, lines=PLAIN.lines, sequence="P",
        other_payers=(replace(PRIMARY, sequence="S", paid_cents=None, remaining_patient_cents=None, adjudicated_on=None,
                              payer_control_number="", remark_codes=()),)),
    "medicare_secondary": replace(SECONDARY, payer=MEDICARE, insurance_type="12", group_number=""),
    "medicare_secondary_to_accept": replace(SECONDARY, payer=MEDICARE, insurance_type="12", group_number="",
        lines=tuple(replace(one, obligated_cents=one.charge_cents - 1234) for one in SECONDARY.lines)),
    "replacement": replace(PLAIN, frequency=Frequency.REPLACEMENT, payer_control_number="2026000001"),
    "void": replace(PLAIN, frequency=Frequency.VOID, payer_control_number="2026000001"),
    "supervising": replace(PLAIN, supervising=SUPERVISOR, referring=Clinician("DOCTOR", "DI", "1245319599")),
    "line_providers": replace(PLAIN, lines=(LINE, replace(LINE2, rendering=Clinician("OTHER", "OLA", "1245319599", "101YM0800X"), supervising=SUPERVISOR))),
    "facility": replace(PLAIN, service_facility=Organization("HARBOR ANNEX", "1245319599", address=STREET)),
    "twelve_diagnoses": replace(PLAIN, diagnoses=(*tuple(f"F33.{at}" for at in range(9)), "F41.1", "F43.10", "Z63.0"),
        lines=(replace(LINE, diagnosis_pointers=(1, 5, 11, 12)), LINE2)),
    "fifty_lines": replace(PLAIN, lines=many_lines(50), total_charge_cents=50 * 17500),
    "telehealth": replace(PLAIN, place_of_service="10", lines=(replace(LINE, modifiers=("95", "HO", "U1", "U2"), place_of_service="02"), LINE2)),
    "day_range": replace(PLAIN, lines=(replace(LINE, code="H0015", date_of_service_end=date(2026, 10, 17), units="3"), LINE2)),
    "notes": replace(PLAIN, note="LATE ENTRY, SEE RECORD", lines=(replace(LINE, note="UNLISTED SERVICE 30 MIN"), LINE2)),
    "patient_paid": replace(PLAIN, patient_paid_cents=2550, place_of_service="53", benefits_assigned="N", accept_assignment="C", release_of_information="I"),
    "odd_cents": replace(PLAIN, lines=(replace(LINE, charge_cents=5, units="1.5"),), total_charge_cents=5),
}  # fmt: skip


def body_of(*claims: Claim, control_number: str = "0001") -> SetBody:
    return write_837p(
        claims, submitter=SUBMITTER, receiver=RECEIVER, batch_reference="B41", control_number=control_number,
        created_at=WHEN,
    )  # fmt: skip


def file_of(*claims: Claim) -> bytes:
    return write_x12(ENVELOPE, [body_of(*claims)])


def engine_findings(data: bytes) -> list[str]:
    """What our own validator says, beside the independent judge; generated codes need not be in any list."""
    return [one.text() for report in validate(read_x12(data)) for one in report.findings if one.snip < 5]
