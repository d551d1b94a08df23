"""Set the demo agency up: installation, people who may sign in, masters, and a year of work."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import uuid5

import msgspec
from django.conf import settings
from django.db import connection, transaction

from cleanclaim.simulator.synthetic import make_agency
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.cycle.demo.before_sending import leave_unsent
from cleanclaim_server.cycle.demo.consents import mark_two
from cleanclaim_server.cycle.demo.contracts import demo_market, install_contracts
from cleanclaim_server.cycle.demo.desk import Desk
from cleanclaim_server.cycle.demo.eligibility import ask_payers
from cleanclaim_server.cycle.demo.eligibility_file import receive_eligibility
from cleanclaim_server.cycle.demo.held_lines import hold_lines
from cleanclaim_server.cycle.demo.loading import NAMESPACE, load_agency, row_id
from cleanclaim_server.cycle.demo.month_end import close_past_months, show_month_end
from cleanclaim_server.cycle.demo.notes import audit_one
from cleanclaim_server.cycle.demo.oddities import give_one_away, receive_oddities
from cleanclaim_server.cycle.demo.programmes import attend_lately, start_programme
from cleanclaim_server.cycle.demo.simulate import DayReport, Simulation
from cleanclaim_server.cycle.follow_up import find_silent
from cleanclaim_server.identity.actions.managing_users import temporary_password
from cleanclaim_server.identity.models import Grant, User
from cleanclaim_server.practice.models import Agency, Practice, Provider
from cleanclaim_server.tenancy.context import system_context, tenant_context

SEED = 7
BILLER, OWNER = "dana@demo.test", "owner@demo.test"
DAYS_OF_WORK = 365
RECENT_DAYS = 45
PROGRESS_EVERY_DAYS = 28
ROLES = ("biller", "coder", "poster", "denial_specialist", "manager")
Progress = Callable[[str], None]
Stopping = Callable[[], bool]


def sign_in_file() -> Path:
    """Where the demo's sign-in is kept, readable by its owner alone, so that it can be shown again."""
    return Path(settings.DATA_DIR) / "demo-sign-in.json"


@transaction.atomic
def install_demo(now: datetime, *, seed: int = SEED, progress: Progress = lambda text: None) -> Agency:
    """Create the demo agency and load its masters; when it is there already, only return it."""
    known = Agency.objects.filter(is_demo=True).first()
    if known is not None:
        return known
    today = now.date()
    synthetic = make_agency(seed, around=today)
    progress(f"Loading {len(synthetic.practices)} practices and {len(synthetic.patients)} patients")
    agency = Agency.objects.create(
        id=uuid5(NAMESPACE, f"agency {seed}"),  # equal seeds give equal ids, and so equal orders everywhere
        name=synthetic.name,
        submitter_id="FERNQUILL",
        contact_name="Billing",
        contact_phone="5550100",
        is_demo=True,
        settings={"seed": seed, "today": today.isoformat()},
    )
    contract = msgspec.to_builtins(demo_market(synthetic, today))
    with tenant_context(agency.id, ()):
        partner = TradingPartner.objects.create(
            id=row_id(agency, "partner", "simulator"),
            agency=agency,
            name="Simulated clearinghouse",
            transport="simulator",
            receiver_id="SIMCLEAR",
            receiver_name="SIMULATED CLEARINGHOUSE",
            config={"seed": seed, "contract": contract, "timing": {"weekly_payments": True}},
        )
        practices = load_agency(synthetic, agency, partner)
    _people(agency, practices)
    with tenant_context(agency.id, [practice.id for practice in practices]):
        manager = User.objects.get(agency=agency, email=BILLER)
        install_contracts(synthetic, agency, acting_user=manager, now=now)
    return agency


def _people(agency: Agency, practices: list[Practice]) -> None:
    """A manager who may see and do everything, an owner of the first practice, and a clinician."""
    first = practices[0]
    signs = []
    with tenant_context(agency.id, [practice.id for practice in practices]):
        clinician = Provider.objects.filter(practice=practices[1]).order_by("id").first()
        people = [
            (
                BILLER,
                "Dana Whitlow",
                [(practice, role) for practice in practices for role in ROLES],
                None,
            ),
            (OWNER, "Practice owner", [(first, "practice_owner")], None),
            ("clinician@demo.test", "Clinician", [(practices[1], "clinician")], clinician),
            ("auditor@demo.test", "Auditor", [(practice, "auditor") for practice in practices], None),
        ]
        for email, name, grants, provider in people:
            password = temporary_password()
            user = User.objects.create_user(email, password, display_name=name, agency=agency)
            Grant.objects.bulk_create(
                Grant(user=user, practice=practice, role=role, provider=provider) for practice, role in grants
            )
            signs.append({"email": email, "password": password, "name": name})
    path = sign_in_file()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump(signs, out)


def fill_recent(
    agency: Agency, *, progress: Progress = lambda text: None, stopping: Stopping = lambda: False
) -> int:
    """Run the newest weeks, up to the demo's today. Returns the claims sent.

    Args:
        stopping: Asked after each day whether to stop; the next call goes on from there.
    """
    last = _last_day(agency)
    _start_programme(agency, last - timedelta(days=RECENT_DAYS))
    sent = _fill(agency, "recent", last - timedelta(days=RECENT_DAYS), last, last, progress, stopping)
    if agency.settings.get("recent") == last.isoformat() and not agency.settings.get("oddities"):
        with transaction.atomic(), system_context(agency.id):
            partner = TradingPartner.objects.select_related("agency").get(
                agency=agency, transport="simulator"
            )
            receive_oddities(agency, partner, now=datetime.combine(last, time(23, 30), tzinfo=UTC))
            biller = User.objects.get(agency=agency, email=BILLER)
            give_one_away(agency, biller, now=datetime.combine(last, time(23, 35), tzinfo=UTC))
            hold_lines(agency, partner, biller, now=datetime.combine(last, time(23, 40), tzinfo=UTC))
            attend_lately(agency, biller, on=last)
            leave_unsent(agency, biller, on=last, now=datetime.combine(last, time(23, 50), tzinfo=UTC))
            mark_two(agency, biller, on=last, now=datetime.combine(last, time(23, 51), tzinfo=UTC))
            ask_payers(agency, biller, on=last, now=datetime.combine(last, time(23, 51), tzinfo=UTC))
            receive_eligibility(
                agency, partner, on=last, now=datetime.combine(last, time(23, 51), tzinfo=UTC)
            )
            audit_one(agency, biller, on=last, now=datetime.combine(last, time(23, 52), tzinfo=UTC))
            owner = User.objects.get(agency=agency, email=OWNER)
            end = datetime.combine(last, time(23, 50), tzinfo=UTC)
            show_month_end(agency, partner, biller, owner, now=end)
            agency.settings = {**agency.settings, "oddities": True}
            agency.save(update_fields=["settings"])
    return sent


def _start_programme(agency: Agency, first: date) -> None:
    """The programme of one practice, once, before the newest weeks begin."""
    if agency.settings.get("programme") or agency.settings.get("recent"):
        return
    with transaction.atomic(), system_context(agency.id):
        start_programme(agency, User.objects.get(agency=agency, email=BILLER), first=first)
        agency.settings = {**agency.settings, "programme": True}
        agency.save(update_fields=["settings"])


def fill_older(
    agency: Agency,
    *,
    progress: Progress = lambda text: None,
    stopping: Stopping = lambda: False,
    give_way: Callable[[], None] = lambda: None,
) -> int:
    """Run the months before those; their answers may come until the demo's today. See `fill_recent`."""
    last = _last_day(agency)
    border = last - timedelta(days=RECENT_DAYS + 1)
    until = min(border + timedelta(days=60), last)
    begin = last - timedelta(days=DAYS_OF_WORK)
    sent = _fill(agency, "older", begin, until, border, progress, stopping, give_way)
    if agency.settings.get("older") == until.isoformat() and not agency.settings.get("closed"):
        closer = User.objects.get(agency=agency, email=BILLER)
        close_past_months(agency, closer, now=datetime.combine(last, time(23, 55), tzinfo=UTC))
        agency.settings = {**agency.settings, "closed": True}
        agency.save(update_fields=["settings"])
    return sent


def run_days(agency: Agency, first: date, last: date) -> list[DayReport]:
    """Run days of the demo agency once, without noting them: for simulations that end with their process."""
    with quick_commits():
        return _simulation(agency, closes_months=True).run(first, last)


def _simulation(agency: Agency, *, closes_months: bool = False) -> Simulation:
    synthetic = make_agency(agency.settings["seed"], around=date.fromisoformat(agency.settings["today"]))
    with system_context(agency.id):
        partner = TradingPartner.objects.select_related("agency").get(agency=agency, transport="simulator")
    biller = User.objects.get(agency=agency, email=BILLER)
    desk = Desk(agency.id, biller.pk, agency.settings["seed"], closes_months=closes_months)
    return Simulation(synthetic, agency, partner, desk)


def _last_day(agency: Agency) -> date:
    return date.fromisoformat(agency.settings["today"]) - timedelta(days=1)


def _fill(
    agency: Agency,
    part: str,
    first: date,
    last: date,
    sessions_until: date,
    progress: Progress,
    stopping: Stopping,
    give_way: Callable[[], None] = lambda: None,
) -> int:
    """Run the days of a part that have not run yet; what has run is noted on the agency."""
    noted = agency.settings.get(part)
    start = date.fromisoformat(noted) + timedelta(days=1) if noted else first
    if start > last:
        return 0

    def note(day: date) -> None:
        agency.settings = {**agency.settings, part: day.isoformat()}
        agency.save(update_fields=["settings"])

    simulation, sent, days = _simulation(agency), 0, (last - start).days + 1
    simulation.give_way = give_way
    run = simulation.iterate(start, last, sessions_until=sessions_until, sessions_from=first, done=note)
    with quick_commits(), closing(run):
        for step, report in enumerate(run, start=1):
            sent += report.claims_sent
            if step % PROGRESS_EVERY_DAYS == 0 or step == days:
                progress(f"{report.day:%d %b %Y}: {step} of {days} days, {sent} claims sent")
    with transaction.atomic(), system_context(agency.id):
        find_silent(agency.id, now=datetime.combine(_last_day(agency), time(23), tzinfo=UTC))
    return sent


@contextmanager
def quick_commits() -> Iterator[None]:
    """Let SQLite leave it to the system when made-up work reaches the disk, for the length of a block.

    Only for the demo agency and only for its filling: a power cut may cost its database, which is then
    made again. A process that dies loses nothing. Real work keeps the durable default.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
        try:
            yield
        finally:
            cursor.execute("PRAGMA synchronous=FULL")


__all__ = ["fill_older", "fill_recent", "install_demo", "run_days", "sign_in_file"]
