"""The guards on PostgreSQL: forced row-level security, composite keys, triggers, grants.

The application connects as `cleanclaim_app`, which owns nothing, cannot truncate, and is neither
superuser nor exempt from row security. The owner migrates and installs these.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.db import transaction

from cleanclaim_server.tenancy.guards.checks import (
    BY_INDEX,
    credit_left,
    in_order,
    not_closed,
    not_late,
    same_agency,
    same_agency_of_row,
    sealed,
)
from cleanclaim_server.tenancy.guards.plan import PRACTICE_TABLE, Reference, Table

APP_ROLE = "cleanclaim_app"
POLICY = "cleanclaim_wall"
NOBODY = "00000000-0000-0000-0000-000000000000"

# A sub-select is evaluated once a query, not once a row. Unset and empty give no practices, no agency.
# It reads the text as an array, too; the cast outside only says that one array comes and not rows.
PRACTICES = "(SELECT COALESCE(NULLIF(current_setting('app.practices', true), ''), '{}')::uuid[])::uuid[]"
AGENCY = "(SELECT NULLIF(current_setting('app.agency', true), '')::uuid)"

REFUSE = """
CREATE OR REPLACE FUNCTION cleanclaim_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation';
END $$
"""


def install(connection, tables: list[Table]) -> None:
    """Install in one transaction; skipped when the same guards are all in place."""
    statements = list(_statements(tables, _has_app_role(connection)))
    mark = hashlib.sha256("\n".join(statements).encode()).hexdigest()
    if _mark(connection) == mark and not missing(connection, tables):
        return
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        cursor.execute(f"COMMENT ON FUNCTION cleanclaim_refuse() IS 'guards {mark}'")


def uninstall(connection) -> None:
    """Drop every trigger of ours; walls and keys stay, since tests need them in place."""
    with connection.cursor() as cursor:
        for table, name in sorted(_triggers(connection)):
            cursor.execute(f'DROP TRIGGER "{name}" ON "{table}"')


def missing(connection, tables: list[Table]) -> list[str]:
    """Name the walls, keys and triggers that should be there and are not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = %s "
            "WHERE c.relrowsecurity AND c.relforcerowsecurity AND c.relnamespace = 'public'::regnamespace",
            [POLICY],
        )
        walls = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT conname FROM pg_constraint WHERE conname LIKE 'cc_guard_%' AND convalidated")
        keys = {row[0] for row in cursor.fetchall()}
    have = {name for _, name in _triggers(connection)}
    absent = [f"row security on {table.name}" for table in tables if table.name not in walls]
    for table in tables:
        wanted = [_name(table.name, ref.column, "key") for ref in table.references if ref.same]
        absent += [f"key {name} on {table.name}" for name in wanted if name not in keys]
        absent += [f"trigger {name} on {table.name}" for name in _trigger_sql(table) if name not in have]
    return absent


def _triggers(connection) -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE t.tgname LIKE 'cc_guard_%' AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
        )
        return set(cursor.fetchall())


def _mark(connection) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(oid, 'pg_proc') FROM pg_proc WHERE proname = 'cleanclaim_refuse'"
        )
        row = cursor.fetchone()
        return (row[0] or "").removeprefix("guards ") if row else ""


def _has_app_role(connection) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
        return cursor.fetchone() is not None


def _name(table: str, column: str, kind: str) -> str:
    """A name that fits PostgreSQL's 63 characters."""
    full = f"cc_guard_{table}_{column}_{kind}"
    return full if len(full) <= 63 else f"{full[:50]}_{hashlib.sha256(full.encode()).hexdigest()[:12]}"


def _statements(tables: list[Table], has_app_role: bool) -> Iterator[str]:
    yield REFUSE
    for table in tables:
        yield from _wall(table)
    # Parents first: a composite key needs the parent's unique (practice, id).
    pairs = {(ref.parent, ref.same) for table in tables for ref in table.references if ref.same}
    for parent, column in sorted(pairs):
        yield _add_constraint(parent, _name(parent, column, "scope"), f'UNIQUE ("{column}", "id")')
    for table in tables:
        for ref in table.references:
            if ref.same:
                yield _add_constraint(table.name, _name(table.name, ref.column, "key"), _composite_key(ref))
    for table in tables:
        yield from _drop_implied(table)
    for table in tables:
        for statements in _trigger_sql(table).values():
            yield from statements
    if has_app_role:
        yield from _grants(tables)


def _wall(table: Table) -> Iterator[str]:
    rows = {
        "practice": f'"practice_id" = ANY ({PRACTICES})',
        "agency": f'"agency_id" = {AGENCY}',
        "audit": f'"agency_id" = {AGENCY} AND ("practice_id" IS NULL OR "practice_id" = ANY ({PRACTICES}))',
    }[table.scope]
    # Events are recorded for any practice of the agency, and before an agency is known; reading is narrower.
    check = f'"agency_id" = {AGENCY} OR "agency_id" = \'{NOBODY}\'' if table.scope == "audit" else rows
    yield f'ALTER TABLE "{table.name}" ENABLE ROW LEVEL SECURITY'
    yield f'ALTER TABLE "{table.name}" FORCE ROW LEVEL SECURITY'
    yield f'DROP POLICY IF EXISTS {POLICY} ON "{table.name}"'
    yield f'CREATE POLICY {POLICY} ON "{table.name}" USING ({rows}) WITH CHECK ({check})'


def _drop_implied(table: Table) -> Iterator[str]:
    """Drop the plain foreign keys that say less than a composite key beside them.

    (practice, id) of a parent that must be there says that its id is there. And a parent that is never null
    is itself of a practice that is there, the row's own. Each key that is spared is a look a row at commit.
    """
    composite = [ref for ref in table.references if ref.same]
    for ref in composite:
        yield _drop_plain_key(table.name, ref.column, ref.parent)
    if any(ref.required for ref in composite if ref.same == "practice_id" and ref.parent != table.name):
        yield _drop_plain_key(table.name, "practice_id", PRACTICE_TABLE)


def _drop_plain_key(table: str, column: str, parent: str) -> str:
    return (
        "DO $$ DECLARE one name; BEGIN FOR one IN SELECT c.conname FROM pg_constraint c "
        "JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum] "
        f"WHERE c.contype = 'f' AND c.conrelid = '\"{table}\"'::regclass AND a.attname = '{column}' "
        f"AND c.confrelid = '\"{parent}\"'::regclass "
        f"LOOP EXECUTE format('ALTER TABLE \"{table}\" DROP CONSTRAINT %I', one); END LOOP; END $$"
    )


def _composite_key(ref: Reference) -> str:
    return (
        f'FOREIGN KEY ("{ref.same}", "{ref.column}") REFERENCES "{ref.parent}" ("{ref.same}", "id") '
        "DEFERRABLE INITIALLY DEFERRED"
    )


def _add_constraint(table: str, name: str, definition: str) -> str:
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = '{name}' "
        f"AND conrelid = '\"{table}\"'::regclass) THEN "
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}; END IF; END $$'
    )


def _trigger_sql(table: Table) -> dict[str, list[str]]:
    """Return the statements of every trigger of a table, by trigger name."""
    found: dict[str, list[str]] = {}

    def refuse(kind: str, when: str, message: str, condition: str = "") -> None:
        name = _name(table.name, kind, "guard")
        clause = f" WHEN ({condition})" if condition else ""
        found[name] = [
            f'CREATE OR REPLACE TRIGGER "{name}" {when} ON "{table.name}" FOR EACH ROW{clause} '
            f"EXECUTE FUNCTION cleanclaim_refuse('{message}')"
        ]

    def check(kind: str, when: str, body: str) -> None:
        name = _name(table.name, kind, "guard")
        found[name] = [
            f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$',
            f'CREATE OR REPLACE TRIGGER "{name}" {when} ON "{table.name}" FOR EACH ROW '
            f'EXECUTE FUNCTION "{name}"()',
        ]

    def check_all(kind: str, body: str) -> None:
        name = _name(table.name, kind, "guard")
        found[name] = [
            f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql {BY_INDEX} '
            f"AS $$ {body} $$",
            f'CREATE OR REPLACE TRIGGER "{name}" AFTER INSERT ON "{table.name}" '
            f'REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION "{name}"()',
        ]

    if table.append_only:
        refuse("update", "BEFORE UPDATE", f"{table.name} is append-only [tenancy.append_only]")
    elif table.frozen_columns:
        changed = " OR ".join(
            f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in table.frozen_columns
        )
        refuse("update", "BEFORE UPDATE", f"{table.name} keeps these columns [tenancy.append_only]", changed)
    elif table.scope in {"practice", "agency"}:
        column = table.tenant_column
        message = f"{table.name} stays in its {table.scope} [tenancy.moved]"
        changed = f'OLD."{column}" IS DISTINCT FROM NEW."{column}"'
        refuse("stays", f'BEFORE UPDATE OF "{column}"', message, changed)
    if table.append_only or table.frozen_columns:
        refuse("delete", "BEFORE DELETE", f"{table.name} is append-only [tenancy.append_only]")
    crossing = [ref for ref in table.references if not ref.same]
    if crossing:
        columns = ", ".join(f'"{ref.column}"' for ref in crossing)
        check_all("agency", same_agency(table, crossing))
        check("agency_update", f"BEFORE UPDATE OF {columns}", same_agency_of_row(table, crossing))
    if table.seals:
        check_all("seal", sealed(table))
        check_all("credit", credit_left(table.seals))
    if table.closed_by:
        check_all("closed", not_closed(table.closed_by))
    if table.closes:
        check("in_order", "BEFORE INSERT", in_order(table.name))
    if table.sealed_by:
        check_all("late", not_late(table))
    return found


def _grants(tables: list[Table]) -> Iterator[str]:
    yield f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {APP_ROLE}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}"
    yield (
        "DO $$ BEGIN IF to_regclass('public.django_migrations') IS NOT NULL THEN "
        f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APP_ROLE}; END IF; END $$"
    )
    for table in tables:
        if table.append_only:
            yield f'REVOKE UPDATE, DELETE ON "{table.name}" FROM {APP_ROLE}'
        elif table.frozen_columns:
            yield f'REVOKE DELETE ON "{table.name}" FROM {APP_ROLE}'
