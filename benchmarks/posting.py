"""Posting an 835 of 5,000 claims (kept, read, matched, posted, audited), beside plain loads of its rows.

    python benchmarks/posting.py [claims] [sqlite|postgresql ...]

On PostgreSQL the application's own role posts, behind row security. The peers load the same rows in the same
run: into tables without keys, with the product's keys and indexes, and into the product's own guarded tables
as they were before (`_posting_peers`). Prints seconds to the commit, those of the processor here and
(PostgreSQL) in the server, claims per second, peak memory, the three ratios, and how long pages of patients'
accounts took on PostgreSQL while the payment posted. A run on both databases writes
`docs/reference/posting-speed.md`.

Target on PostgreSQL: under 8 seconds, at most 3 times the load into the same tables, audited pages under
500 ms.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
FILES = ("alone", "with pages")
"""One payment has the machine to itself; the other posts while people open pages."""
BEFORE = "CLEANCLAIM_BENCHMARK_BEFORE"
"""Names the copy of the database from before the posting, for the part that compares."""
PEERS = {"bare": "tables without keys", "keyed": "its keys and indexes", "real": "its own tables, guarded"}
OTHERS = 20
"""Claims of a patient whom the payment does not name."""
THINKING = 0.05
"""Seconds between two pages."""


def django_up() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "cleanclaim_server.config.settings"
    django.setup()


def make_world(folder: Path, count: int) -> None:
    """A practice, claims that were sent, a person who may look, and the file that pays the claims."""
    from dataclasses import replace
    from datetime import date

    from django.conf import settings
    from django.core.management import call_command
    from tests.server.cycle import remitting

    from cleanclaim_server.coverage.models import Coverage
    from cleanclaim_server.identity.models import Grant, User
    from cleanclaim_server.patients.models import Patient
    from cleanclaim_server.practice.models import Agency, Practice
    from cleanclaim_server.tenancy.context import tenant_context
    from cleanclaim_server.tenancy.keys import create_key_file

    create_key_file(Path(settings.CLEANCLAIM_KEYS_FILE), today=date(2026, 11, 23))
    call_command("migrate", verbosity=0)
    agency = Agency.objects.create(name="Example Billing", submitter_id="EXAMPLE01")
    practice = Practice.objects.create(
        agency=agency, code="AA", name="Practice AA", npi="1234567893", taxonomy="261QM0850X",
        tax_id="990000001", address_line1="1 Example St", city="Albany", state="NY", postal_code="122070001",
    )  # fmt: skip
    user = User.objects.create_user(email="biller@example.test", display_name="Biller", agency=agency)
    with tenant_context(agency.pk, [practice.pk]):
        Grant.objects.create(user=user, practice=practice, role="biller")
        world = remitting.make_world(practice)
        files = [remitting.make_claims(world, count) for _ in FILES]
        other = Patient.objects.create(
            practice=practice,
            chart_number="C2",
            first_name="Robin",
            last_name="Vale",
            birth_date_sealed="1985-05-06",
        )
        coverage = Coverage.objects.create(
            practice=practice, patient=other, plan=world.plan, member_id="W9", starts_on=date(2026, 1, 1)
        )
        remitting.make_claims(replace(world, patient=other, coverage=coverage), OTHERS)
        for number, (name, claims) in enumerate(zip(FILES, files, strict=True), start=1):
            answers = [remitting.answer(one, 9000, ("CO", "45", 4000), ("PR", "2", 2000)) for one in claims]
            (folder / name).write_bytes(remitting.file_835(remitting.payment(answers, trace=f"EFT{number}")))
    names = {"agency": agency, "practice": practice, "partner": world.partner, "user": user}
    names |= {"named in the file": world.patient, "another patient": other}
    (folder / "world.json").write_text(json.dumps({name: str(row.pk) for name, row in names.items()}))


def post(folder: Path, count: int, name: str) -> None:
    """Take one file in, to the commit."""
    from uuid import UUID

    from django.db import connection
    from tests.server.cycle import remitting

    from cleanclaim_server.clearinghouse.models import TradingPartner
    from cleanclaim_server.cycle.receiving import receive_file
    from cleanclaim_server.remittances.models import Remittance
    from cleanclaim_server.tenancy.context import tenant_context
    from cleanclaim_server.tenancy.models import new_id

    world = {name: UUID(key) for name, key in json.loads((folder / "world.json").read_text()).items()}
    data = (folder / name).read_bytes()
    with tenant_context(world["agency"], [world["practice"]]):
        partner = TradingPartner.objects.get(pk=world["partner"])
    marker, server = new_id(), _server_seconds(connection)
    begun, busy = time.perf_counter(), time.process_time()
    with tenant_context(world["agency"], [world["practice"]]):
        receive_file(world["agency"], name=name, data=data, partner=partner, now=remitting.NOW)
    seconds, busy = time.perf_counter() - begun, time.process_time() - busy
    server = _server_seconds(connection) - server
    with tenant_context(world["agency"], [world["practice"]]):
        assert Remittance.objects.order_by("id").last().state == "posted"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{connection.vendor}, {name}: {count:,} claims, {len(data) / 1e6:.1f} MB in {seconds:.2f} s "
        f"({busy:.2f} s of the processor here{f', {server:.2f} s in the server' if server else ''}), "
        f"{count / seconds:,.0f} claims a second, {memory} MB at most",
        flush=True,
    )
    if name == FILES[0]:
        keep(
            folder, "posting", connection.vendor, f"{count:,}", f"{len(data) / 1e6:.1f}", f"{seconds:.2f}",
            f"{busy + server:.2f}", f"{server:.2f}" if server else "", f"{count / seconds:,.0f}", f"{memory}",
        )  # fmt: skip
    (folder / f"{name}.json").write_text(
        json.dumps({"marker": str(marker), "seconds": seconds, "busy": busy + server})
    )


def keep(folder: Path, table: str, *cells: str) -> None:
    """Keep one row of the page for the run that collects them."""
    with (folder / "figures.jsonl").open("a") as file:
        file.write(json.dumps([table, cells]) + "\n")


def _server_seconds(connection) -> float:
    """What the server's process of this connection has computed so far; 0 where it cannot be seen."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (process,) = cursor.fetchone()
    return _seconds_of(process)


def _seconds_of(process: int) -> float:
    stat = Path(f"/proc/{process}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def look(folder: Path) -> None:
    """Open the two patients' pages in turn until the payment is posted; each page is audited."""
    from django.conf import settings
    from django.test import Client

    from cleanclaim_server.identity import sessions
    from cleanclaim_server.identity.models import User

    settings.ALLOWED_HOSTS = ["testserver"]
    world = json.loads((folder / "world.json").read_text())
    client = Client()
    client.force_login(
        User.objects.get(pk=world["user"]), backend="cleanclaim_server.identity.backend.SessionBackend"
    )
    session = client.session
    session[sessions.BEGAN] = session[sessions.SEEN] = sessions.now()
    session[sessions.FACTOR] = "totp"
    session.save()
    names = ("named in the file", "another patient")
    taken: dict[tuple[str, str], list[float]] = {}

    def page(name: str, when: str) -> None:
        begun = time.perf_counter()
        answer = client.get(f"/patients/{world[name]}")
        taken.setdefault((name, when), []).append(1000 * (time.perf_counter() - begun))
        assert answer.status_code == 200, answer.status_code

    for _ in range(3):
        for name in names:
            page(name, "warming up")
    for _ in range(10):
        for name in names:
            page(name, "before")
    (folder / "looking").touch()
    while not (folder / f"{FILES[1]}.json").exists():
        for name in names:
            page(name, "while it posts")
            time.sleep(THINKING)
    for name in names:
        for when in ("before", "while it posts"):
            found = taken[name, when]
            p95 = statistics.quantiles(found, n=20)[-1] if len(found) > 1 else found[0]
            print(
                f"postgresql: page of {name}, {when}: p50 {statistics.median(found):.0f} ms, "
                f"p95 {p95:.0f} ms, longest {max(found):.0f} ms ({len(found)} pages)"
            )
            numbers = (statistics.median(found), p95, max(found))
            keep(folder, "pages", name, when, f"{len(found)}", *(f"{one:.0f}" for one in numbers))


def compare(folder: Path) -> None:
    """Loads of the rows that were written, beside the posting: bare, with keys, into the real tables."""
    from _posting_peers import load_on_postgresql, load_on_sqlite, written
    from django.db import connection

    posted = json.loads((folder / f"{FILES[0]}.json").read_text())
    rows = written(posted["marker"])
    if connection.vendor == "postgresql":
        loads = load_on_postgresql(os.environ[BEFORE], rows, _seconds_of)
    else:
        loads = load_on_sqlite(Path(os.environ[BEFORE]), rows)
    for peer, load in loads.items():
        print(
            f"{connection.vendor}: {PEERS[peer]}: {load.rows:,} rows in {load.seconds:.2f} s "
            f"({load.computed:.2f} s of the processor); ratio {posted['seconds'] / load.seconds:.1f}, "
            f"of the processor {posted['busy'] / load.computed:.1f}",
            flush=True,
        )
        keep(
            folder, "peers", connection.vendor, PEERS[peer], f"{load.rows:,}", f"{load.seconds:.2f}",
            f"{posted['seconds'] / load.seconds:.1f}", f"{load.computed:.2f}",
            f"{posted['busy'] / load.computed:.1f}",
        )  # fmt: skip


def keep_copy(folder: Path, cluster) -> str:
    """Copy the database as it is before the posting; returns where the copy is, as its owner."""
    if cluster is None:
        copy = folder / "before.sqlite3"
        shutil.copyfile(folder / "cleanclaim.sqlite3", copy)
        return str(copy)
    import psycopg
    from tests.server import postgres

    with psycopg.connect(cluster.dsn(postgres.OWNER, "postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE before TEMPLATE cleanclaim")
    return cluster.dsn(postgres.OWNER, "before")


def child(what: str, folder: Path, count: int) -> None:
    """One part of a run, on the database that the environment names."""
    django_up()
    if what == "--world":
        make_world(folder, count)
    elif what == "--post":
        post(folder, count, FILES[0])
    elif what == "--post-again":
        post(folder, count, FILES[1])
    elif what == "--look":
        look(folder)
    else:
        compare(folder)


def run(vendor: str, count: int) -> list[tuple[str, list[str]]]:
    """One database from nothing: the world, the payment, plain loads, a payment with pages opened meanwhile.

    Returns:
        What was measured, as (table of the page, cells).
    """
    with tempfile.TemporaryDirectory(prefix="cleanclaim-posting-") as name:
        folder, cluster = Path(name), None
        owner = {**os.environ, "CLEANCLAIM_DATA_DIR": name, "CLEANCLAIM_DATABASE_URL": ""}
        if vendor == "postgresql":
            from tests.server import postgres

            cluster = postgres.start()
            owner["CLEANCLAIM_DATABASE_URL"] = cluster.owner_dsn
        application = {**owner, "CLEANCLAIM_DATABASE_URL": cluster.app_dsn if cluster else ""}

        def part(what: str, env: dict) -> subprocess.Popen:
            return subprocess.Popen([sys.executable, __file__, str(count), what, name], env=env)

        def done(process: subprocess.Popen) -> None:
            if process.wait():
                raise SystemExit(f"{vendor}: a part of the run failed")

        try:
            done(part("--world", owner))
            owner[BEFORE] = keep_copy(folder, cluster)
            done(part("--post", application))
            done(part("--compare", owner))
            if cluster:
                looker = part("--look", application)
                while looker.poll() is None and not (folder / "looking").exists():
                    time.sleep(0.05)
                done(part("--post-again", application))
                done(looker)
            return [tuple(json.loads(line)) for line in (folder / "figures.jsonl").open()]
        finally:
            if cluster is not None:
                postgres.stop(cluster)


def main() -> None:
    words = [one for one in sys.argv[1:] if not one.isdigit()]
    count = next((int(one) for one in sys.argv[1:] if one.isdigit()), 5000)
    if words and words[0].startswith("--"):
        child(words[0], Path(words[1]), count)
        return
    figures = [one for vendor in words or ["sqlite", "postgresql"] for one in run(vendor, count)]
    if not words:
        from _posting_page import PAGE, page_of

        PAGE.write_text(page_of(figures))


if __name__ == "__main__":
    main()
