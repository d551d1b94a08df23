"""A practice that can work: prices, contract, payer, partner, people; sessions become claims there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from cleanclaim.coding import SessionFacts
from cleanclaim_server.charges.models import ChargeRate, ContractRate
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.coverage.models import Coverage, Payer, Plan
from cleanclaim_server.cycle.intake import Masters, SessionInput, record_sessions
from cleanclaim_server.identity.models import Grant, User
from cleanclaim_server.patients.actions import PatientData, save_patient
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Location, Practice, Provider
from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.tenancy.sealing import blind_index

NOW = datetime.now(UTC)
TODAY = NOW.astimezone(ZoneInfo("America/New_York")).date()  # the agency's day, not that of UTC
SERVED = date(TODAY.year - (TODAY.month == 1), (TODAY.month - 2) % 12 + 1, 10)  # the 10th of last month
ROLES = ("biller", "coder", "denial_specialist", "poster", "manager")
PRICES = {"90832": 11000, "90834": 15000, "90837": 20000, "90785": 2000}


@dataclass
class Desk:
    practice: Practice
    payer: Payer
    plan: Plan
    provider: Provider
    patient: Patient
    coverage: Coverage
    partner: TradingPartner
    made: int = 0

    def session(self, **changes) -> SessionInput:
        """45 minutes of psychotherapy, signed; `minutes`, `diagnoses`, … change it."""
        self.made += 1
        facts = SessionFacts(
            dos=changes.pop("dos", SERVED), service=("individual psychotherapy",), setting="office",
            credential="", payer_kind="", minutes=(changes.pop("minutes", 45),),
        )  # fmt: skip
        given = {
            "external_id": f"S{self.made}", "chart_number": self.patient.chart_number,
            "provider_npi": self.provider.npi, "facts": facts, "diagnoses": ("F41.1",), "note_signed_at": NOW,
        }  # fmt: skip
        return SessionInput(**(given | changes))

    def claim(self, **changes) -> Claim:
        """Record a session; its claim. Sessions of one desk lie a day apart, so that none is a duplicate."""
        changes.setdefault("dos", date.fromordinal(SERVED.toordinal() + self.made % 15))
        with system_context(self.practice.agency_id):
            found, faults, _ = record_sessions(
                Masters(self.practice), [self.session(**changes)], now=NOW, today=TODAY
            )
            assert not faults, faults
            return Claim.objects.get(family__encounter=found[0])

    def reread(self, claim: Claim) -> Claim:
        with system_context(self.practice.agency_id):
            return Claim.objects.get(pk=claim.pk)


def make_desk(practice: Practice, folder, user: User | None = None) -> Desk:
    agency = practice.agency
    agency.contact_name, agency.contact_phone = "DANA DESK", "5555550101"
    agency.save()
    for name in ("out", "in"):
        (folder / name).mkdir(exist_ok=True)
    with system_context(agency.pk):
        partner = TradingPartner.objects.create(
            agency=agency, name="Evergreen Clearing", receiver_id="EVERGREEN", receiver_name="EVERGREEN CLEARING",
            config={"outbox": str(folder / "out"), "inbox": str(folder / "in"), "settle_seconds": 0.02},
        )  # fmt: skip
        payer = Payer.objects.create(
            agency=agency,
            name="Evergreen Health",
            payer_id="60054",
            kind="commercial",
            trading_partner=partner,
        )
        plan = Plan.objects.create(agency=agency, payer=payer, name="PPO")
        provider = Provider.objects.create(
            practice=practice, first_name="Ada", last_name="Ray", npi="1003000126", taxonomy="103TC0700X",
            credential="PhD",
        )  # fmt: skip
        Location.objects.create(
            practice=practice, name="Main", address_line1="1 Example St", city="Albany", state="NY",
            postal_code="122070001", is_billing_address=True,
        )  # fmt: skip
        for code, cents in PRICES.items():
            ChargeRate.objects.create(
                practice=practice, code=code, amount_cents=cents, starts_on=date(2020, 1, 1)
            )
            ContractRate.objects.create(
                practice=practice,
                payer=payer,
                code=code,
                allowed_cents=cents * 6 // 10,
                starts_on=date(2020, 1, 1),
            )
        contact = {"line1": "2 Way", "city": "Albany", "state": "NY", "postal_code": "122070001"}
        data = PatientData("C100", "Avery", "Quill", date(1984, 2, 3), "F", contact)
        patient = save_patient(practice, data, actor_id=practice.pk)
        coverage = Coverage.objects.create(
            practice=practice, patient=patient, plan=plan, member_id="W123456789",
            member_id_index=blind_index("W123456789", purpose="member_id", practice_id=practice.pk),
            starts_on=date(2020, 1, 1),
        )  # fmt: skip
        if user is not None:
            for role in ROLES:
                Grant.objects.get_or_create(user=user, practice=practice, role=role)
    return Desk(practice, payer, plan, provider, patient, coverage, partner)
