"""The second wall: what the database refuses when the application's own filter is taken away."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, transaction

from cleanclaim_server.practice.models import License, Location, Practice, Provider
from cleanclaim_server.tenancy import guards
from cleanclaim_server.tenancy.context import tenant_context
from cleanclaim_server.tenancy.guards.plan import plan_tables
from cleanclaim_server.tenancy.models import PracticeRecord, new_id

pytestmark = pytest.mark.django_db

ADDRESS = {"address_line1": "1 Example St", "city": "Albany", "state": "NY", "postal_code": "122070001"}


def practice_models():
    return [model for model in apps.get_models() if issubclass(model, PracticeRecord)]


def add_location(practice, name="Main") -> Location:
    return Location.objects.create(practice=practice, name=name, **ADDRESS)


def add_provider(practice, npi="1234567893", **fields) -> Provider:
    names = {"first_name": "Ada", "last_name": "Example", "taxonomy": "103T00000X", "credential": "PhD"}
    return Provider.objects.create(practice=practice, npi=npi, **(names | fields))


@contextmanager
def refused():
    """Expect the database's refusal, at once or at the commit; a savepoint keeps the test's transaction alive."""
    with pytest.raises((IntegrityError, ProgrammingError)) as caught, transaction.atomic():
        yield caught
        connection.check_constraints()


def deferred_checks_refuse():
    """Run the deferred checks now, as a commit would, and expect their refusal."""
    if connection.vendor == "postgresql":
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    else:
        with pytest.raises(IntegrityError):
            connection.check_constraints()


# --- the catalogue ---


def test_every_guard_is_in_the_catalogue():
    assert guards.missing() == []


def test_a_guard_that_is_gone_is_missed():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE practice_location NO FORCE ROW LEVEL SECURITY")
        else:
            cursor.execute("DROP TRIGGER cc_guard_practice_location_stays")
    expected = {
        "postgresql": ["row security on practice_location"],
        "sqlite": ["trigger cc_guard_practice_location_stays"],
    }[connection.vendor]
    assert guards.missing() == expected
    guards.install()
    assert guards.missing() == []


def test_all_practice_records_are_planned():
    planned = {table.name for table in plan_tables() if table.scope == "practice"}
    assert planned == {model._meta.db_table for model in practice_models()}


def test_row_security_is_forced_on_every_practice_table(postgres_only):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity"
        )
        forced = {row[0] for row in cursor.fetchall()}
    assert {model._meta.db_table for model in practice_models()} - forced == set()


def test_the_application_role_can_do_nothing_sideways(postgres_only):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = 'cleanclaim_app'"
        )
        assert cursor.fetchone() == (False, False, False)
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm') "
            "AND (has_table_privilege('cleanclaim_app', oid, 'TRUNCATE') OR relowner = 'cleanclaim_app'::regrole)"
        )
        assert cursor.fetchall() == []
        cursor.execute("SELECT count(*) FROM pg_class WHERE relkind = 'm'")
        assert cursor.fetchone() == (0,)
        for table in plan_tables():
            if table.append_only:
                cursor.execute(
                    "SELECT has_table_privilege('cleanclaim_app', %s, 'UPDATE'), "
                    "has_table_privilege('cleanclaim_app', %s, 'DELETE')",
                    [table.name, table.name],
                )
                assert cursor.fetchone() == (False, False), table.name


# --- rows of other practices ---


def test_a_practice_sees_its_own_rows_alone(practice_a, practice_b, app_role):
    own, _ = add_location(practice_a), add_location(practice_b)
    with app_role(), tenant_context(practice_a.agency_id, [practice_a.pk]):
        assert list(Location.objects.values_list("pk", flat=True)) == [own.pk]
        assert Location.objects.filter(practice_id=practice_b.pk).update(name="Taken") == 0
        assert Location.objects.filter(practice_id=practice_b.pk).delete()[0] == 0


def test_no_context_means_no_rows(practice_a, app_role):
    add_location(practice_a)
    with app_role():
        assert Location.objects.count() == 0
        assert Practice.objects.count() == 0
        with connection.cursor() as cursor:  # the empty string is what a pooled connection leaves behind
            cursor.execute("SELECT set_config('app.practices', '', true), set_config('app.agency', '', true)")
        assert Location.objects.count() == 0
        assert Practice.objects.count() == 0


def test_no_table_shows_a_row_of_another_practice(practice_a, practice_b, app_role):
    """Every practice table: counted as owner for B, then looked at as A with no application filter."""
    add_location(practice_b), add_provider(practice_b)
    with app_role(), tenant_context(practice_a.agency_id, [practice_a.pk]):
        seen = {model._meta.label: model._base_manager.count() for model in practice_models()}
    assert set(seen.values()) == {0}


def test_the_context_dies_with_its_block(practice_a, practice_b, app_role):
    add_location(practice_a), add_location(practice_b)
    with app_role(), tenant_context(practice_a.agency_id, [practice_a.pk, practice_b.pk]):
        assert Location.objects.count() == 2
        with tenant_context(practice_a.agency_id, [practice_b.pk]):
            assert Location.objects.count() == 1
        assert Location.objects.count() == 2
        with pytest.raises(ZeroDivisionError), tenant_context(practice_a.agency_id, [practice_b.pk]):
            1 / 0
        assert Location.objects.count() == 2


def test_an_insert_for_another_practice_is_refused(practice_a, practice_b, app_role):
    refusal = pytest.raises(ProgrammingError, match="row-level security")
    with app_role(), tenant_context(practice_a.agency_id, [practice_a.pk]), refusal, transaction.atomic():
        add_location(practice_b)
    assert Location.objects.count() == 0


def test_other_agencies_are_invisible(practice_a, foreign_practice, app_role):
    with app_role(), tenant_context(practice_a.agency_id, [practice_a.pk, foreign_practice.pk]):
        assert list(Practice.objects.values_list("pk", flat=True)) == [practice_a.pk]


# --- parents of other practices, on both databases ---


def test_a_parent_of_another_practice_is_refused(practice_a, practice_b):
    stranger = add_provider(practice_b)
    with refused():
        License.objects.create(practice=practice_a, provider=stranger, state="NY")
    own = License.objects.create(practice=practice_a, provider=add_provider(practice_a), state="NY")
    with refused():
        License.objects.filter(pk=own.pk).update(provider=stranger)
    with refused():
        add_provider(practice_a, npi="1992999999", supervisor=stranger)
    assert License.objects.count() == 1


def stored_file(agency, **fields):
    model = apps.get_model("clearinghouse", "StoredFile")
    names = {"name": "remit.835", "direction": "in", "content": b"ISA", "sha256": "0" * 64, "size": 3}
    return model.objects.create(agency=agency, received_at="2026-11-02T12:00Z", **(names | fields))


def test_a_parent_of_another_agency_is_refused(ledger, practice_a, foreign_practice):
    """An entry of ours cannot name a file that another agency received as its source."""
    own, foreign = stored_file(practice_a.agency), stored_file(foreign_practice.agency)
    with refused() as caught:
        post(ledger, practice_a, [100, -100], source_file=foreign)
    assert "tenancy.foreign_parent" in str(caught.value)
    assert post(ledger, practice_a, [100, -100], source_file=own).source_file_id == own.pk


def test_a_row_stays_in_its_practice(practice_a, practice_b):
    location = add_location(practice_a)
    with refused() as caught:
        Location.objects.filter(pk=location.pk).update(practice=practice_b)
    assert "tenancy.moved" in str(caught.value)


# --- append-only and the seal of the books ---


@pytest.fixture
def ledger():
    return apps.get_model("ledger", "Entry"), apps.get_model("ledger", "Leg")


def add_leg(ledger, practice, entry_id, number, cents):
    return ledger[1].objects.create(
        practice=practice, entry_id=entry_id, number=number, account="cash", amount_cents=cents
    )


def add_entry(ledger, practice, entry_id, key="k1", **fields):
    return ledger[0].objects.create(
        id=entry_id, practice=practice, kind="charge", happened_on="2026-11-02", learned_at="2026-11-02T12:00Z",
        reason="test", idempotency_key=key, input_hash="0" * 64, **fields,
    )  # fmt: skip


def post(ledger, practice, amounts, key="k1", **fields):
    entry_id = new_id()
    for number, cents in enumerate(amounts, 1):
        add_leg(ledger, practice, entry_id, number, cents)
    return add_entry(ledger, practice, entry_id, key, **fields)


ENTRIES = [  # legs in cents, balanced, why
    ([15000, -15000], True, "debit equals credit"),
    ([9000, 4000, 2000, -15000], True, "a split still sums to zero"),
    ([15000, -14999], False, "one cent too little"),
    ([15000], False, "one leg alone"),
    ([], False, "no legs at all"),
]


@pytest.mark.parametrize(("amounts", "balanced", "why"), ENTRIES)
def test_an_entry_is_the_seal_of_balanced_legs(ledger, practice_a, amounts, balanced, why):
    if balanced:
        post(ledger, practice_a, amounts)
        connection.check_constraints()
        assert ledger[0].objects.count() == 1, why
        return
    with refused() as caught:
        post(ledger, practice_a, amounts)
    assert "ledger.unbalanced" in str(caught.value), why
    assert (ledger[0].objects.count(), ledger[1].objects.count()) == (0, 0)


def test_a_leg_after_its_entry_is_refused(ledger, practice_a):
    entry = post(ledger, practice_a, [100, -100])
    with refused() as caught:
        add_leg(ledger, practice_a, entry.pk, 3, 5)
    assert "ledger.sealed" in str(caught.value)


def test_legs_without_an_entry_do_not_commit(ledger, practice_a):
    entry_id = new_id()
    add_leg(ledger, practice_a, entry_id, 1, 100)
    add_leg(ledger, practice_a, entry_id, 2, -100)
    deferred_checks_refuse()
    add_entry(ledger, practice_a, entry_id)  # paid: the test may end
    connection.check_constraints()


def test_a_leg_of_another_practice_is_refused(ledger, practice_a, practice_b):
    entry_id = new_id()
    before = transaction.savepoint()
    add_leg(ledger, practice_a, entry_id, 1, 100)
    add_leg(ledger, practice_b, entry_id, 2, -100)
    with refused() as caught:
        add_entry(ledger, practice_a, entry_id)
    assert "ledger.unbalanced" in str(caught.value)
    transaction.savepoint_rollback(before)  # leave nothing owed behind


def test_posted_money_is_never_changed(ledger, practice_a):
    entry = post(ledger, practice_a, [100, -100])
    for attempt in (
        lambda: ledger[0].objects.filter(pk=entry.pk).update(reason="other"),
        lambda: ledger[1].objects.filter(entry_id=entry.pk).update(amount_cents=1),
        lambda: ledger[1].objects.filter(entry_id=entry.pk).delete(),
        lambda: ledger[0].objects.filter(pk=entry.pk).delete(),
    ):
        with refused() as caught:
            attempt()
        assert "tenancy.append_only" in str(caught.value)
    if connection.vendor == "sqlite":
        with refused(), connection.cursor() as cursor:  # REPLACE deletes; recursive triggers see it
            cursor.execute("INSERT OR REPLACE INTO ledger_leg SELECT * FROM ledger_leg")
    assert sorted(ledger[1].objects.values_list("amount_cents", flat=True)) == [-100, 100]


def test_only_the_named_columns_of_a_kept_file_change(agency):
    """`append_only_except` names what may change; bytes, hash and name stay, and nothing is deleted."""
    file = stored_file(agency)
    model = type(file)
    file = model.objects.get(pk=file.pk)
    assert file.content == b"ISA"
    file.state = "read"
    file.save()
    for attempt in (
        lambda: model.objects.update(name="other.835"),
        lambda: model.objects.update(content=b""),
        lambda: model.objects.update(sha256="1" * 64),
        lambda: model.objects.all().delete(),
    ):
        with refused() as caught:
            attempt()
        assert "tenancy.append_only" in str(caught.value)
    kept = model.objects.get(pk=file.pk)
    assert (kept.state, kept.name, kept.content) == ("read", "remit.835", b"ISA")
