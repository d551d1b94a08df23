"""A practice with an intensive outpatient programme, its patient, and a simulated payer on the other side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from cleanclaim_server.charges.models import ChargeRate
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.clearinghouse.models import TradingPartner, Transfer, TransferState
from cleanclaim_server.clearinghouse.ports import port_for
from cleanclaim_server.coverage.models import Coverage, Payer, Plan
from cleanclaim_server.cycle.batching import queue_ready
from cleanclaim_server.cycle.programmes import (
    DayInput,
    EpisodeInput,
    Period,
    bill_period,
    open_episode,
    record_days,
)
from cleanclaim_server.cycle.receiving import receive_files
from cleanclaim_server.cycle.sending import deliver
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Location, Practice, Provider
from cleanclaim_server.programmes.models import Episode
from cleanclaim_server.tenancy.context import system_context

IOP, SUD, PHP = "psychiatric IOP day", "SUD IOP day", "partial hospitalization day"
TODAY = date(2026, 10, 19)
NOW = datetime(2026, 10, 19, 15, tzinfo=UTC)
DAYS = (date(2026, 10, 12), date(2026, 10, 14), date(2026, 10, 16))
RATE = 40_000
"""What a programme day costs, in cents. The simulated payers allow 65 % of it."""


@dataclass
class World:
    practice: Practice
    partner: TradingPartner
    payer: Payer
    second: Payer
    provider: Provider
    location: Location
    patient: Patient
    coverage: Coverage

    def inside(self):
        """A transaction in which this agency's rows are in reach; `send` and `live` open their own."""
        return system_context(self.practice.agency_id)

    def episode(self, program: str = IOP, key: str = "E1", **changes) -> Episode:
        data = {
            "patient": self.patient, "attending": self.provider, "location": self.location, "program": program,
            "admitted_on": DAYS[0], "admitted_clock": "0900", "admission_type": "3", "admission_source": "1",
            "external_id": key, "diagnoses": ("F33.2", "F41.1"),
        } | changes  # fmt: skip
        with self.inside():
            return open_episode(self.practice, EpisodeInput(**data), now=NOW, actor_id=None)

    def days(self, episode: Episode, *on: date, minutes: int | None = 180, signed: bool = True) -> None:
        items = [
            DayInput(day, f"{episode.external_id}-{day:%m%d}", minutes, ("group", "skills"),
                     note_signed_at=NOW if signed else None)
            for day in on or DAYS
        ]  # fmt: skip
        with self.inside():
            record_days(episode, items, now=NOW, today=TODAY, actor_id=None)

    def bill(self, episode: Episode, first: date = DAYS[0], last: date = DAYS[-1], **period) -> Claim:
        with self.inside():
            encounter, _ = bill_period(episode, Period(first, last, **period), now=NOW, today=TODAY)
            return Claim.objects.get(family__encounter=encounter, sequence="P", frequency="1")

    def send(self, now: datetime = NOW) -> list[bytes]:
        """Send what is ready; the files as they left."""
        mine = {"agency": self.practice.agency, "state": TransferState.QUEUED}
        with self.inside():
            queue_ready(self.practice, now=now)
            waiting = list(Transfer.objects.filter(**mine).order_by("interchange_control_number"))
        files = []
        for transfer in waiting:
            deliver(transfer.pk, now=now, agency_id=self.practice.agency_id)
            files.append(bytes(transfer.file.content))
        return files

    def live(self, days: int, start: date = TODAY) -> None:
        """Let days pass: answers come and are taken in, what became ready leaves."""
        for count in range(1, days + 1):
            now = datetime.combine(start + timedelta(days=count), time(23), UTC)
            port = port_for(self.partner, now=now)
            names = [file.name for file in port.list_inbox()]
            arrived = [(name, port.fetch(name)) for name in names]
            if arrived:
                with self.inside():
                    receive_files(self.practice.agency_id, arrived, partner=self.partner, now=now)
            for name in names:
                port.archive(name)
            self.send(now)


def make_world(practice: Practice, member: str = "CN100200", *, with_second: bool = False) -> World:
    agency = practice.agency
    agency.contact_name, agency.contact_phone = "DANA DESK", "5555550101"
    agency.save()
    practice.settings = {"programme_facility": "13"}
    practice.save()
    partner = TradingPartner.objects.create(
        agency=agency, name="Simulated", transport="simulator", receiver_id="SIM", receiver_name="SIM",
        config={"seed": 5},
    )  # fmt: skip
    payer = Payer.objects.create(
        agency=agency, name="Evergreen Health", payer_id="60054", kind="commercial", trading_partner=partner,
        profile={"php_code": "H0035", "php_rev": "0912"},
    )  # fmt: skip
    second = Payer.objects.create(
        agency=agency, name="Second Mutual", payer_id="70001", kind="commercial", trading_partner=partner
    )
    plan = Plan.objects.create(agency=agency, payer=payer, name="PPO")
    other = Plan.objects.create(agency=agency, payer=second, name="Supplement")
    provider = Provider.objects.create(
        practice=practice, first_name="Sue", last_name="Senior", npi="1245319599", taxonomy="2084P0800X",
        credential="MD",
    )  # fmt: skip
    location = Location.objects.create(
        practice=practice, name="Main", address_line1="1 Example St", city="Albany", state="NY",
        postal_code="122070001", is_billing_address=True,
    )  # fmt: skip
    patient = Patient.objects.create(
        practice=practice, chart_number="C1", first_name="Terry", last_name="Fall", sex="F", state="NY",
        birth_date_sealed="1990-02-03",
        contact={"line1": "2 Way", "city": "Albany", "state": "NY", "postal_code": "12207"},
    )  # fmt: skip
    coverage = Coverage.objects.create(
        practice=practice, patient=patient, plan=plan, order=1, member_id=member, starts_on=date(2026, 1, 1)
    )
    if with_second:
        Coverage.objects.create(
            practice=practice, patient=patient, plan=other, order=2, member_id="PD700800",
            starts_on=date(2026, 1, 1),
        )  # fmt: skip
    for code in ("S9480", "H0015", "H0035"):
        ChargeRate.objects.create(practice=practice, code=code, amount_cents=RATE, starts_on=date(2026, 1, 1))
    return World(practice, partner, payer, second, provider, location, patient, coverage)


__all__ = ["DAYS", "IOP", "NOW", "PHP", "RATE", "SUD", "TODAY", "World", "make_world", "system_context"]
