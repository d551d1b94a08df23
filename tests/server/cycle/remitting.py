"""Makes claims of ours by models alone, and the files that answer them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from cleanclaim.claim import (  # noqa: F401
    Address,
    Frequency,
    Organization,
    OtherPayer,
    PayerKind,
    PayerParty,
    Person,
    ServiceLine,
    encode_claim,
)
from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.ledger import ChargeLine, Source, charge_entry
from cleanclaim.x12.sets.records import Cas, RemitClaim, RemitLine, RemitParty, Remittance
from cleanclaim.x12.sets.remittance_835 import write_835
from cleanclaim.x12.writer import Envelope, write_x12
from cleanclaim_server.claims.models import Batch, BatchClaim, Claim, ClaimFamily, ClaimLine
from cleanclaim_server.clearinghouse.files import store_file
from cleanclaim_server.clearinghouse.models import TradingPartner, Transfer
from cleanclaim_server.coverage.models import Coverage, Payer, Plan
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Location, Provider

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
SERVED = date(2026, 10, 15)
PAID_ON = date(2026, 11, 18)
PAYER = RemitParty(
    name="EVERGREEN HEALTH", id="60054", address=Address("1 Main St", "", "Albany", "NY", "12207"),
    contact_name="EDI", contact_phone="8005550100",
)  # fmt: skip


@dataclass
class World:
    """A practice with a payer, a plan, a clinician and a patient."""

    practice: object
    payer: Payer
    plan: Plan
    provider: Provider
    location: Location
    patient: Patient
    coverage: Coverage
    partner: TradingPartner
    made: int = 0


def make_world(practice) -> World:
    agency = practice.agency
    partner = TradingPartner.objects.create(
        agency=agency, name="Simulated", transport="simulator", receiver_id="SIM"
    )
    payer = Payer.objects.create(
        agency=agency, name="Evergreen Health", payer_id="60054", kind="commercial", trading_partner=partner
    )
    plan = Plan.objects.create(agency=agency, payer=payer, name="PPO")
    provider = Provider.objects.create(
        practice=practice,
        first_name="Ada",
        last_name="Ray",
        npi="1003000126",
        taxonomy="103T00000X",
        credential="PhD",
    )
    location = Location.objects.create(
        practice=practice,
        name="Main",
        address_line1="1 Example St",
        city="Albany",
        state="NY",
        postal_code="122070001",
    )
    patient = Patient.objects.create(
        practice=practice,
        chart_number="C1",
        first_name="Terry",
        last_name="Fall",
        birth_date_sealed="1990-02-03",
    )
    coverage = Coverage.objects.create(
        practice=practice, patient=patient, plan=plan, order=1, member_id="W123", starts_on=date(2026, 1, 1)
    )
    return World(practice, payer, plan, provider, location, patient, coverage, partner)


def add_secondary(world: World, kind: str = "commercial") -> Coverage:
    payer = Payer.objects.create(
        agency=world.practice.agency, name="Second Mutual", payer_id="70001", kind=kind
    )
    plan = Plan.objects.create(agency=world.practice.agency, payer=payer, name="Supplement")
    return Coverage.objects.create(
        practice=world.practice,
        patient=world.patient,
        plan=plan,
        order=2,
        member_id="S77",
        starts_on=date(2026, 1, 1),
    )


def make_claims(world: World, count: int = 1, charge: int = 15000, code: str = "90837") -> list[Claim]:
    """Claims that were sent, with their charges in the books."""
    practice = world.practice
    person = Person(
        "Fall", "Terry", birth_date=date(1990, 2, 3), address=Address("2 Way", "", "Albany", "NY", "12207")
    )
    others = tuple(
        OtherPayer(PayerParty("Second Mutual", "70001"), "S", person, row.member_id)
        for row in Coverage.objects.filter(practice=practice, patient=world.patient, order=2)
    )
    encounters, families, claims, lines, entries = [], [], [], [], []
    for _ in range(count):
        world.made += 1
        number = f"{practice.code}T{world.made:08d}"
        encounter = Encounter(
            practice=practice, patient=world.patient, coverage=world.coverage, rendering_provider=world.provider,
            location=world.location, external_id=number, date_of_service=SERVED, service="psychotherapy",
        )  # fmt: skip
        family = ClaimFamily(practice=practice, encounter=encounter, patient=world.patient)
        value = ClaimValue(
            claim_number=number,
            billing_provider=Organization(practice.name, practice.npi, "990000001"),
            payer=PayerParty(world.payer.name, world.payer.payer_id, PayerKind.COMMERCIAL),
            subscriber=person, member_id="W123", patient=person,
            lines=(ServiceLine(1, f"{number}L1", code, SERVED, charge),),
            diagnoses=("F41.1",), place_of_service="11", total_charge_cents=charge, other_payers=others,
        )  # fmt: skip
        claim = Claim(
            practice=practice, family=family, patient=world.patient, coverage=world.coverage, payer=world.payer,
            claim_number=number, lifecycle="sent", payer_state="waiting", date_of_service=SERVED,
            date_of_service_end=SERVED, rendering_provider=world.provider, place_of_service="11", rule_state="NY",
            total_charge_cents=charge, codes=code, frozen=encode_claim(value), frozen_hash="0" * 64,
            first_sent_at=NOW, created_at=NOW,
        )  # fmt: skip
        line = ClaimLine(
            practice=practice, claim=claim, number=1, control_number=f"{number}L1", code=code,
            date_of_service=SERVED, charge_cents=charge,
        )  # fmt: skip
        encounters.append(encounter)
        families.append(family)
        claims.append(claim)
        lines.append(line)
        source = Source(str(practice.pk), SERVED, NOW, file_hash="a" * 64)
        entries.append(
            charge_entry(
                source, idempotency_key=f"charge:{number}", claim_id=str(claim.pk), patient_id=str(world.patient.pk),
                payer_id=str(world.payer.pk), lines=[ChargeLine(charge, str(line.pk), str(encounter.pk))],
            )
        )  # fmt: skip
    for model, rows in (
        (Encounter, encounters),
        (ClaimFamily, families),
        (Claim, claims),
        (ClaimLine, lines),
    ):
        model.objects.bulk_create(rows)
    write_entries(practice.pk, entries)
    return claims


def make_batch(world: World, claims, isa: int = 7) -> Batch:
    """The batch in which claims left: ISA13, GS06 and ST02 from one number."""
    agency_id = world.practice.agency_id
    file = store_file(
        agency_id, name=f"{isa}.837", data=b"x", direction="out", partner=world.partner, now=NOW
    )
    transfer = Transfer.objects.create(
        agency_id=agency_id, partner=world.partner, file=file, remote_name=f"{isa}.837",
        interchange_control_number=f"{isa:09d}", state="sent", queued_at=NOW,
    )  # fmt: skip
    batch = Batch.objects.create(
        practice=world.practice, transfer=transfer, reference=f"B{isa}", interchange_control_number=f"{isa:09d}",
        group_control_number=str(isa), transaction_control_number="0001", claims_count=len(claims),
        total_charge_cents=sum(claim.total_charge_cents for claim in claims), created_at=NOW,
    )  # fmt: skip
    BatchClaim.objects.bulk_create(
        BatchClaim(
            practice=world.practice, batch=batch, claim=claim, position=10 * n, position_end=10 * n + 9
        )
        for n, claim in enumerate(claims, start=1)
    )
    return batch


def answer(
    claim: Claim, paid: int, *adjustments: tuple[str, str, int], status: str = "1", sign: int = 1, **more
) -> RemitClaim:
    """One CLP with one line; adjustments are (group, CARC, cents). `sign=-1` is a reversal."""
    cas = tuple(Cas(group, reason, sign * cents) for group, reason, cents in adjustments)
    share = sum(item.amount_cents for item in cas if item.group == "PR")
    line = RemitLine(
        "90837", sign * claim.total_charge_cents, sign * paid, service_from=SERVED,
        line_control=f"{claim.claim_number}L1", adjustments=cas,
    )  # fmt: skip
    return RemitClaim(
        **{
            "claim_number": claim.claim_number, "status": status, "charge_cents": sign * claim.total_charge_cents,
            "paid_cents": sign * paid, "patient_cents": share if sign > 0 else None, "filing_code": "12",
            "payer_control_number": f"PCN{claim.claim_number[-6:]}", "facility_code": "11", "frequency": "1",
            "patient": RemitParty("FALL", "TERRY", "MI", "W123"), "lines": (line,),
        } | more
    )  # fmt: skip


def payment(
    claims, *, trace: str = "EFT1", provider=(), npi: str = "1234567893", paid: int | None = None, **more
) -> Remittance:
    total = sum(claim.paid_cents for claim in claims) - sum(item.amount_cents for item in provider)
    return Remittance(
        **{
            "paid_cents": total if paid is None else paid, "method": "ACH", "handling": "I", "paid_on": PAID_ON,
            "trace_number": trace, "trace_payer_id": "1999999999", "production_date": PAID_ON, "payer": PAYER,
            "payee": RemitParty("PRACTICE AA", id_qualifier="XX", id=npi), "claims": tuple(claims),
            "provider_adjustments": tuple(provider),
        } | more
    )  # fmt: skip


def envelope(number: int = 1) -> Envelope:
    return Envelope(
        sender_id="SIM", receiver_id="EXAMPLE01", control_number=number, group_control_number=number,
        created_at=datetime(2026, 11, 19, 9, 0, tzinfo=UTC),
    )  # fmt: skip


def file_835(*payments: Remittance, number: int = 1) -> bytes:
    sets = [write_835(one, control_number=f"{n:04d}") for n, one in enumerate(payments, start=1)]
    return write_x12(envelope(number), sets)
