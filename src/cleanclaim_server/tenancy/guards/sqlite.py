"""The guards as SQLite triggers. SQLite has no row security: the application's filter stands alone there."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from cleanclaim_server.tenancy.guards.plan import (
    CLOSED_BEFORE,
    CREDITS,
    IN_CLOSED_MONTH,
    OVERDRAWN,
    PRACTICE_TABLE,
    Reference,
    Table,
)

PREFIX = "cc_guard_"
# Holds, inside a transaction, the entries whose legs were written and which themselves were not yet: its
# deferred key lets no transaction commit while an entry is owed. Always empty between transactions.
OWED = "cc_guard_owed_entry"


def install(connection, tables: list[Table]) -> None:
    """Drop the guards of an earlier version and create today's, all of them or none.

    In one transaction: a process that dies here leaves the old guards, and the disk is waited for once
    instead of hundreds of times.
    """
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        uninstall(connection)
        for statements in triggers(tables).values():
            for statement in statements:
                cursor.execute(statement)


def uninstall(connection) -> None:
    """Drop every trigger of ours."""
    with connection.cursor() as cursor:
        for name in _installed(connection):
            cursor.execute(f'DROP TRIGGER "{name}"')


def missing(connection, tables: list[Table]) -> list[str]:
    """Name the triggers that should be there and are not."""
    have = _installed(connection)
    return [f"trigger {name}" for name in triggers(tables) if name not in have]


def _installed(connection) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'cc_guard_%'")
        return {row[0] for row in cursor.fetchall()}


def triggers(tables: list[Table]) -> dict[str, list[str]]:
    """Return the SQL of every guard, by trigger name."""
    found: dict[str, list[str]] = {}
    for table in tables:
        for name, when, condition, message in _refusals(table):
            full = f"{PREFIX}{table.name}_{name}"
            clause = f" WHEN {condition}" if condition else ""
            found[full] = [
                f'CREATE TRIGGER "{full}" {when} ON "{table.name}" FOR EACH ROW{clause} '
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            ]
        if table.sealed_by:
            found |= _owed(table)
    return found


def _refusals(table: Table) -> Iterator[tuple[str, str, str, str]]:
    name = table.name
    if table.append_only:
        yield "no_update", "BEFORE UPDATE", "", f"{name} is append-only [tenancy.append_only]"
    elif table.frozen_columns:
        changed = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in table.frozen_columns)
        yield "no_update", "BEFORE UPDATE", changed, f"{name} keeps these columns [tenancy.append_only]"
    elif table.scope in {"practice", "agency"}:
        column = table.tenant_column
        changed = f'OLD."{column}" IS NOT NEW."{column}"'
        yield (
            "stays",
            f'BEFORE UPDATE OF "{column}"',
            changed,
            f"{name} stays in its {table.scope} [tenancy.moved]",
        )
    if table.append_only or table.frozen_columns:
        yield "no_delete", "BEFORE DELETE", "", f"{name} is append-only [tenancy.append_only]"
    for reference in table.references:
        condition = _foreign(table, reference)
        message = f"{name}.{reference.column} names a row of another tenant [tenancy.foreign_parent]"
        yield f"{reference.column}_insert", "BEFORE INSERT", condition, message
        if not table.append_only:
            yield f"{reference.column}_update", f'BEFORE UPDATE OF "{reference.column}"', condition, message
    if table.seals:
        legs = f'FROM "{table.seals}" WHERE "entry_id" = NEW."id"'
        strangers = 'SUM("practice_id" <> NEW."practice_id") <> 0'
        broken = f'(SELECT COUNT(*) = 0 OR SUM("amount_cents") <> 0 OR {strangers} {legs})'
        yield "seal", "BEFORE INSERT", broken, "the legs of this entry do not balance [ledger.unbalanced]"
        yield "credit", "BEFORE INSERT", _overdrawn(table.seals), OVERDRAWN
    if table.closed_by:
        later = '"practice_id" = NEW."practice_id" AND "closed_through" >= NEW."happened_on"'
        shut = f'EXISTS (SELECT 1 FROM "{table.closed_by}" WHERE {later})'
        yield "closed", "BEFORE INSERT", shut, IN_CLOSED_MONTH
    if table.closes:
        later = '"practice_id" = NEW."practice_id" AND "closed_through" >= NEW."closed_through"'
        again = f'EXISTS (SELECT 1 FROM "{name}" WHERE {later})'
        yield "in_order", "BEFORE INSERT", again, CLOSED_BEFORE
    if table.sealed_by:
        sealed = f'EXISTS (SELECT 1 FROM "{table.sealed_by}" WHERE "id" = NEW."entry_id")'
        yield "late", "BEFORE INSERT", sealed, "this entry is sealed; its legs come first [ledger.sealed]"


def _overdrawn(legs: str) -> str:
    """More of a patient's credit used than there is, this entry's own legs counted."""
    account = f"\"account\" = '{CREDITS}'"
    mine = f'SELECT "patient_id" FROM "{legs}" WHERE "entry_id" = NEW."id" AND {account}'
    used = f'l."practice_id" = NEW."practice_id" AND l."patient_id" IN ({mine}) AND l.{account}'
    sums = f'WHERE {used} GROUP BY l."patient_id" HAVING SUM(l."amount_cents") > 0'
    return f'EXISTS (SELECT 1 FROM "{legs}" l {sums})'


def _foreign(table: Table, reference: Reference) -> str:
    """A parent that exists and belongs elsewhere; one that does not exist is the plain key's business."""
    if reference.same:
        other = f'p."{reference.same}" IS NOT NEW."{reference.same}"'
    else:
        other = f"{_agency('p', reference.parent_scope)} IS NOT {_agency('NEW', table.scope)}"
    column = f'NEW."{reference.column}"'
    found = f'SELECT 1 FROM "{reference.parent}" p WHERE p."id" = {column} AND {other}'
    return f"{column} IS NOT NULL AND EXISTS ({found})"


def _agency(row: str, scope: str) -> str:
    if scope == "agency":
        return f'{row}."agency_id"'
    return f'(SELECT "agency_id" FROM "{PRACTICE_TABLE}" WHERE "id" = {row}."practice_id")'


def _owed(legs: Table) -> dict[str, list[str]]:
    owe, paid = f"{PREFIX}{legs.name}_owe_entry", f"{PREFIX}{legs.sealed_by}_pay_entry"
    return {
        owe: [
            f'CREATE TABLE IF NOT EXISTS "{OWED}" ("entry_id" char(32) PRIMARY KEY '
            f'REFERENCES "{legs.sealed_by}" ("id") DEFERRABLE INITIALLY DEFERRED)',
            f'CREATE TRIGGER "{owe}" AFTER INSERT ON "{legs.name}" FOR EACH ROW '
            f'BEGIN INSERT OR IGNORE INTO "{OWED}" VALUES (NEW."entry_id"); END',
        ],
        paid: [
            f'CREATE TRIGGER "{paid}" AFTER INSERT ON "{legs.sealed_by}" FOR EACH ROW '
            f'BEGIN DELETE FROM "{OWED}" WHERE "entry_id" = NEW."id"; END',
        ],
    }
