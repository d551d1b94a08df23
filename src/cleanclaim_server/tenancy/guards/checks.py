"""The bodies of PostgreSQL's checks, in PL/pgSQL.

What an insert brings is checked once a statement, over all its rows (`fresh`), so that a payment of thousands
of claims costs a handful of looks. What is rare is checked row by row (`NEW`).
"""

from __future__ import annotations

from cleanclaim_server.tenancy.guards.plan import (
    CLOSED_BEFORE,
    CREDITS,
    IN_CLOSED_MONTH,
    OVERDRAWN,
    PRACTICE_TABLE,
    Reference,
    Table,
)

# The plan of a check is kept for the session. Made for thousands of entries it would read whole tables for
# the next single one: hence always row by row through an index.
BY_INDEX = (
    "SET enable_seqscan = off SET enable_hashjoin = off "
    "SET enable_mergejoin = off SET enable_bitmapscan = off"
)


def same_agency_of_row(table: Table, references: list[Reference]) -> str:
    """Under row security a foreign parent is invisible; asking that it be there covers both."""
    agency = 'NEW."agency_id"'
    first = ""
    if table.scope == "practice":
        agency = "agency"
        first = f'SELECT "agency_id" INTO agency FROM "{PRACTICE_TABLE}" WHERE "id" = NEW."practice_id";'
    checks = ""
    for ref in references:
        source, owner = f'"{ref.parent}" p', 'p."agency_id"'
        if ref.parent_scope == "practice":
            source += f' JOIN "{PRACTICE_TABLE}" o ON o."id" = p."practice_id"'
            owner = 'o."agency_id"'
        message = f"{table.name}.{ref.column} names a row of another tenant [tenancy.foreign_parent]"
        checks += (
            f'IF NEW."{ref.column}" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {source} '
            f'WHERE p."id" = NEW."{ref.column}" AND {owner} = {agency}) THEN '
            f"RAISE EXCEPTION '{message}' "
            "USING ERRCODE = 'foreign_key_violation'; END IF; "
        )
    return f"DECLARE agency uuid; BEGIN {first} {checks} RETURN NEW; END"


def same_agency(table: Table, references: list[Reference]) -> str:
    """As `same_agency_of_row`, for an insert: each pair of tenant and parent is looked at once."""
    tenant = f'"{table.tenant_column}"'
    agency = "f.tenant"
    if table.scope == "practice":
        agency = f'(SELECT "agency_id" FROM "{PRACTICE_TABLE}" WHERE "id" = f.tenant)'
    checks = ""
    for ref in references:
        source, owner = f'"{ref.parent}" p', 'p."agency_id"'
        if ref.parent_scope == "practice":
            source += f' JOIN "{PRACTICE_TABLE}" o ON o."id" = p."practice_id"'
            owner = 'o."agency_id"'
        message = f"{table.name}.{ref.column} names a row of another tenant [tenancy.foreign_parent]"
        checks += f"""
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT {tenant} AS tenant, "{ref.column}" AS parent FROM fresh
                              WHERE "{ref.column}" IS NOT NULL) f
               WHERE NOT EXISTS (SELECT 1 FROM {source} WHERE p."id" = f.parent AND {owner} = {agency})) THEN
        RAISE EXCEPTION '{message}' USING ERRCODE = 'foreign_key_violation';
    END IF;"""
    return f"""
BEGIN{checks}
    RETURN NULL;
END"""


def sealed(table: Table) -> str:
    return f"""
BEGIN
    IF EXISTS (SELECT 1 FROM fresh e LEFT JOIN "{table.seals}" l ON l."entry_id" = e."id"
               GROUP BY e."id"
               HAVING count(l."id") = 0 OR sum(l."amount_cents") <> 0
                   OR count(*) FILTER (WHERE l."practice_id" <> e."practice_id") > 0) THEN
        RAISE EXCEPTION 'the legs of this entry do not balance [ledger.unbalanced]'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END"""


def not_late(table: Table) -> str:
    return f"""
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT "entry_id" FROM fresh) l
               WHERE (SELECT TRUE FROM "{table.sealed_by}" e WHERE e."id" = l."entry_id")) THEN
        RAISE EXCEPTION 'this entry is sealed; its legs come first [ledger.sealed]'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END"""


def not_closed(periods: str) -> str:
    """Whoever books shares a lock with the others; whoever closes waits for them and holds it alone.

    Each statement of the function sees what was committed before it, so a close that was waited for is seen.
    """
    return f"""
BEGIN
    PERFORM pg_advisory_xact_lock_shared({books_key("f.practice")})
       FROM (SELECT DISTINCT "practice_id"::text AS practice FROM fresh ORDER BY 1) f;
    IF EXISTS (SELECT 1 FROM (SELECT "practice_id", min("happened_on") AS day FROM fresh GROUP BY 1) f
               JOIN "{periods}" p ON p."practice_id" = f."practice_id" AND p."closed_through" >= f.day) THEN
        RAISE EXCEPTION '{IN_CLOSED_MONTH}' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END"""


def in_order(periods: str) -> str:
    return f"""
BEGIN
    PERFORM pg_advisory_xact_lock({books_key('NEW."practice_id"::text')});
    IF EXISTS (SELECT 1 FROM "{periods}" WHERE "practice_id" = NEW."practice_id"
               AND "closed_through" >= NEW."closed_through") THEN
        RAISE EXCEPTION '{CLOSED_BEFORE}' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END"""


def credit_left(legs: str) -> str:
    """Two who use the same credit at once: the second waits here and then sees what the first used."""
    return f"""
DECLARE one record;
BEGIN
    FOR one IN SELECT DISTINCT e."practice_id" AS practice, l."patient_id" AS patient
               FROM fresh e CROSS JOIN LATERAL (SELECT "patient_id" FROM "{legs}"
                   WHERE "entry_id" = e."id" AND "account" = '{CREDITS}' AND "patient_id" IS NOT NULL
                   OFFSET 0) l
               ORDER BY 2, 1 LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended('credit ' || one.patient::text, 0));
        IF (SELECT sum("amount_cents") FROM "{legs}" WHERE "practice_id" = one.practice
            AND "patient_id" = one.patient AND "account" = '{CREDITS}') > 0 THEN
            RAISE EXCEPTION '{OVERDRAWN}' USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    RETURN NULL;
END"""


def books_key(practice: str) -> str:
    """The number of the lock of one practice's books, as SQL. `practice` is SQL that gives its id as text."""
    return f"hashtextextended('books ' || {practice}, 0)"
