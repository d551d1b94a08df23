"""Let days pass: the whole cycle against the simulated clearinghouse, with a test clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from cleanclaim.simulator.synthetic import (
    SyntheticAgency,
    SyntheticSession,
    session_facts,
    sessions,
)
from cleanclaim_server.claims.models import Batch
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.clearinghouse.ports import port_for
from cleanclaim_server.clearinghouse.ports.simulator import held
from cleanclaim_server.cycle.batching import queue_ready
from cleanclaim_server.cycle.intake import Masters, SessionInput, record_sessions
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.cycle.sending import deliver
from cleanclaim_server.practice.models import Agency, Practice
from cleanclaim_server.tenancy.context import system_context


@dataclass(frozen=True)
class DayReport:
    """What a simulated day did."""

    day: date
    sessions: int
    claims_sent: int
    files_received: int


class Simulation:
    """One agency, one simulated clearinghouse, a clock that we move.

    Args:
        agency: On file, loaded from `synthetic`.
        partner: The trading partner with the transport `simulator`; its settings hold the seed, which
            decides all that is random. Equal seeds and days give equal books.
    """

    def __init__(self, synthetic: SyntheticAgency, agency: Agency, partner: TradingPartner) -> None:
        self.synthetic, self.agency, self.partner = synthetic, agency, partner
        self._clinicians = {one.id: one for one in synthetic.clinicians}
        self._charts = {one.id: one.chart_number for one in synthetic.patients}
        self._places = {place.id: place.name for one in synthetic.practices for place in one.locations}
        self._practices: dict[str, Practice] = {}
        # Prices, people and policies do not change while a simulation runs.
        self._masters: dict[str, Masters] = {}

    def run(self, first: date, last: date, *, sessions_until: date | None = None) -> list[DayReport]:
        """Run every day from `first` to `last`; no session is held after `sessions_until`."""
        return list(self.iterate(first, last, sessions_until=sessions_until))

    def iterate(self, first: date, last: date, *, sessions_until: date | None = None) -> Iterator[DayReport]:
        """Run day by day, for callers that show progress."""
        days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
        with held(self.partner, now=datetime.combine(first, time(0), UTC)):
            for day in days:
                yield self.run_day(day, with_sessions=day <= (sessions_until or last))

    def run_day(self, day: date, *, with_sessions: bool = True) -> DayReport:
        """Sessions of the day, the evening batch, and whatever the other side has ready by midnight."""
        evening = datetime.combine(day, time(22), UTC)
        with system_context(self.agency.id):
            if not self._practices:
                self._practices = {row.code: row for row in Practice.objects.filter(agency=self.agency)}
            count = self._sessions(day, evening) if with_sessions else 0
            batches = self._send(evening)
        for batch in batches:
            deliver(batch.transfer_id, now=evening, agency_id=self.agency.id)
        sent = sum(batch.claims_count for batch in batches)
        received = self._receive(evening + timedelta(hours=1))
        return DayReport(day, count, sent, received)

    def _sessions(self, day: date, now: datetime) -> int:
        by_practice: dict[str, list[SessionInput]] = defaultdict(list)
        for one in sessions(self.synthetic, day):
            by_practice[one.practice_code].append(self._input(one))
        for code, items in by_practice.items():
            if code not in self._masters:
                self._masters[code] = Masters(self._practices[code])
            record_sessions(self._masters[code], items, now=now, today=day)
        return sum(len(items) for items in by_practice.values())

    def _input(self, one: SyntheticSession) -> SessionInput:
        signed = one.note_signed_on
        return SessionInput(
            external_id=one.id,
            chart_number=self._charts[one.patient_id],
            provider_npi=self._clinicians[one.clinician_id].npi,
            facts=session_facts(one),
            diagnoses=one.diagnoses,
            supervisor_npi=self._clinicians[one.supervisor_id].npi if one.supervisor_id else "",
            location_name=self._places[one.location_id],
            authorization_number=one.authorization_number,
            note_reference=f"note {one.id}" if signed else "",
            note_signed_at=datetime.combine(signed, time(21), UTC) if signed else None,
            source="demo",
        )

    def _send(self, now: datetime) -> list[Batch]:
        return [batch for practice in self._practices.values() for batch in queue_ready(practice, now=now)]

    def _receive(self, now: datetime) -> int:
        port = port_for(self.partner, now=now)
        waiting = port.list_inbox()
        for file in waiting:
            data = port.fetch(file.name)
            with system_context(self.agency.id):
                receive_file(self.agency.id, name=file.name, data=data, partner=self.partner, now=now)
            port.archive(file.name)
        return len(waiting)
