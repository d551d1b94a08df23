"""Posting an 835 of 5,000 claims (kept, read, matched, posted, audited), beside a bare load of its rows.

    python benchmarks/posting.py [claims] [sqlite|postgresql ...]

On PostgreSQL the peer is COPY of the same rows into bare tables, on SQLite executemany; both in the same run,
on the same database. Prints seconds (and those of the processor, for busy machines), claims per second,
peak memory and the ratio. Target on PostgreSQL: under 8 seconds, at most 5 times the COPY.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]


def child(count: int) -> None:
    """One run on the database that the environment names."""
    import django
    from django.core.management import call_command

    os.environ["DJANGO_SETTINGS_MODULE"] = "cleanclaim_server.config.settings"
    django.setup()
    from datetime import date

    from django.conf import settings
    from django.db import connection
    from tests.server.cycle import remitting

    from cleanclaim_server.cycle.receiving import receive_file
    from cleanclaim_server.practice.models import Agency, Practice
    from cleanclaim_server.remittances.models import Remittance
    from cleanclaim_server.tenancy.context import tenant_context
    from cleanclaim_server.tenancy.keys import create_key_file
    from cleanclaim_server.tenancy.models import new_id

    create_key_file(Path(settings.CLEANCLAIM_KEYS_FILE), today=date(2026, 11, 23))
    call_command("migrate", verbosity=0)
    agency = Agency.objects.create(name="Example Billing", submitter_id="EXAMPLE01")
    practice = Practice.objects.create(
        agency=agency, code="AA", name="Practice AA", npi="1234567893", taxonomy="261QM0850X",
        tax_id="990000001", address_line1="1 Example St", city="Albany", state="NY", postal_code="122070001",
    )  # fmt: skip
    with tenant_context(agency.pk, [practice.pk]):
        world = remitting.make_world(practice)
        claims = remitting.make_claims(world, count)
        answers = [remitting.answer(one, 9000, ("CO", "45", 4000), ("PR", "2", 2000)) for one in claims]
        data = remitting.file_835(remitting.payment(answers))
        marker = new_id()
        begun, busy = time.perf_counter(), time.process_time()
        receive_file(agency.pk, name="big.835", data=data, partner=world.partner, now=remitting.NOW)
        seconds, busy = time.perf_counter() - begun, time.process_time() - busy
        assert Remittance.objects.get().state == "posted"
        rows, peer = bare_load(connection, marker)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{connection.vendor}: {count:,} claims, {len(data) / 1e6:.1f} MB in {seconds:.2f} s "
        f"({busy:.2f} s of it computing), "
        f"{count / seconds:,.0f} claims a second, {memory} MB at most"
    )
    print(f"{connection.vendor}: bare load of its {rows:,} rows {peer:.2f} s; ratio {seconds / peer:.1f}")


def bare_load(connection, marker) -> tuple[int, float]:
    """Load every row that was written since the marker into tables without keys; rows and seconds."""
    from django.apps import apps
    from django.db import transaction
    from django.db.models import UUIDField

    total, seconds = 0, 0.0
    for model in apps.get_models():
        key = model._meta.pk
        if not isinstance(key, UUIDField) or not model.__module__.startswith("cleanclaim_server."):
            continue
        table, bare = model._meta.db_table, f"bare_{model._meta.db_table}"
        after = str(marker) if connection.vendor == "postgresql" else marker.hex
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(f'CREATE TEMP TABLE "{bare}" (LIKE "{table}")')
                with cursor.cursor.copy(
                    f"COPY (SELECT * FROM \"{table}\" WHERE id > '{after}') TO STDOUT"
                ) as out:
                    rows = [bytes(part) for part in out]
                begun = time.perf_counter()
                with cursor.cursor.copy(f'COPY "{bare}" FROM STDIN') as into:
                    into.write(b"".join(rows))
                seconds += time.perf_counter() - begun
            else:
                cursor.execute(f'SELECT * FROM "{table}" WHERE id > %s', [after])
                rows = cursor.fetchall()
                if not rows:
                    continue
                cursor.execute(f'CREATE TABLE "{bare}" AS SELECT * FROM "{table}" WHERE 0')
                places = ",".join(["?"] * len(rows[0]))
                begun = time.perf_counter()
                connection.connection.executemany(f'INSERT INTO "{bare}" VALUES ({places})', rows)
                seconds += time.perf_counter() - begun
        total += len(rows)
    return total, seconds


def main() -> None:
    wanted = [one for one in sys.argv[1:] if not one.isdigit()] or ["sqlite", "postgresql"]
    count = next((int(one) for one in sys.argv[1:] if one.isdigit()), 5000)
    if "--child" in wanted:
        child(count)
        return
    for vendor in wanted:
        with tempfile.TemporaryDirectory(prefix="cleanclaim-posting-") as folder:
            own = {**os.environ, "CLEANCLAIM_DATA_DIR": folder, "CLEANCLAIM_DATABASE_URL": ""}
            cluster = None
            if vendor == "postgresql":
                from tests.server import postgres

                cluster = postgres.start()
                own["CLEANCLAIM_DATABASE_URL"] = cluster.owner_dsn
            try:
                subprocess.run([sys.executable, __file__, str(count), "--child"], env=own, check=True)
            finally:
                if cluster is not None:
                    postgres.stop(cluster)


if __name__ == "__main__":
    main()
