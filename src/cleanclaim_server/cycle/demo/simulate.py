"""Let days pass: the whole cycle against the simulated clearinghouse, with a test clock.

The office takes in a practice's sessions and sends its claims on two evenings a week, as billing offices
do, and picks up what partners have put out every evening. Every date that is stored comes from the
clock passed in, and every choice from the seed: equal seeds and days give equal books.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from django.db import connection, transaction

from cleanclaim.simulator.synthetic import (
    SyntheticAgency,
    SyntheticSession,
    session_facts,
    sessions,
)
from cleanclaim_server.clearinghouse.models import Job, StoredFile, TradingPartner, Transfer, TransferState
from cleanclaim_server.clearinghouse.ports import Port, port_for
from cleanclaim_server.clearinghouse.ports.simulator import held
from cleanclaim_server.config.database import refresh_statistics
from cleanclaim_server.cycle.batching import DELIVER, queue_ready
from cleanclaim_server.cycle.demo.desk import Desk
from cleanclaim_server.cycle.intake import Intake, Masters, SessionInput, take_in
from cleanclaim_server.cycle.receiving import receive_files
from cleanclaim_server.cycle.sending import LEASE, deliver, recover
from cleanclaim_server.practice.models import Agency, Practice
from cleanclaim_server.tenancy.context import system_context

OFFICE_EVENINGS = (frozenset((0, 3)), frozenset((1, 4)))
"""Weekdays on which a practice's sessions come in and its claims leave; practices take turns."""
SAVE_EVERY_DAYS = 7
DESK_DAY = 5
"""Saturday: the week's sessions are in, its answers too."""


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
        synthetic: What the agency was loaded from; it also says which sessions are held.
        agency: On file, loaded from `synthetic`.
        partner: The trading partner with the transport `simulator`; its settings hold the seed, which
            decides all that is random.
        desk: The people who work through what waits, every Saturday; without them it only piles up.
    """

    def __init__(
        self, synthetic: SyntheticAgency, agency: Agency, partner: TradingPartner, desk: Desk | None = None
    ) -> None:
        self.synthetic, self.agency, self.partner, self.desk = synthetic, agency, partner, desk
        self.give_way: Callable[[], None] = lambda: None
        """Called between transactions: SQLite has one writer, and others may be waiting."""
        self._clinicians = {one.id: one for one in synthetic.clinicians}
        self._charts = {one.id: one.chart_number for one in synthetic.patients}
        self._places = {place.id: place.name for one in synthetic.practices for place in one.locations}
        # Prices, people and policies do not change while a simulation runs.
        self._masters: dict[str, Masters] = {}
        self._sessions_of = lru_cache(maxsize=16)(lambda day: sessions(synthetic, day))

    def run(self, first: date, last: date, *, sessions_until: date | None = None) -> list[DayReport]:
        """Run every day from `first` to `last`; no session is held after `sessions_until`."""
        return list(self.iterate(first, last, sessions_until=sessions_until))

    def iterate(
        self,
        first: date,
        last: date,
        *,
        sessions_until: date | None = None,
        sessions_from: date | None = None,
        done: Callable[[date], None] = lambda day: None,
    ) -> Iterator[DayReport]:
        """Run day by day, for callers that show progress or stop early.

        Args:
            sessions_from: Where a run that is taken up again had begun: sessions since then that wait for
                their evening are not forgotten.
            done: Told of the last day whose work is on file on both sides.
        """
        begin, until = sessions_from or first, sessions_until or last
        days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
        report = None
        with held(self.partner, now=_at(first, 0)) as save:
            self._take_up()
            try:
                for count, day in enumerate(days, start=1):
                    report = self.run_day(day, first=begin, until=until)
                    if count % SAVE_EVERY_DAYS == 0:
                        refresh_statistics(connection)
                        save()
                        done(day)
                    yield report
            finally:  # also when the caller stops: whole days are kept
                if report is not None:
                    save()
                    done(report.day)

    def run_day(self, day: date, *, first: date, until: date) -> DayReport:
        """The evening's sessions and claims, and whatever the other side has ready by midnight."""
        evening = _at(day, 22)
        with system_context(self.agency.id):
            if not self._masters:
                practices = Practice.objects.filter(agency=self.agency).order_by("code")
                self._masters = {row.code: Masters(row) for row in practices.select_related("agency")}
            coming = self._coming(day, first=first, until=until)
            if coming:
                take_in([Intake(*one) for one in coming], now=evening, today=day)
            for masters in self._sending(day, until=until):
                queue_ready(masters.practice, now=evening)
        self.give_way()
        sent = self._deliver(evening)
        self.give_way()
        received = self._receive(_at(day, 23))
        self.give_way()
        if self.desk is not None and day.weekday() == DESK_DAY:
            self._work(self.desk, day)
        return DayReport(day, sum(len(items) for _, items in coming), sent, received)

    def _work(self, desk: Desk, day: date) -> None:
        with transaction.atomic(), system_context(self.agency.id):
            desk.week(now=_at(day, 23), today=day)
            for code in sorted(desk.changed):
                practice = Practice.objects.select_related("agency").get(agency=self.agency, code=code)
                self._masters[code] = Masters(practice)
            desk.changed.clear()

    def _sending(self, day: date, *, until: date) -> list[Masters]:
        """The practices whose evening it is; all of them on the last day with sessions."""
        masters = list(self._masters.values())
        return [one for at, one in enumerate(masters) if day == until or day.weekday() in _evenings(at)]

    def _coming(self, day: date, *, first: date, until: date) -> list[tuple[Masters, list[SessionInput]]]:
        """The sessions since each practice's evening before this one."""
        if day > until:
            return []
        coming = []
        for at, masters in enumerate(self._masters.values()):
            if day != until and day.weekday() not in _evenings(at):
                continue
            since = day
            while since > first and (since - timedelta(days=1)).weekday() not in _evenings(at):
                since -= timedelta(days=1)
            held_on = (since + timedelta(days=count) for count in range((day - since).days + 1))
            code = masters.practice.code
            items = [
                self._input(one)
                for on in held_on
                for one in self._sessions_of(on)
                if one.practice_code == code
            ]
            if items:
                coming.append((masters, items))
        return coming

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
            note_signed_at=_at(signed, 21) if signed else None,
            source="demo",
        )

    def _deliver(self, now: datetime) -> int:
        """Hand over every file that waits, with its claims; returns the claims that left."""
        mine = {"agency": self.agency, "partner": self.partner, "state": TransferState.QUEUED}
        with system_context(self.agency.id):
            waiting = list(
                Transfer.objects.filter(**mine)
                .order_by("interchange_control_number")
                .values_list("id", "batch__claims_count")
            )
        for transfer_id, _ in waiting:
            deliver(transfer_id, now=now, agency_id=self.agency.id)
            self.give_way()
        if waiting:
            with system_context(self.agency.id):
                jobs = Job.objects.filter(agency=self.agency, kind=DELIVER, state="due")
                jobs.filter(subject_id__in=[key for key, _ in waiting]).update(state="done", done_at=now)
        return sum(count or 0 for _, count in waiting)

    def _receive(self, now: datetime) -> int:
        port = port_for(self.partner, now=now)
        names = [file.name for file in port.list_inbox()]
        if not names:
            return 0
        with system_context(self.agency.id):
            known = self._known(names)
            arrived = [(name, port.fetch(name)) for name in names if name not in known]
            receive_files(self.agency.id, arrived, partner=self.partner, now=now)
        for name in names:
            port.archive(name)
        return len(arrived)

    def _known(self, names: list[str]) -> set[str]:
        """Names picked up before, by a run that died before it could say so."""
        files = StoredFile.objects.filter(agency=self.agency, partner=self.partner, direction="in")
        return set(files.filter(name__in=names).values_list("name", flat=True))

    def _take_up(self) -> None:
        """Settle what a run that died left half done: nobody else sends while we hold the partner."""
        mine = {"agency": self.agency, "partner": self.partner}
        with transaction.atomic(), system_context(self.agency.id):
            # What left after the partner's memory was written last is handed over again, at its own time.
            sent = Transfer.objects.filter(state=TransferState.SENT, **mine)
            for transfer in sent.order_by("interchange_control_number"):
                port: Port = port_for(self.partner, now=transfer.sending_at)
                if port.exists(transfer.remote_name) is None:
                    port.put(transfer.remote_name, transfer.file.content)
            left = Transfer.objects.filter(state=TransferState.SENDING, **mine)
            latest = left.order_by("-sending_at").values_list("sending_at", flat=True).first()
        if latest is not None:
            recover(self.agency.id, now=latest + LEASE + timedelta(minutes=1))


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def _evenings(place: int) -> frozenset[int]:
    return OFFICE_EVENINGS[place % len(OFFICE_EVENINGS)]
