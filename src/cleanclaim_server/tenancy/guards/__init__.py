"""What the database itself refuses: the second wall, and the books that cannot be edited.

The guards are derived from the models (`plan.py`), written as SQL for each database
(`postgresql.py`, `sqlite.py`), installed after every `migrate`, and compared with the database's own
catalogue by `missing()`, which a test and `cleanclaim doctor` call. Django remakes tables on SQLite,
and triggers die with the old table, hence the install after every migrate.

| guard | PostgreSQL | SQLite |
| --- | --- | --- |
| rows of other practices unseen and refused | forced row-level security | (the application's filter only) |
| a parent belongs to the same practice | composite foreign keys | triggers |
| a parent belongs to the same agency | triggers | triggers |
| a row stays in its practice | trigger | trigger |
| no update, no delete | triggers and no grant | triggers |
| an entry balances, legs first | triggers and a deferred key | triggers and a deferred key |
| nothing enters a closed month | triggers and a lock | triggers |
| no patient's credit is overdrawn | triggers and a lock | triggers |
"""

from __future__ import annotations

from django.db import connection as default_connection

from cleanclaim_server.tenancy.guards import postgresql, sqlite
from cleanclaim_server.tenancy.guards.plan import plan_tables


def install(connection=default_connection) -> None:
    """Put every guard in place, for the tables that exist; safe to run again."""
    existing = set(connection.introspection.table_names())
    tables = [table for table in plan_tables() if table.name in existing]
    _dialect(connection).install(connection, tables)


def uninstall(connection=default_connection) -> None:
    """Take the triggers away. For tests that must empty tables; never in operation."""
    _dialect(connection).uninstall(connection)


def missing(connection=default_connection) -> list[str]:
    """Compare the plan with the catalogue: one line per guard that should be there and is not."""
    existing = set(connection.introspection.table_names())
    tables = [table for table in plan_tables() if table.name in existing]
    return _dialect(connection).missing(connection, tables)


def _dialect(connection):
    return postgresql if connection.vendor == "postgresql" else sqlite
