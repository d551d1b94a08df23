"""Credits of every cause, made by payments that really post."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

from tests.server.cycle.remitting import answer, file_835, make_claims, make_world, payment

from cleanclaim_server.credits.actions import Who
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.statements.actions import NewPayment, record_payment

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
TODAY = date(2026, 11, 20)


def who(name="Pat Poster", actor_id=None, now=NOW, today=TODAY) -> Who:
    return Who(actor_id or uuid4(), name, now, today)


def open_world(practice, claims=3):
    world = make_world(practice)
    world.claims = make_claims(world, claims)
    return world


def post(world, *answers, trace, **more):
    data = file_835(payment(list(answers), trace=trace, **more))
    receive_file(world.practice.agency_id, name=f"{trace}.835", data=data, partner=world.partner, now=NOW)


def pay(world, cents, key, chosen=None):
    new = NewPayment(
        cents, "check", TODAY, key, "", {claim.pk: part for claim, part in (chosen or {}).items()} or None
    )
    return record_payment(world.patient, new, actor_id=uuid4(), now=NOW, today=TODAY)[0]


def paid_twice(world, claim=None):
    """The payer pays 90.00 of 150.00 twice in two payments; 40.00 contractual, 20.00 is the patient's."""
    claim = claim or world.claims[0]
    said = ("CO", "45", 4000), ("PR", "2", 2000)
    for trace in ("TWICE1", "TWICE2"):
        post(world, answer(claim, 9000, *said), trace=f"{trace}{claim.claim_number}")
    return claim


def settled(world, claim, share=2000, trace="S"):
    """Paid as expected, with a share of the patient."""
    post(
        world,
        answer(claim, 13000 - share, ("CO", "45", 2000), ("PR", "2", share)),
        trace=f"{trace}{claim.claim_number}",
    )
    return claim
