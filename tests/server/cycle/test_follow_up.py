"""Silence is found by looking: after the payer's usual days, once, until it answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.server.cycle.remitting import NOW, make_claims, make_world

from cleanclaim_server.cycle.follow_up import find_silent
from cleanclaim_server.work.models import WorkItem


@pytest.mark.parametrize(
    ("days", "state", "lifecycle", "asked"),
    [
        (30, "waiting", "sent", 0),
        (31, "waiting", "sent", 1),
        (45, "accepted_payer", "sent", 1),
        (45, "pending", "sent", 1),
        (45, "paid", "sent", 0),
        (45, "denied", "sent", 0),
        (45, "rejected_payer", "held", 0),
        (45, "waiting", "unsure", 0),
    ],
)
def test_silence_is_measured_by_the_payers_habit(practice_a, tenant, days, state, lifecycle, asked):
    with tenant(practice_a):
        (claim,) = make_claims(make_world(practice_a))
        claim.payer_state, claim.lifecycle = state, lifecycle
        claim.first_sent_at = NOW - timedelta(days=days)
        claim.save()
        assert find_silent(practice_a.agency_id, now=NOW) == asked
        assert WorkItem.objects.filter(queue="silent", is_open=True).count() == asked


def test_a_payer_may_be_slower_and_an_answer_closes(practice_a, tenant):
    with tenant(practice_a):
        world = make_world(practice_a)
        (claim,) = make_claims(world)
        claim.first_sent_at = NOW - timedelta(days=45)
        claim.save()
        world.payer.usual_answer_days = 60
        world.payer.save()
        assert find_silent(practice_a.agency_id, now=NOW) == 0
        later = NOW + timedelta(days=16)
        assert find_silent(practice_a.agency_id, now=later) == 1
        assert find_silent(practice_a.agency_id, now=later) == 0
        item = WorkItem.objects.get(queue="silent")
        assert (item.title, item.claim_id, item.amount_cents) == ("No answer for 8 weeks", claim.pk, 15000)
        claim.payer_state = "paid"
        claim.save()
        find_silent(practice_a.agency_id, now=later)
        assert not WorkItem.objects.filter(queue="silent", is_open=True).exists()
