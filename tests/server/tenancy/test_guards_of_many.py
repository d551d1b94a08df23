"""Guards look at every row of an insert of many: one bad row among good ones stops them all."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, transaction
from tests.server.tenancy.test_guards import add_provider, deferred_checks_refuse, refused, stored_file

from cleanclaim_server.practice.models import License
from cleanclaim_server.tenancy.bulk import insert_rows
from cleanclaim_server.tenancy.guards.plan import plan_tables
from cleanclaim_server.tenancy.models import new_id

COUNT = 7


@pytest.fixture
def ledger():
    return apps.get_model("ledger", "Entry"), apps.get_model("ledger", "Leg")


def write(ledger, practice, cents, **entry_fields):
    """Entries with their legs, as a payment writes them: all legs, then all entries."""
    keys = [new_id() for _ in cents]
    legs = [
        dict(
            id=new_id(), practice_id=practice.pk, entry_id=key, number=number, account=account, amount_cents=one,
            patient_id=None,
        )
        for key, amounts in zip(keys, cents, strict=True)
        for number, (account, one) in enumerate(amounts, 1)
    ]  # fmt: skip
    entries = [
        dict(
            id=key, practice_id=practice.pk, kind="charge", happened_on=day, learned_at="2026-11-02T12:00Z",
            reason="test", idempotency_key=key.hex, input_hash="0" * 64, source_file_id=file,
        )
        for key, day, file in zip(
            keys,
            entry_fields.get("days", ["2026-11-02"] * len(keys)),
            entry_fields.get("files", [None] * len(keys)),
            strict=True,
        )
    ]  # fmt: skip
    insert_rows(ledger[1], legs)
    insert_rows(ledger[0], entries)
    return keys


def balanced(count=COUNT):
    return [[("cash", 100 + at), ("income", -100 - at)] for at in range(count)]


def refuse(ledger, code, *args, **fields):
    with refused() as caught:
        write(ledger, *args, **fields)
    assert code in str(caught.value)
    assert ledger[0].objects.count() == 0


def test_many_good_entries_are_taken(ledger, practice_a):
    write(ledger, practice_a, balanced())
    connection.check_constraints()
    assert (ledger[0].objects.count(), ledger[1].objects.count()) == (COUNT, 2 * COUNT)


@pytest.mark.parametrize("place", [0, COUNT // 2, COUNT - 1])
@pytest.mark.parametrize("wrong", [[("cash", 5), ("income", -4)], [("cash", 5)], []])
def test_one_entry_that_does_not_balance_stops_all(ledger, practice_a, place, wrong):
    cents = balanced()
    cents[place] = wrong
    refuse(ledger, "ledger.unbalanced", practice_a, cents)


def test_differences_of_two_entries_do_not_cancel(ledger, practice_a):
    cents = balanced()
    cents[1], cents[2] = [("cash", 5), ("income", -4)], [("cash", 4), ("income", -5)]
    refuse(ledger, "ledger.unbalanced", practice_a, cents)


def test_one_late_leg_stops_all(ledger, practice_a):
    sealed = write(ledger, practice_a, balanced(1))[0]
    fresh = new_id()
    legs = [
        dict(id=new_id(), practice_id=practice_a.pk, entry_id=key, number=9, account="cash", amount_cents=5)
        for key in (fresh, sealed, fresh)
    ]
    legs[2]["number"] = 10
    with refused() as caught:
        insert_rows(ledger[1], legs)
    assert "ledger.sealed" in str(caught.value)


def test_one_foreign_file_stops_all(ledger, practice_a, foreign_practice):
    own, foreign = stored_file(practice_a.agency).pk, stored_file(foreign_practice.agency).pk
    files = [own, None, own, foreign, own, None, own]
    refuse(ledger, "tenancy.foreign_parent", practice_a, balanced(), files=files)


def test_one_day_in_a_closed_month_stops_all(ledger, practice_a):
    apps.get_model("ledger", "Period").objects.create(
        practice=practice_a, month="2026-10-01", closed_through="2026-10-31"
    )
    days = ["2026-11-01"] * COUNT
    days[4] = "2026-10-31"
    refuse(ledger, "ledger.month_closed", practice_a, balanced(), days=days)
    write(ledger, practice_a, balanced(), days=["2026-11-01"] * COUNT)
    connection.check_constraints()


def test_no_plain_key_stands_beside_a_composite_one(postgres_only):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text, min(a.attname), count(*) FROM pg_constraint c "
            "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[cardinality(c.conkey)] "
            "WHERE c.contype = 'f' GROUP BY c.conrelid, c.confrelid, c.conkey[cardinality(c.conkey)]"
        )
        found = {(table, column): count for table, column, count in cursor.fetchall()}
    for table in plan_tables():
        for ref in table.references:
            if ref.same:
                assert found[table.name, ref.column] == 1, (table.name, ref.column)
    assert ("ledger_leg", "practice_id") not in found  # its entry is there, and is of the same practice
    assert found["ledger_entry", "practice_id"] == 1  # nothing else of an entry must be there


def test_parents_and_practices_that_are_not_there_are_refused(practice_a):
    mine = add_provider(practice_a)
    before = transaction.savepoint()
    License.objects.create(practice=practice_a, provider_id=new_id(), state="NY")
    deferred_checks_refuse()
    transaction.savepoint_rollback(before)
    before = transaction.savepoint()
    with transaction.atomic():
        try:
            License.objects.create(practice_id=new_id(), provider=mine, state="NY")
        except Exception as error:  # SQLite's trigger speaks at once
            assert "tenancy.foreign_parent" in str(error)
            transaction.set_rollback(True)
            return
    deferred_checks_refuse()
    transaction.savepoint_rollback(before)
