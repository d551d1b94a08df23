"""Writing the books: once each, balanced, never changed, with balances that follow."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from tests.server.cycle.remitting import make_claims, make_world

from cleanclaim.ledger import ChargeLine, LedgerError, Source, charge_entry, reverse_entry
from cleanclaim_server.ledger.actions import KeyReused, write_entries
from cleanclaim_server.ledger.closing import period_hash
from cleanclaim_server.ledger.models import Balance, Entry, Leg
from cleanclaim_server.ledger.queries import (
    claim_balances,
    entry_values,
    ledger_hash,
    trial_balance,
    verify_ledger,
)

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
SERVED = date(2026, 10, 15)


@pytest.fixture
def world(practice_a, tenant):
    with tenant(practice_a):
        world = make_world(practice_a)
        (world.claim,) = make_claims(world)
        yield world


def charge(world, cents: int = 2500, key: str = "second"):
    line = world.claim.lines.get()
    return charge_entry(
        Source(str(world.practice.pk), SERVED, NOW, file_hash="b" * 64),
        idempotency_key=key, claim_id=str(world.claim.pk), patient_id=str(world.patient.pk),
        payer_id=str(world.payer.pk), lines=[ChargeLine(cents, str(line.pk), str(world.claim.family.encounter_id))],
    )  # fmt: skip


def balance(world) -> dict[str, int]:
    return claim_balances(world.practice.pk, [world.claim.pk])[world.claim.pk]


def test_an_entry_is_written_with_its_legs_and_balances(world):
    assert write_entries(world.practice.pk, [charge(world)]) == 1
    assert balance(world) == {"insurance_receivable": 17500, "patient_service_revenue": -17500}
    assert trial_balance(world.practice.pk) == balance(world)
    assert verify_ledger(world.practice.pk) == []


def test_what_is_read_back_is_what_was_written(world):
    entry = charge(world)
    write_entries(world.practice.pk, [entry])
    assert entry in entry_values(world.practice.pk)
    assert entry_values(world.practice.pk, Entry.objects.filter(pk=entry.id)) == [entry]


def test_the_same_key_books_nothing_twice(world):
    entry = charge(world)
    assert write_entries(world.practice.pk, [entry, entry]) == 1
    assert write_entries(world.practice.pk, [entry]) == 0
    assert balance(world)["insurance_receivable"] == 17500
    with pytest.raises(KeyReused, match="other content"):
        write_entries(world.practice.pk, [charge(world, 2600)])


def test_entries_of_another_practice_are_refused(world, practice_b):
    with pytest.raises(LedgerError, match="another practice"):
        write_entries(practice_b.pk, [charge(world)])


def test_a_reversal_leaves_every_balance_as_before(world):
    before = ledger_hash(world.practice.pk)
    entry = charge(world)
    write_entries(world.practice.pk, [entry])
    assert ledger_hash(world.practice.pk) != before
    undo = reverse_entry(entry, happened_on=SERVED, learned_at=NOW, actor=str(uuid4()), reason="A mistake")
    write_entries(world.practice.pk, [undo])
    assert balance(world) == {"insurance_receivable": 15000, "patient_service_revenue": -15000}
    assert ledger_hash(world.practice.pk) == before
    assert verify_ledger(world.practice.pk) == []
    assert write_entries(world.practice.pk, [undo]) == 0


def test_the_end_of_a_month_has_a_hash_of_its_own(world):
    october, november = (period_hash(world.practice.pk, date(2026, month, 9)) for month in (10, 11))
    assert october == november == period_hash(world.practice.pk, date(2026, 10, 31))
    assert period_hash(world.practice.pk, date(2026, 9, 1)) != october
    write_entries(world.practice.pk, [charge(world)])
    assert period_hash(world.practice.pk, date(2026, 10, 1)) != october


def entry_row(world, **changes) -> Entry:
    given = {
        "practice": world.practice, "kind": "charge", "happened_on": SERVED, "learned_at": NOW,
        "source_hash": "c" * 64, "idempotency_key": str(uuid4()), "input_hash": "d" * 64,
    }  # fmt: skip
    return Entry(**(given | changes))


def leg_row(world, entry: Entry, cents: int, number: int = 1) -> Leg:
    return Leg(
        practice=world.practice, entry_id=entry.pk, number=number, account="insurance_receivable",
        amount_cents=cents,
    )  # fmt: skip


def unbalanced(world):
    entry = entry_row(world)
    leg_row(world, entry, 5).save()
    entry.save()


def without_legs(world):
    entry_row(world).save()


def late_leg(world):
    leg_row(world, Entry.objects.get(), 5, 9).save()


def changed_leg(world):
    Leg.objects.filter(number=1).update(amount_cents=1)


def removed_entry(world):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_entry")


def changed_entry(world):
    Entry.objects.update(kind="write_off")


def same_key(world):
    entry = entry_row(world, idempotency_key=Entry.objects.get().idempotency_key)
    Leg.objects.bulk_create([leg_row(world, entry, 5), leg_row(world, entry, -5, 2)])
    entry.save()


def without_source(world):
    entry = entry_row(world, source_hash="")
    Leg.objects.bulk_create([leg_row(world, entry, 5), leg_row(world, entry, -5, 2)])
    entry.save()


@pytest.mark.parametrize(
    "act",
    [unbalanced, without_legs, late_leg, changed_leg, removed_entry, changed_entry, same_key, without_source],
    ids=lambda act: act.__name__,
)
def test_the_database_itself_refuses(world, act):
    before = (Entry.objects.count(), Leg.objects.count(), ledger_hash(world.practice.pk))
    with pytest.raises(DatabaseError), transaction.atomic():
        act(world)
    assert (Entry.objects.count(), Leg.objects.count(), ledger_hash(world.practice.pk)) == before
    assert Balance.objects.count() == 2
