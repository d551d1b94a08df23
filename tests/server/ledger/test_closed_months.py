"""A closed month does not move: on neither database, by no path; what comes later lands in the open one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import msgspec
import pytest
from django.db import DatabaseError, transaction
from tests.server.cycle.remitting import make_claims, make_world

from cleanclaim.ledger import ChargeLine, Source, charge_entry, reverse_entry
from cleanclaim.ledger.closing import close_month
from cleanclaim_server.ledger.actions import KeyReused, write_entries
from cleanclaim_server.ledger.closing import (
    closed_through,
    corrections_of,
    document_hash,
    freeze,
    has_moved,
    month_close,
    trial_balance_as_of,
)
from cleanclaim_server.ledger.models import Entry, Leg, Period
from cleanclaim_server.ledger.queries import entry_values, verify_ledger

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
CLOSED_AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 15, tzinfo=UTC)


@pytest.fixture
def world(practice_a, tenant):
    with tenant(practice_a):
        world = make_world(practice_a)
        (world.claim,) = make_claims(world)
        yield world


def charge(world, cents=2500, key="second", on=date(2026, 10, 31), learned=LATER):
    line = world.claim.lines.get()
    return charge_entry(
        Source(str(world.practice.pk), on, learned, file_hash="b" * 64), idempotency_key=key,
        claim_id=str(world.claim.pk), patient_id=str(world.patient.pk), payer_id=str(world.payer.pk),
        lines=[ChargeLine(cents, str(line.pk), str(world.claim.family.encounter_id))],
    )  # fmt: skip


def close(world, month=OCTOBER) -> Period:
    return freeze(world.practice.pk, month, now=CLOSED_AT, actor_id=uuid4(), actor_name="Dana Desk")


def test_the_database_closes_the_month_that_the_core_would(world):
    write_entries(world.practice.pk, [charge(world), charge(world, 700, "third", date(2026, 11, 2))])
    entries = entry_values(world.practice.pk)
    for month in (date(2026, 9, 1), OCTOBER, NOVEMBER):
        assert month_close(world.practice.pk, month) == close_month(entries, str(world.practice.pk), month)
    assert month_close(world.practice.pk, OCTOBER).closing_balances == {
        "insurance_receivable": 17500, "patient_service_revenue": -17500,
    }  # fmt: skip


def test_a_close_keeps_who_what_and_the_hashes(world):
    period = close(world)
    found = month_close(world.practice.pk, OCTOBER)
    assert (period.closed_by_name, period.closed_through, period.entries) == (
        "Dana Desk",
        date(2026, 10, 31),
        1,
    )
    assert period.closing_balances == {"insurance_receivable": 15000, "patient_service_revenue": -15000}
    assert (period.entries_hash, period.trial_balance_hash) == (found.entries_hash, found.trial_balance_hash)
    assert closed_through(world.practice.pk) == date(2026, 10, 31)


LANDS = [  # wanted day, booked day, the day it is about, why
    (date(2026, 10, 31), date(2026, 11, 22), date(2026, 10, 31), "the last closed day"),
    (date(2026, 3, 2), date(2026, 11, 22), date(2026, 3, 2), "months before the first close"),
    (date(2026, 11, 1), date(2026, 11, 1), None, "the first open day"),
]


@pytest.mark.parametrize(("wanted", "booked", "about", "why"), LANDS)
def test_what_comes_later_lands_in_the_open_month(world, wanted, booked, about, why):
    period = close(world)
    entry = charge(world, on=wanted)
    assert write_entries(world.practice.pk, [entry]) == 1
    row = Entry.objects.get(pk=entry.id)
    assert (row.happened_on, row.belongs_on) == (booked, about), why
    assert not has_moved(period)
    assert write_entries(world.practice.pk, [entry]) == 0, "the same act, repeated after the close"
    with pytest.raises(KeyReused):
        write_entries(world.practice.pk, [charge(world, 2600, on=wanted)])
    assert verify_ledger(world.practice.pk) == []


def test_a_correction_is_linked_to_what_it_corrects(world):
    period = close(world)
    first = entry_values(world.practice.pk)[0]
    undo = reverse_entry(
        first, happened_on=date(2026, 10, 20), learned_at=LATER, actor=str(uuid4()), reason="Wrong"
    )
    write_entries(world.practice.pk, [undo, charge(world)])
    found = corrections_of(world.practice.pk, OCTOBER)
    found.sort(key=lambda row: row.kind, reverse=True)
    assert [(row.kind, row.happened_on, row.belongs_on) for row in found] == [
        ("reversal", date(2026, 11, 22), date(2026, 10, 20)), ("charge", date(2026, 11, 22), date(2026, 10, 31)),
    ]  # fmt: skip
    assert str(found[0].reverses_id) == first.id
    assert corrections_of(world.practice.pk, NOVEMBER) == []
    assert not has_moved(period)


def back_dated(world):
    entry = charge(world)
    row = Entry(
        practice=world.practice, kind="charge", happened_on=date(2026, 10, 31), learned_at=LATER, source_hash="c" * 64,
        idempotency_key="by hand", input_hash="d" * 64,
    )  # fmt: skip
    for number, leg in enumerate(entry.legs, start=1):
        Leg.objects.create(
            practice=world.practice, entry_id=row.pk, number=number, account=leg.account.value,
            amount_cents=leg.amount_cents, claim_id=world.claim.pk,
        )  # fmt: skip
    row.save(force_insert=True)


def reopened(world):
    Period.objects.all().delete()


def re_hashed(world):
    Period.objects.update(trial_balance_hash="0" * 64)


def opened_by_moving(world):
    Period.objects.update(closed_through=date(2026, 9, 30))


def closed_again(world):
    Period.objects.create(practice=world.practice, month=date(2026, 9, 1), closed_through=date(2026, 9, 30))


@pytest.mark.parametrize(
    "act", [back_dated, reopened, re_hashed, opened_by_moving, closed_again], ids=lambda act: act.__name__
)
def test_the_database_itself_refuses(world, act):
    period = close(world)
    count = Entry.objects.count()
    with pytest.raises(DatabaseError), transaction.atomic():
        act(world)
    assert Entry.objects.count() == count
    assert list(Period.objects.values_list("trial_balance_hash", flat=True)) == [period.trial_balance_hash]
    assert not has_moved(period)


def test_the_other_practices_months_stay_open(world, practice_b, tenant):
    close(world)
    assert closed_through(practice_b.pk) is None


def test_a_report_as_of_a_closed_month_has_the_same_bytes_next_year(world):
    period = close(world)
    first = trial_balance_as_of(world.practice.pk, period.closed_through, known_at=period.closed_at)
    bytes_then, hash_then = first.document, document_hash(first)
    assert first.accounts == {"insurance_receivable": 15000, "patient_service_revenue": -15000}
    for number in range(6):
        write_entries(
            world.practice.pk,
            [charge(world, 100 + number, f"late {number}", date(2026, 10, number + 1), datetime(2027, number + 1, 5, tzinfo=UTC))],
        )  # fmt: skip
    again = trial_balance_as_of(world.practice.pk, period.closed_through, known_at=period.closed_at)
    assert (again.document, document_hash(again)) == (bytes_then, hash_then)
    assert trial_balance_as_of(world.practice.pk, date(2027, 12, 31)).document != bytes_then
    # Without an instant it is the same too, since nothing entered the month; an open month may still move.
    assert trial_balance_as_of(world.practice.pk, period.closed_through).accounts == first.accounts


def test_what_an_open_month_was_known_to_be_comes_out_again(world):
    """Late knowledge about an open month moves the month, and not what was known before."""
    known = datetime(2026, 11, 1, tzinfo=UTC)
    write_entries(
        world.practice.pk, [charge(world, 400, "early", learned=datetime(2026, 10, 31, 20, tzinfo=UTC))]
    )
    then = trial_balance_as_of(world.practice.pk, date(2026, 10, 31), known_at=known).document
    write_entries(world.practice.pk, [charge(world, 900, "late")])
    assert trial_balance_as_of(world.practice.pk, date(2026, 10, 31), known_at=known).document == then
    assert trial_balance_as_of(world.practice.pk, date(2026, 10, 31)).document != then


def test_credit_is_not_overdrawn_even_without_the_programs_own_check(world):
    """L8 in the database: patient money that was never there is not applied."""
    from cleanclaim.ledger import Allocation, apply_credit_entry, patient_payment_entry

    who = Source(str(world.practice.pk), NOVEMBER, LATER, actor=str(uuid4()), reason="Taken")
    patient = str(world.patient.pk)
    paid = patient_payment_entry(who, idempotency_key="p", patient_id=patient, amount_cents=1000)
    write_entries(world.practice.pk, [paid])
    spend = [Allocation(600, str(world.claim.pk))]
    one, two = (
        apply_credit_entry(
            who, idempotency_key=key, patient_id=patient, available_cents=1000, allocations=spend
        )
        for key in ("a", "b")
    )
    write_entries(world.practice.pk, [one])
    with pytest.raises(DatabaseError, match="over_allocated"), transaction.atomic():
        write_entries(world.practice.pk, [two])
    assert Entry.objects.filter(idempotency_key="b").count() == 0
    with pytest.raises(DatabaseError, match="over_allocated"), transaction.atomic():
        undo = reverse_entry(
            paid, happened_on=NOVEMBER, learned_at=LATER, actor=str(uuid4()), reason="Bounced"
        )
        write_entries(world.practice.pk, [msgspec.structs.replace(undo, id=str(uuid4()))])
