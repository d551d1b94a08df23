"""What must hold whatever is decided about the bank, in any order, and when two people decide at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.server.cycle.remitting import NOW, PAID_ON
from tests.server.cycle.test_banking import PAID, TODAY, Bank

from cleanclaim.ledger import Account
from cleanclaim_server.bank.actions import (
    BankRefused,
    Decider,
    NewTie,
    set_aside,
    tie,
    undo_aside,
    undo_tie,
    write_ties,
)
from cleanclaim_server.bank.models import Line, SetAside, Tie, TiePart
from cleanclaim_server.bank.queries import account_totals, payments_with_open, standing_parts, with_open
from cleanclaim_server.cycle.banking import run_matching
from cleanclaim_server.ledger.queries import trial_balance, verify_ledger
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.remittances.queries import posted_remittances
from cleanclaim_server.tenancy.context import tenant_context
from cleanclaim_server.tenancy.models import new_id


def laws(bank: Bank) -> list[str]:
    """Which laws do not hold: no line and no payment is given away twice, and the books say what is tied."""
    broken = []
    for line in with_open(Line.objects.filter(practice=bank.practice)):
        if line.open_cents * line.amount_cents < 0 or abs(line.open_cents) > abs(line.amount_cents):
            broken.append("line")
    for row in payments_with_open(Remittance.objects.filter(practice=bank.practice)):
        if not 0 <= row.open_cents <= row.paid_cents:
            broken.append("payment")
    totals = account_totals([bank.account.pk])[bank.account.pk]
    if totals.difference:
        broken.append("totals")
    tied = sum(standing_parts().filter(practice=bank.practice).values_list("amount_cents", flat=True))
    books = trial_balance(bank.practice.pk)
    if books.get(Account.CASH.value, 0) != tied or tied != totals.tied:
        broken.append("cash")
    if verify_ledger(bank.practice.pk, remittances=posted_remittances(bank.practice.pk)):
        broken.append("ledger")
    return broken


steps = st.lists(
    st.tuples(
        st.sampled_from(["tie", "tie", "aside", "pay_aside", "untie", "unaside", "run"]),
        st.integers(0, 5),
        st.integers(0, 5),
        st.integers(0, 5),
    ),
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(cents=st.lists(st.integers(1, 9_999), min_size=3, max_size=4), steps=steps)
def test_nothing_is_ever_given_away_twice(practice_a, tenant, cents, steps):
    with tenant(practice_a), transaction.atomic():
        bank = Bank(practice_a)
        payments = [bank.pay(f"7{place:03}", max(one, 1), method="CHK") for place, one in enumerate(cents)]
        rows = [(PAID_ON + timedelta(days=place), one, "DEPOSIT") for place, one in enumerate(cents)]
        bank.bring(*rows, (PAID_ON, sum(cents), "LOCKBOX"), (PAID_ON, -1_500, "FEE"))
        lines = list(Line.objects.filter(practice=practice_a).order_by("booked_on", "id"))
        for kind, a, b, c in steps:
            line, payment = lines[a % len(lines)], payments[b % len(payments)]
            try:
                with transaction.atomic():
                    act(bank, kind, line, payment, lines[c % len(lines)], payments[c % len(payments)])
            except BankRefused:
                pass
            assert laws(bank) == [], kind
        transaction.set_rollback(True)


def act(bank: Bank, kind: str, line: Line, payment: Remittance, line2: Line, payment2: Remittance) -> None:
    by = bank.person
    if kind == "tie":
        tie(bank.practice.pk, {line.pk, line2.pk}, {payment.pk, payment2.pk}, why="Looks so", by=by, now=NOW)
    elif kind == "aside":
        set_aside(line, reason="patient", why="", by=by, now=NOW)
    elif kind == "pay_aside":
        set_aside(payment, reason="elsewhere", why="", by=by, now=NOW)
    elif kind == "untie":
        made = Tie.objects.filter(practice=bank.practice, undone=None).order_by("id").last()
        if made:
            undo_tie(made, why="Wrong", by=by, now=NOW, today=TODAY)
    elif kind == "unaside":
        made = SetAside.objects.filter(practice=bank.practice, undone=None).order_by("id").last()
        if made:
            undo_aside(made, why="Wrong", by=by, now=NOW)
    else:
        run_matching(bank.practice.pk, now=NOW, today=TODAY)


def test_a_planted_second_tie_is_caught_by_the_laws(practice_a, tenant):
    with tenant(practice_a):
        bank = Bank(practice_a)
        row = bank.pay("7001", method="CHK")
        bank.bring((PAID_ON, PAID, "COUNTER"))
        line = bank.line()
        row.open_cents = line.open_cents
        for _ in range(2):  # past the lock and its questions, as no code of ours does
            write_ties(practice_a.pk, [NewTie([line], [row], "person", "planted")], by=bank.person, now=NOW)
        assert {"line", "payment"} <= set(laws(bank))


@pytest.mark.django_db(transaction=True)
def test_two_people_match_the_same_line_and_one_wins(transactional_db, practice_a):
    if connection.vendor != "postgresql":
        pytest.skip("concurrency is promised on PostgreSQL; run with --postgres")
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        bank = Bank(practice_a)
        rows = [bank.pay(f"700{place}", method="CHK") for place in range(8)]
        bank.bring((PAID_ON, PAID, "COUNTER"))
        line = bank.line()
    gate = threading.Barrier(8)

    def one(place: int) -> str:
        gate.wait()
        try:
            with tenant_context(practice_a.agency_id, [practice_a.pk]):
                tie(practice_a.pk, [line.pk], [rows[place].pk], why="", by=Decider(new_id(), "P"), now=NOW)
            return "won"
        except BankRefused as error:
            return error.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(8))) == ["bank.taken"] * 7 + ["won"]
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        assert TiePart.objects.count() == 1
        assert laws(bank) == []


@pytest.mark.django_db(transaction=True)
def test_one_file_brought_by_many_at_once_is_taken_once(transactional_db, practice_a):
    if connection.vendor != "postgresql":
        pytest.skip("concurrency is promised on PostgreSQL; run with --postgres")
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        bank = Bank(practice_a)
    gate = threading.Barrier(6)

    def one(place: int) -> str:
        gate.wait()
        try:
            with tenant_context(practice_a.agency_id, [practice_a.pk]):
                return bank.bring((PAID_ON, PAID, "COUNTER"), name=f"{place}.csv").state
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(one, range(6))) == ["duplicate"] * 5 + ["read"]
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        assert Line.objects.count() == 1
