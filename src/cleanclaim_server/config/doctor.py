"""Checks an installation and says what is missing. Reads only; changes nothing."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Check:
    """One thing looked at. `state` is ok, warn or stop; `remedy` says what to do when it is not ok."""

    name: str
    state: str
    seen: str
    remedy: str = ""


def examine() -> list[Check]:
    """Run every check, in an order in which the first failure is the first thing to mend."""
    checks: list[Check] = []
    for look in (_folder, _secret, _keys, _hosts, _database, _migrations, _guards, _application_role, _trail):
        checks.extend(_safely(look))
        if checks[-1].state == "stop" and look in (_database, _migrations):
            break  # what follows needs the tables
    return checks


def must_hold() -> list[Check]:
    """What keeps `serve` and `worker` from starting."""
    return [check for check in examine() if check.state == "stop"]


def _safely(look: Callable[[], Iterator[Check]]) -> list[Check]:
    try:
        return list(look())
    except Exception as error:  # a doctor who faints helps nobody; the class says enough, the text may not
        return [Check(look.__name__.strip("_"), "stop", f"the check failed: {type(error).__name__}")]


def _folder() -> Iterator[Check]:
    from django.conf import settings

    folder = Path(settings.DATA_DIR)
    if not folder.is_dir():
        yield Check("data folder", "stop", f"{folder} is missing", "run `cleanclaim init`")
        return
    open_to_others = stat.S_IMODE(folder.stat().st_mode) & 0o007
    state = "warn" if open_to_others else "ok"
    yield Check("data folder", state, str(folder), f"chmod 700 {folder}" if open_to_others else "")


def _secret() -> Iterator[Check]:
    from django.conf import settings

    path = settings.SECRET_KEY_FILE
    if not path.is_file():
        yield Check("session secret", "stop", f"{path} is missing", "run `cleanclaim init`")
    elif path.stat().st_mode & 0o077:
        yield Check("session secret", "stop", f"{path} is readable by others", f"chmod 600 {path}")
    else:
        yield Check("session secret", "ok", str(path))


def _keys() -> Iterator[Check]:
    from cleanclaim_server.tenancy.keys import KeyFileError, keyring

    try:
        keys = keyring()
        yield Check("sealing keys", "ok", f"{len(keys.ciphers)} keys, number {keys.newest} seals")
    except KeyFileError as error:
        yield Check(
            "sealing keys", "stop", str(error), "restore the key file from escrow, or run `cleanclaim init`"
        )


def _hosts() -> Iterator[Check]:
    from django.conf import settings

    outside = sorted(set(settings.ALLOWED_HOSTS) - settings.LOOPBACK_HOSTS)
    if outside and not settings.HTTPS:
        remedy = "put an HTTPS proxy in front and set CLEANCLAIM_HTTPS=1"
        yield Check("transport", "stop", f"{', '.join(outside)} without HTTPS", remedy)
    else:
        seen = "HTTPS behind a proxy" if settings.HTTPS else "this machine alone (loopback)"
        yield Check("transport", "ok", seen)


def _database() -> Iterator[Check]:
    from django.conf import settings
    from django.db import DatabaseError, connection

    name = settings.DATABASES["default"]["NAME"]
    if connection.vendor == "sqlite" and not Path(name).is_file():
        yield Check("database", "stop", f"{name} is missing", "run `cleanclaim init`")
        return
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        remedy = "is it running, and is CLEANCLAIM_DATABASE_URL right?"
        yield Check("database", "stop", f"cannot be reached ({type(error).__name__})", remedy)
        return
    if connection.vendor == "sqlite":
        yield Check("database", "ok", f"SQLite {sqlite3.sqlite_version}: one writer at a time")
    else:
        yield Check("database", "ok", f"PostgreSQL {connection.pg_version // 10000}")


def _migrations() -> Iterator[Check]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        amount = "1 migration is" if len(waiting) == 1 else f"{len(waiting)} migrations are"
        yield Check("tables", "stop", f"{amount} not applied", "run `cleanclaim init`")
    else:
        yield Check("tables", "ok", "up to date")


def _guards() -> Iterator[Check]:
    from cleanclaim_server.tenancy.guards import missing

    absent = missing()
    if absent:
        seen = f"{len(absent)} are missing, first: {absent[0]}"
        yield Check("database guards", "stop", seen, "run `cleanclaim init` (as the owner on PostgreSQL)")
    else:
        yield Check("database guards", "ok", "all in place")


def _application_role() -> Iterator[Check]:
    from django.db import connection

    if connection.vendor != "postgresql":
        yield Check("row security", "warn", "SQLite has none; the application's filter stands alone",
                    "use PostgreSQL when more than one party uses the installation")  # fmt: skip
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls, rolname FROM pg_roles WHERE rolname = current_user")
        exempt, name = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user"
        )
        owned = cursor.fetchone()[0]
    if exempt or owned:
        seen = f"{name} is exempt from it or owns tables"
        yield Check("row security", "stop", seen, "connect as cleanclaim_app (`cleanclaim init --postgres`)")
    else:
        yield Check("row security", "ok", f"in force for {name}")


def _trail() -> Iterator[Check]:
    from datetime import timedelta

    from django.utils import timezone

    from cleanclaim_server.audit.sealer import unsealed, whole_agency
    from cleanclaim_server.practice.models import Agency

    late = timezone.now() - timedelta(minutes=10)
    waiting = 0
    for agency_id in Agency.objects.values_list("id", flat=True):
        with whole_agency(agency_id):
            waiting += unsealed(agency_id).filter(occurred_at__lt=late).count()
    if waiting:
        seen = f"{waiting} rows are unsealed for over ten minutes"
        yield Check("audit trail", "warn", seen, "is `cleanclaim worker` running?")
    else:
        yield Check("audit trail", "ok", "sealed")
