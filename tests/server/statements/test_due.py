"""When a statement may leave and why not, on posted payments, to the cent; runs are frozen and happen once."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from tests.server.credits.world import NOW, TODAY, answer, open_world, pay, post, settled

from cleanclaim_server.claims.models import Claim
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.statements.actions import save_statement_settings
from cleanclaim_server.statements.models import PatientStatement, StatementRun
from cleanclaim_server.statements.planning import Settings, due_statements, settings_of
from cleanclaim_server.statements.sending import make_statements


@pytest.fixture
def world(practice_a, tenant):
    with tenant(practice_a):
        yield open_world(practice_a)


def due(world, today=TODAY):
    found = due_statements(world.practice, today)
    return found[0] if found else None


def make(world, key="s1", today=TODAY):
    return make_statements(
        world.practice, actor_id=uuid4(), actor_name="Pat Poster", now=NOW, today=today, request_key=key
    )


def denied_line(world):
    """20.00 are the patient's, and another part of the visit is denied and open."""
    claim = world.claims[0]
    post(world, answer(claim, 6000, ("CO", "45", 2000), ("PR", "2", 2000), ("CO", "197", 5000)), trace="D")


def next_payer(world):
    claim = settled(world, world.claims[0])
    second = Claim.objects.get(pk=claim.pk)
    second.pk, second.claim_number, second.sequence, second.payer_state = uuid4(), "AAT9", "S", "waiting"
    second.frozen = b"{}"
    second.save(force_insert=True)


def medicaid(world):
    settled(world, world.claims[0])
    Payer.objects.update(kind="medicaid")


def small(world):
    settled(world, world.claims[0], share=99)


def paid_in_full(world):
    pay(world, 2000, "p", {settled(world, world.claims[0]): 2000})


PLANS = [  # what happened, due cents, held cents, why
    (lambda world: settled(world, world.claims[0]), 2000, 0, ""),
    (denied_line, 0, 2000, "A denial of this visit is open."),
    (next_payer, 0, 2000, "The next payer has not answered."),
    (medicaid, 0, 2000, "Medicaid or QMB: nothing may be asked of the patient."),
    (small, 0, 99, "Together below the least amount."),
    (lambda world: (settled(world, world.claims[0]), pay(world, 500, "p")), 1500, 0, ""),
]  # fmt: skip


@pytest.mark.parametrize(("make_it", "cents", "held", "why"), PLANS)
def test_what_may_be_asked_for_today_and_why_not(world, make_it, cents, held, why):
    make_it(world)
    one = due(world)
    assert (one.statement.total_cents, one.held_cents, one.why) == (cents, held, why)
    assert one.is_due == bool(cents)


def test_nobody_is_asked_who_owes_nothing(world):
    assert due(world) is None
    paid_in_full(world)
    assert due(world) is None
    assert make(world) == (None, False)


def test_the_policy_is_the_practices_choice(world):
    assert settings_of(world.practice) == Settings(True, True, 0, 100, 28)
    denied_line(world)
    save_statement_settings(
        world.practice, Settings(hold_while_denial_open=False, hold_while_insurance_pending=False)
    )
    world.practice.refresh_from_db()
    assert due(world).statement.total_cents == 2000
    save_statement_settings(world.practice, Settings(False, False, days_after_due=30))
    world.practice.refresh_from_db()
    assert due(world).why == "Its first days are not over."
    assert due(world, TODAY + timedelta(days=30)).statement.total_cents == 2000


def test_a_run_is_made_once_and_the_next_waits(world):
    claim, other = settled(world, world.claims[0]), settled(world, world.claims[1], share=500, trace="O")
    pay(world, 300, "p", {claim: 300})
    run, is_new = make(world)
    assert (is_new, run.number, run.count, run.total_cents) == (True, 1, 1, 2200)
    assert make(world) == (run, False), "the same form sent twice"
    assert make(world, "s2") == (None, False), "another person pressed after"
    (one,) = PatientStatement.objects.all()
    assert (one.number, one.total_cents, one.made_on) == ("AA-1-1", 2200, TODAY)
    assert sorted(row["cents"] for row in one.claims) == [500, 1700]
    visits = {row["due_cents"]: row for row in one.sheet["visits"]}
    assert visits[1700] == {
        "on": "2026-10-15", "charge_cents": 15000, "insurance_cents": 11000, "adjusted_cents": 2000, "paid_cents": 300,
        "due_cents": 1700,
    }  # fmt: skip
    assert one.sheet["patient"]["name"] == world.patient.full_name
    fresh = due(world, TODAY + timedelta(days=27))
    assert not fresh.is_due and fresh.why == "Asked on 20 November 2026; again from 18 December 2026."
    assert due(world, TODAY + timedelta(days=28)).is_due
    assert other.pk


def test_a_statement_stays_as_it_left(world):
    settled(world, world.claims[0])
    make(world)
    pay(world, 2000, "later")
    assert PatientStatement.objects.get().total_cents == 2000
    for act in (
        lambda: PatientStatement.objects.update(total_cents=1),
        lambda: StatementRun.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_reading_many_patients_costs_a_fixed_number_of_queries(world, django_assert_max_num_queries):
    for claim in world.claims:
        settled(world, claim, trace=f"M{claim.claim_number[-1]}")
    with django_assert_max_num_queries(14):
        assert len(due_statements(world.practice, date(2026, 12, 1))[0].statement.lines) == 3
