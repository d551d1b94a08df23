"""What also comes in the post: payments that are not ours, and a file that is no file of the trade.

Every office gets them, so that the demo agency has them too. They come by the same door as all others.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from cleanclaim.claim import Address
from cleanclaim.x12.sets.records import Cas, RemitClaim, RemitLine, RemitParty, Remittance
from cleanclaim.x12.sets.remittance_835 import write_835
from cleanclaim.x12.writer import Envelope, write_x12
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.cycle.posting import move_claim_payment
from cleanclaim_server.cycle.receiving import FileOutcome, receive_files
from cleanclaim_server.identity.models import User
from cleanclaim_server.practice.models import Agency, Practice
from cleanclaim_server.remittances.models import RemittanceClaim, RemittanceState

ELSEWHERE_NPI = "1999999984"
PAYER = RemitParty(
    name="SAMPLE MUTUAL",
    id="SM001",
    address=Address("1 Main St", "", "Albany", "NY", "12207"),
    contact_name="EDI",
    contact_phone="8005550100",
)
NOT_X12 = b"%PDF-1.4\n% a scanned letter that somebody saved as an 835\n"


def receive_oddities(agency: Agency, partner: TradingPartner, *, now: datetime) -> list[FileOutcome]:
    """Two payments and a letter: claims nobody here knows, a payee who is not ours, a file that is no X12.

    Runs in a context over all practices of the agency.
    """
    practice = Practice.objects.filter(agency=agency).order_by("code")[0]
    served = now.date() - timedelta(days=30)
    strangers = _payment("EFT77001", practice.npi, ("OLD0001", "OLD0002"), served, now)
    elsewhere = _payment("EFT77002", ELSEWHERE_NPI, ("ZZ0001",), served, now)
    files = [
        ("from-the-old-system.835", file_of(strangers, 77001, now)),
        ("another-practice.835", file_of(elsewhere, 77002, now)),
        ("letter.835", NOT_X12),
    ]
    return receive_files(agency.id, files, partner=partner, now=now)


def give_one_away(agency: Agency, biller: User, *, now: datetime) -> bool:
    """One of the two claims that nobody knew was the second practice's patient: its money goes there."""
    practices = list(Practice.objects.filter(agency=agency).order_by("code")[:2])
    row = RemittanceClaim.objects.filter(practice=practices[0], claim_number="OLD0002", claim=None).first()
    if len(practices) < 2 or row is None or row.remittance.state != RemittanceState.POSTED:
        return False
    move_claim_payment(
        row.pk, practices[1].pk, reason="The patient moved there in spring", actor_id=biller.pk, now=now
    )
    return True


def _payment(trace: str, npi: str, numbers: tuple[str, ...], served: date, now: datetime) -> Remittance:
    claims = tuple(
        RemitClaim(
            claim_number=number,
            status="1",
            charge_cents=15_000,
            paid_cents=9_000,
            patient_cents=None,
            filing_code="12",
            payer_control_number=f"SM{number}",
            facility_code="11",
            frequency="1",
            patient=RemitParty("FORMER", "PATIENT", "MI", f"W{number}"),
            lines=(
                RemitLine("90834", 15_000, 9_000, service_from=served, adjustments=(Cas("CO", "45", 6_000),)),
            ),
        )
        for number in numbers
    )
    return Remittance(
        paid_cents=9_000 * len(claims),
        method="ACH",
        handling="I",
        paid_on=now.date() - timedelta(days=2),
        trace_number=trace,
        trace_payer_id="1999999999",
        production_date=now.date() - timedelta(days=2),
        payer=PAYER,
        payee=RemitParty("PAYEE", id_qualifier="XX", id=npi),
        claims=claims,
    )


def file_of(payment: Remittance, number: int, now: datetime) -> bytes:
    """A payment as a file of the clearinghouse, with control numbers of its own."""
    envelope = Envelope(
        sender_id="SIMCLEAR",
        receiver_id="FERNQUILL",
        control_number=number,
        group_control_number=number,
        created_at=now,
    )
    return write_x12(envelope, [write_835(payment, control_number="0001")])
