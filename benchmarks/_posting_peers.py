"""What the rows that a posting wrote cost when they are only loaded: three peers, each stricter than the one
before.

*bare*: tables without a key. *keyed*: the product's own primary keys, unique keys, indexes and checks.
*real*: the product's tables themselves in a copy of the database from before the posting, with foreign keys
and guards, in an order that the guards accept. What lies between *bare* and *real* is what the schema
promises; what lies above *real* is what the program does.

Each peer is one transaction, to the commit. On PostgreSQL it is COPY as the owner, since PostgreSQL has no
COPY for a role that row security binds; on SQLite it is executemany. What a posting changes in rows that were
there (claims, balances) and what it reads is in no peer.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

PEERS = ("bare", "keyed", "real")


@dataclass(frozen=True)
class Load:
    """One peer's load of all rows: seconds to the commit, and those of the processor (server's included)."""

    rows: int
    seconds: float
    computed: float


def written(marker: str) -> dict[str, tuple[int, object]]:
    """Every row that was written since the marker: table -> (rows, what its load takes), parents first."""
    from django.db import connection

    found: dict[str, tuple[int, object]] = {}
    with connection.cursor() as cursor:
        for table in _in_order():
            if connection.vendor == "postgresql":
                made_here = "substring(id::text, 15, 1) = '7'"  # by time; the world's charges have other ids
                chosen = f"SELECT * FROM \"{table}\" WHERE id > '{marker}' AND {made_here}"
                with cursor.cursor.copy(f"COPY ({chosen}) TO STDOUT") as out:
                    rows = [bytes(part) for part in out]
                data: object = b"".join(rows)
            else:
                made_here = "substr(id, 13, 1) = '7'"
                cursor.execute(f'SELECT * FROM "{table}" WHERE id > %s AND {made_here}', [UUID(marker).hex])
                data = rows = cursor.fetchall()
            if rows:
                found[table] = len(rows), data
    return found


def _in_order() -> list[str]:
    """Tables whose rows have ids of their own: parents before their children, and legs before their entry."""
    from django.apps import apps
    from django.db.models import UUIDField

    from cleanclaim_server.tenancy.guards.plan import plan_tables

    parents = {
        model._meta.db_table: set()
        for model in apps.get_models()
        if isinstance(model._meta.pk, UUIDField) and model.__module__.startswith("cleanclaim_server.")
    }
    for table in plan_tables():
        if table.name in parents:
            parents[table.name] |= {one.parent for one in table.references} - {table.sealed_by, table.name}
            parents[table.name] |= {table.seals} - {""}
    placed: dict[str, None] = {}

    def place(name: str) -> None:
        for parent in sorted(parents.get(name, ())):
            if parent not in placed:
                place(parent)
        placed[name] = None

    for name in parents:
        place(name)
    return [name for name in placed if name in parents]


def load_on_postgresql(
    dsn: str, rows: Mapping[str, tuple[int, object]], seconds_of: Callable[[int], float]
) -> dict[str, Load]:
    """Load the rows into the three kinds of tables of a database.

    Args:
        dsn: The copy from before the posting, as its owner.
        seconds_of: Process id of a server -> seconds it has computed.
    """
    import psycopg

    found = {}
    with psycopg.connect(dsn, autocommit=True) as connection:
        process = connection.info.backend_pid

        def computed() -> float:
            return time.process_time() + seconds_of(process)

        for peer in PEERS:
            for table in rows if peer != "real" else ():
                like = f'LIKE "{table}" INCLUDING ALL' if peer == "keyed" else f'LIKE "{table}"'
                connection.execute(f'CREATE TABLE "{peer}_{table}" ({like})')
            begun, busy = time.perf_counter(), computed()
            with connection.transaction(), connection.cursor() as cursor:
                for table, (_, data) in rows.items():
                    with cursor.copy(f'COPY "{_name(peer, table)}" FROM STDIN') as into:
                        into.write(data)
            found[peer] = Load(_count(rows), time.perf_counter() - begun, computed() - busy)
    return found


def load_on_sqlite(path: Path, rows: Mapping[str, tuple[int, Sequence[tuple]]]) -> dict[str, Load]:
    """Load the rows into the three kinds of tables of a database file: the copy from before the posting."""
    from cleanclaim_server.config.database import SQLITE_INIT

    found = {}
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(SQLITE_INIT)
    for peer in PEERS:
        connection.execute(f"PRAGMA foreign_keys={'ON' if peer == 'real' else 'OFF'}")
        for table in rows if peer != "real" else ():
            for statement in _definitions(connection, peer, table):
                connection.execute(statement)
        begun, busy = time.perf_counter(), time.process_time()
        connection.execute("BEGIN IMMEDIATE")
        for table, (_, data) in rows.items():
            places = ",".join(["?"] * len(data[0]))
            connection.executemany(f'INSERT INTO "{_name(peer, table)}" VALUES ({places})', data)
        connection.execute("COMMIT")
        found[peer] = Load(_count(rows), time.perf_counter() - begun, time.process_time() - busy)
    connection.close()
    return found


def _definitions(connection: sqlite3.Connection, peer: str, table: str) -> list[str]:
    if peer == "bare":
        return [f'CREATE TABLE "bare_{table}" AS SELECT * FROM "{table}" WHERE 0']
    kept = connection.execute(
        "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('table', 'index') AND sql IS NOT NULL "
        "ORDER BY type DESC",
        [table],
    )
    renamed = [re.sub(rf'"{table}"', f'"keyed_{table}"', sql) for (sql,) in kept]
    return [re.sub(r'INDEX "', 'INDEX "keyed_', sql, count=1) for sql in renamed]


def _name(peer: str, table: str) -> str:
    return table if peer == "real" else f"{peer}_{table}"


def _count(rows: Mapping[str, tuple[int, object]]) -> int:
    return sum(count for count, _ in rows.values())
