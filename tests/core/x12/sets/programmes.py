"""A programme's claim as the tests of 837I start from it."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from claims import RECEIVER, SUBMITTER

from cleanclaim.claim import (
    Address,
    Adjustment,
    Bill,
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
from cleanclaim.x12.sets.claim_837i.claims import write_claims
from cleanclaim.x12.writer import Envelope, write_x12

replace = msgspec.structs.replace
CREATED = datetime(2026, 11, 2, 9, 30)  # noqa: DTZ001
DAYS = (date(2026, 10, 12), date(2026, 10, 14), date(2026, 10, 16))


def programme_claim(number: str = "P1001", **changes) -> Claim:
    """Three psychiatric IOP days of one week, as sent."""
    home = Address("7 ELM AVE", "", "PEORIA", "IL", "616020001")
    patient = Person("TESTER", "TERRY", "", "", date(1980, 1, 1), "F", home)
    claim = Claim(
        claim_number=number,
        billing_provider=Organization(
            "QUIET HARBOR", "1234567893", "123456789", "EI", "261QM0801X",
            Address("12 HARBOR ST", "", "SPRINGFIELD", "IL", "627010001"), "BILLING", "5555550101",
        ),
        payer=PayerParty("EVERGREEN", "60054"),
        subscriber=patient,
        member_id="W1000",
        patient=patient,
        lines=tuple(
            ServiceLine(at, f"{number}L{at}", "S9480", day, 27_500, revenue_code="0905")
            for at, day in enumerate(DAYS, start=1)
        ),
        diagnoses=("F33.2", "F41.1"),
        place_of_service="",
        total_charge_cents=82_500,
        group_number="G1",
        authorization_number="CERT778",
        bill=Bill(
            facility="13", statement_from=DAYS[0], statement_to=DAYS[-1],
            attending=Clinician("SENIOR", "SUE", "1245319599", "2084P0800X"),
            admission_type="3", admission_source="1", patient_status="30",
        ),
    )  # fmt: skip
    return replace(claim, **changes)


def bill(claim: Claim, **changes) -> Claim:
    return replace(claim, bill=replace(claim.bill, **changes))


def secondary(number: str = "P1002") -> Claim:
    """The next payer's: the first paid 200.00 a day, 25.00 to the patient."""
    first = programme_claim(number)
    answer = OtherPayerLine(
        "60054", 20_000, "S9480", (), "1",
        (Adjustment("CO", "45", 5_000), Adjustment("PR", "2", 2_500)), date(2026, 11, 10),
    )  # fmt: skip
    other = OtherPayer(
        first.payer, "P", replace(first.subscriber, birth_date=None, sex="U"), "W1000", "G1", "18",
        60_000, 7_500, (), "EV77001", date(2026, 11, 10), ("MA01",),
    )  # fmt: skip
    return replace(
        first,
        payer=PayerParty("STATE MEDICAID", "77799", PayerKind.MEDICAID, "MC"),
        sequence="S",
        member_id="M5000",
        group_number="",
        other_payers=(other,),
        lines=tuple(replace(line, other_payers=(answer,)) for line in first.lines),
    )


def file_of(*claims: Claim) -> bytes:
    body = write_claims(
        claims, submitter=SUBMITTER, receiver=RECEIVER, batch_reference="B7", control_number="0001",
        created_at=CREATED,
    )  # fmt: skip
    envelope = Envelope(
        sender_id="QUIETHARBOR", receiver_id="EVERGREEN", control_number=7, group_control_number=7,
        created_at=CREATED,
    )  # fmt: skip
    return write_x12(envelope, [body])
