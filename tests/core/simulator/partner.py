"""A made-up practice that sends claims to the simulator and reads what comes back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from cleanclaim.claim import (
    Address,
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
from cleanclaim.simulator import Contract, OutFile, Rate, SimulatedClearinghouse
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.acknowledgments import read_999, read_ta1
from cleanclaim.x12.sets.claim_837p import Receiver, Submitter, write_837p
from cleanclaim.x12.sets.claim_status import read_277ca
from cleanclaim.x12.sets.records import ClaimStatus, RemitClaim, Remittance, StatusReport
from cleanclaim.x12.sets.remittance_835 import read_835
from cleanclaim.x12.writer import Envelope, write_x12

replace = msgspec.structs.replace

MONDAY = datetime(2026, 3, 2, 8, 0)  # noqa: DTZ001 - the test clock has no zone
STREET = Address("12 Test Street", "", "Sampleton", "GA", "303010001")
PRACTICE = Organization("Example Counseling", "2999000013", "990000001", "EI", "261QM0801X", STREET)
OTHER_PRACTICE = replace(PRACTICE, name="Second Counseling", npi="2999000021")
CLINICIAN = Clinician("Tester", "Tess", "2999000039", "101YM0800X")
HOME = Address("7 Fiction Lane", "", "Sampleton", "GA", "30301")
PATIENT = Person("Patient", "Pat", "", "", date(1985, 6, 7), "F", HOME)
PLAN = PayerParty("Example Health Plan", "EXHP1", PayerKind.COMMERCIAL, "CI")
MEDICARE = PayerParty("Example Medicare Contractor", "EXMCB", PayerKind.MEDICARE, "MB")
MEDICAID = PayerParty("Demo State Medicaid (GA)", "DEMGA", PayerKind.MEDICAID, "MC")
SECOND_PLAN = PayerParty("Sample Mutual", "SMUT1", PayerKind.COMMERCIAL, "CI")

CONTRACT = Contract(
    rates=(
        Rate("EXHP1", "90837", 12000),
        Rate("EXHP1", "90834", 9000),
        Rate("EXHP1", "99214", 10000),
        Rate("EXHP1", "90833", 5000),
        Rate("EXMCB", "90837", 12000),
    )
)
"""The charge of every claim here is 150.00 a line; 90837 is allowed at 120.00."""


def claim(
    prefix: str = "PD",
    number: int = 1,
    *,
    codes: tuple[str, ...] = ("90837",),
    payer: PayerParty = PLAN,
    on: date = date(2026, 2, 27),
    **changes: object,
) -> Claim:
    """A claim of $150.00 a line whose member id names a scenario."""
    lines = tuple(ServiceLine(at, f"L{number}X{at}", code, on, 15000) for at, code in enumerate(codes, 1))
    made = Claim(
        claim_number=f"EC{number:06d}",
        billing_provider=PRACTICE,
        payer=payer,
        subscriber=PATIENT,
        member_id=f"{prefix}{number:07d}",
        patient=PATIENT,
        lines=lines,
        diagnoses=("F41.1",),
        place_of_service="11",
        total_charge_cents=15000 * len(codes),
        rendering=CLINICIAN,
    )
    return replace(made, **changes)


def second_claim(
    first: Claim, remit: RemitClaim, member_id: str, *, payer: PayerParty = SECOND_PLAN
) -> Claim:
    """The claim to the next payer, with the first one's own words."""
    answers = {line.line_control: line for line in remit.lines}
    lines = []
    for line in first.lines:
        said = answers[line.control_number]
        adjustments = tuple(Adjustment(cas.group, cas.reason, cas.amount_cents) for cas in said.adjustments)
        answer = OtherPayerLine(
            first.payer.payer_id,
            said.paid_cents,
            said.code,
            said.modifiers,
            "1",
            adjustments,
            date(2026, 3, 20),
        )
        lines.append(replace(line, other_payers=(answer,)))
    other = OtherPayer(
        first.payer,
        "P",
        PATIENT,
        first.member_id,
        paid_cents=remit.paid_cents,
        payer_control_number=remit.payer_control_number,
    )
    return replace(
        first, payer=payer, sequence="S", member_id=member_id, lines=tuple(lines), other_payers=(other,)
    )


def claim_file(*claims: Claim, number: int = 1, ask_ta1: bool = False) -> bytes:
    """One 837P with one transaction."""
    body = write_837p(
        claims,
        submitter=Submitter("EXAMPLE AGENCY", "EXAG01", "Dana Desk", "5555550100"),
        receiver=Receiver("SIMULATED CLEARINGHOUSE", "SIMCLEAR"),
        batch_reference=f"B{number:06d}",
        control_number="0001",
        created_at=MONDAY,
    )
    envelope = Envelope(
        sender_id="EXAG01",
        receiver_id="SIMCLEAR",
        control_number=number,
        group_control_number=number,
        created_at=MONDAY,
        ack_requested=ask_ta1,
    )
    return write_x12(envelope, [body])


class Mailbox:
    """Sends files and keeps every answer, read."""

    def __init__(self, seed: int = 7) -> None:
        self.partner = SimulatedClearinghouse(seed, CONTRACT)
        self.files: list[OutFile] = []
        self.sent = 0

    def send(self, *claims: Claim, at: datetime = MONDAY, ask_ta1: bool = False) -> None:
        self.sent += 1
        self.partner.receive(claim_file(*claims, number=self.sent, ask_ta1=ask_ta1), at)

    def wait(self, days: int, *, since: datetime = MONDAY) -> list[OutFile]:
        """Let days pass; what became available meanwhile."""
        new = self.partner.due(since + timedelta(days=days))
        self.files += new
        return new

    def transactions(self, kind: str) -> list:
        return [one for file in self.files if file.kind == kind for one in read_x12(file.data).transactions()]

    def remittances(self) -> list[Remittance]:
        return [read_835(one)[0] for one in self.transactions("835")]

    def answers(self) -> list[RemitClaim]:
        return [answer for remittance in self.remittances() for answer in remittance.claims]

    def acknowledgments(self) -> list:
        return [read_999(one)[0] for one in self.transactions("999")]

    def reports(self) -> list:
        return [read_277ca(one)[0] for one in self.transactions("277ca")]

    def interchange_answers(self) -> list:
        return [
            read_ta1(segment)
            for file in self.files
            if file.kind == "ta1"
            for interchange in read_x12(file.data).interchanges
            for segment in interchange.ta1s
        ]


def cas(answer: RemitClaim) -> list[tuple[str, str, int]]:
    """All adjustments of a claim, line by line."""
    return [(one.group, one.reason, one.amount_cents) for line in answer.lines for one in line.adjustments]


def of_claims(report: StatusReport) -> list[ClaimStatus]:
    """What a 277CA says of claims, without its batch and provider levels."""
    return [one for one in report.statuses if one.level == "claim"]


def is_balanced(remittance: Remittance) -> bool:
    """Lines, claims and payment add up (handbook equations 1 to 4)."""
    for answer in remittance.claims:
        for line in answer.lines:
            if line.charge_cents - sum(one.amount_cents for one in line.adjustments) != line.paid_cents:
                return False
        if sum(line.charge_cents for line in answer.lines) != answer.charge_cents:
            return False
        adjusted = sum(one.amount_cents for one in answer.adjustments)
        if sum(line.paid_cents for line in answer.lines) - adjusted != answer.paid_cents:
            return False
    total = sum(answer.paid_cents for answer in remittance.claims)
    return remittance.paid_cents == total - sum(one.amount_cents for one in remittance.provider_adjustments)
