"""`cleanclaim simulate`: the whole cycle over days, from a seed, with a proof at the end."""

from __future__ import annotations

import json
import os
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

CLEAN, BROKEN = 0, 1
# A fixed first day: what a seed gives does not depend on the day on which it is asked.
FIRST_DAY = "2026-01-05"


@dataclass
class Result:
    """What a simulation came to. Money in cents."""

    seed: int
    days: int
    first_day: str
    sessions: int = 0
    claims_sent: int = 0
    acknowledged: int = 0
    rejected: int = 0
    unsure: int = 0
    paid: int = 0
    denied: int = 0
    posted_cents: int = 0
    receivable_cents: int = 0
    seconds: float = 0.0
    claims_per_second: float = 0.0
    promises: list[dict] = field(default_factory=list)
    end_hash: str = ""


@click.command("simulate")
@click.option("--seed", default=7, show_default=True, type=click.IntRange(min=0), help="Decides everything.")
@click.option(
    "--days", default=28, show_default=True, type=click.IntRange(1, 1000), help="How many days pass."
)
@click.option(
    "--first-day", default=FIRST_DAY, show_default=True, type=click.DateTime(["%Y-%m-%d"]), help="Day one."
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep it here; by default nothing stays.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def simulate(
    context: click.Context, seed: int, days: int, first_day: datetime, data_dir: Path | None, as_json: bool
) -> None:
    """Let a made-up agency work for days against simulated partners, and prove its books.

    Sessions are coded, edited, sent, acknowledged, paid or denied, posted and billed on, by the same
    functions that serve a practice, under a clock of its own. At the end every promise of the books
    (L1 to L13) is checked. Equal seed and days give an equal end hash. Exit code 1 when a promise is
    broken.

    \b
    Example:
        cleanclaim simulate --seed 7 --days 14
    """
    with ExitStack() as stack:
        folder = data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cleanclaim-sim-")))
        _prepare(folder)
        result = run(seed, days, first_day.date())
        if data_dir is None:
            from django.db import connection

            connection.close()
    click.echo(json.dumps(asdict(result), indent=2) if as_json else _text(result))
    context.exit(CLEAN if all(one["holds"] for one in result.promises) else BROKEN)


def _prepare(folder: Path) -> None:
    """A new installation in an empty folder. What the environment says of another one does not count."""
    if folder.is_dir() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty: a simulation begins on a new database")
    os.umask(0o077)
    os.environ["CLEANCLAIM_DATA_DIR"] = str(folder.absolute())
    for name in ("CLEANCLAIM_DATABASE_URL", "CLEANCLAIM_KEYS_FILE"):
        os.environ.pop(name, None)
    from cleanclaim_server.config import installing

    installing.set_up_django()
    from django.conf import settings

    today = datetime.now(UTC).date()
    installing.prepare_folder(Path(settings.DATA_DIR), Path(settings.CLEANCLAIM_KEYS_FILE), today=today)
    installing.migrate()


def run(seed: int, days: int, first: date) -> Result:
    """Run the days on the database that is set up, and read off what they came to."""
    from cleanclaim_server.cycle.demo import install
    from cleanclaim_server.reporting.books import books_hash
    from cleanclaim_server.reporting.promises import check_promises
    from cleanclaim_server.tenancy.context import system_context

    last = first + timedelta(days=days - 1)
    midnight = datetime.combine(last + timedelta(days=1), datetime.min.time(), UTC)
    agency = install.install_demo(midnight, seed=seed)
    began = time.perf_counter()
    reports = install.run_days(agency, first, last)
    seconds = time.perf_counter() - began
    result = Result(seed, days, first.isoformat(), seconds=round(seconds, 2))
    result.sessions = sum(report.sessions for report in reports)
    result.claims_sent = sum(report.claims_sent for report in reports)
    result.claims_per_second = round(result.claims_sent / seconds, 1)
    with system_context(agency.pk):
        _read_off(result, agency.pk)
        result.promises = [
            {"name": one.name, "words": one.words, "checked": one.checked, "holds": one.holds,
             "breaches": [finding.message for finding in one.breaches[:20]]}
            for one in check_promises(agency.pk)
        ]  # fmt: skip
        result.end_hash = books_hash(agency.pk)
    return result


def _read_off(result: Result, agency_id) -> None:
    from django.db.models import Sum

    from cleanclaim.ledger import Account
    from cleanclaim_server.claims.codes import REJECTED, Lifecycle, PayerState
    from cleanclaim_server.claims.models import Claim
    from cleanclaim_server.ledger.models import Leg
    from cleanclaim_server.remittances.models import Remittance, RemittanceState

    claims = Claim.objects.filter(practice__agency_id=agency_id)
    result.acknowledged = claims.filter(accepted_at__isnull=False).count()
    result.rejected = claims.filter(payer_state__in=REJECTED).count()
    result.unsure = claims.filter(lifecycle=Lifecycle.UNSURE).count()
    result.paid = claims.filter(payer_state__in=(PayerState.PAID, PayerState.PARTLY_PAID)).count()
    result.denied = claims.filter(payer_state=PayerState.DENIED).count()
    posted = Remittance.objects.filter(practice__agency_id=agency_id, state=RemittanceState.POSTED)
    result.posted_cents = posted.aggregate(cents=Sum("paid_cents"))["cents"] or 0
    owed = (Account.INSURANCE_RECEIVABLE.value, Account.PATIENT_RECEIVABLE.value)
    legs = Leg.objects.filter(practice__agency_id=agency_id, account__in=owed)
    result.receivable_cents = legs.aggregate(cents=Sum("amount_cents"))["cents"] or 0


def _text(result: Result) -> str:
    from cleanclaim.money import dollars

    lines = [
        f"Seed {result.seed}, {result.days} days from {result.first_day}",
        f"  sessions       {result.sessions:>12,}",
        f"  claims sent    {result.claims_sent:>12,}",
        f"  acknowledged   {result.acknowledged:>12,}",
        f"  rejected       {result.rejected:>12,}",
        f"  unsure         {result.unsure:>12,}",
        f"  paid           {result.paid:>12,}",
        f"  denied         {result.denied:>12,}",
        f"  posted         {dollars(result.posted_cents):>12}",
        f"  receivable     {dollars(result.receivable_cents):>12}",
        f"  claims/second  {result.claims_per_second:>12,} end to end, {result.seconds} s",
        "Promises of the books",
    ]
    for one in result.promises:
        mark = "holds " if one["holds"] else "BROKEN"
        lines.append(f"  {one['name']:<4}{mark}  {one['checked']:>8,}  {one['words']}")
        lines += [f"        {breach}" for breach in one["breaches"]]
    return "\n".join([*lines, f"End hash {result.end_hash}"])


COMMANDS = {"simulate": simulate}
