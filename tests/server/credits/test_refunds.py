"""Refunds take two people, never more than the credit, and can be taken back; the books hold at each step."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from tests.server.credits.world import TODAY, answer, open_world, paid_twice, pay, post, settled, who

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.credits.actions import (
    CreditRefused,
    NewRefund,
    approve_refund,
    ask_refund,
    decide,
    decline_refund,
    move_credit,
    void_refund,
)
from cleanclaim_server.credits.models import CreditDecision, Refund
from cleanclaim_server.credits.queries import credits
from cleanclaim_server.ledger.queries import claim_balances, ledger_hash, trial_balance, verify_ledger
from cleanclaim_server.statements.actions import PaymentRefused, credit_of, owed_by_claim, undo_payment
from cleanclaim_server.work.models import WorkItem

ASKER, APPROVER = who("Pat Poster"), who("Mo Manager")


@pytest.fixture
def world(practice_a, tenant):
    with tenant(practice_a) as context:
        world = open_world(practice_a)
        world.tenant = context
        yield world


def ask(world, cents, payee="payer", claim=None, key="r1", reason="Paid twice by mistake"):
    return ask_refund(world.patient, NewRefund(payee, cents, reason, key, claim), ASKER)[0]


def balance(world, claim, account):
    return claim_balances(world.practice.pk, [claim.pk])[claim.pk].get(account, 0)


def approve(refund, person=APPROVER, method="check"):
    return approve_refund(refund, method=method, reference="1001", who=person)


def test_a_payers_overpayment_goes_back_and_the_books_hold(world):
    claim = paid_twice(world)
    assert balance(world, claim, "insurance_receivable") == -15000
    assert WorkItem.objects.get(queue="credit").amount_cents == 15000
    refund = ask(world, 15000, claim=claim)
    assert balance(world, claim, "insurance_receivable") == -15000, "nothing is booked before the approval"
    approve(refund)
    assert balance(world, claim, "insurance_receivable") == 0
    assert trial_balance(world.practice.pk)["deposit_clearing"] == 18000 - 15000
    assert not WorkItem.objects.filter(queue="credit", is_open=True).exists()
    assert verify_ledger(world.practice.pk) == []
    assert credits(world.tenant, "payer", TODAY) == []
    found = Refund.objects.get()
    assert (found.state, found.number, found.asked_by_name, found.approved_by_name, found.reference) == (
        "sent", 1, "Pat Poster", "Mo Manager", "1001",
    )  # fmt: skip
    actions = ["refund.asked", "refund.approved"]
    assert (
        list(AuditRow.objects.filter(action__startswith="refund.").values_list("action", flat=True))
        == actions
    )


def test_a_refund_taken_back_leaves_every_balance_as_before(world):
    claim = paid_twice(world)
    before = ledger_hash(world.practice.pk)
    refund = approve(ask(world, 15000, claim=claim))
    assert ledger_hash(world.practice.pk) != before
    refund = void_refund(refund, reason="The check was never cashed", who=APPROVER)
    assert (refund.state, ledger_hash(world.practice.pk)) == ("voided", before)
    assert WorkItem.objects.get(queue="credit", is_open=True).amount_cents == 15000
    assert verify_ledger(world.practice.pk) == []
    with pytest.raises(CreditRefused) as refused:
        void_refund(refund, reason="Once more, please", who=APPROVER)
    assert refused.value.code == "refund.not_sent"


def test_nobody_approves_what_they_asked_for(world):
    refund = ask(world, 15000, claim=paid_twice(world))
    before = ledger_hash(world.practice.pk)
    with pytest.raises(CreditRefused) as refused:
        approve(refund, ASKER)
    assert refused.value.code == "refund.own"
    with pytest.raises(DatabaseError), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(state="sent", approved_by=ASKER.actor_id)
    with pytest.raises(DatabaseError), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(state="sent")
    assert (Refund.objects.get().state, ledger_hash(world.practice.pk)) == ("asked", before)


REFUSED = [  # payee, cents, reason, code, why
    ("payer", 15001, "Paid twice", "refund.over_allocated", "a cent more than the credit"),
    ("payer", 0, "Paid twice", "refund.amount", "nothing"),
    ("payer", -100, "Paid twice", "refund.amount", "less than nothing"),
    ("payer", 15000, " no ", "credit.reason_missing", "no reason"),
    ("patient", 100, "Paid twice", "refund.over_allocated", "the patient has no credit, the payer has"),
    ("nobody", 100, "Paid twice", "refund.payee", "to nobody"),
]


@pytest.mark.parametrize(("payee", "cents", "reason", "code", "why"), REFUSED)
def test_what_is_refused_books_nothing(world, payee, cents, reason, code, why):
    claim = paid_twice(world)
    before = ledger_hash(world.practice.pk)
    with pytest.raises(CreditRefused) as refused:
        ask(world, cents, payee, claim, reason=reason)
    assert refused.value.code == code, why
    assert (Refund.objects.count(), ledger_hash(world.practice.pk)) == (0, before)


def test_what_waits_for_approval_is_not_asked_for_twice(world):
    claim = paid_twice(world)
    first = ask(world, 10000, claim=claim)
    assert ask(world, 10000, claim=claim) == first, "the same form sent twice"
    with pytest.raises(CreditRefused, match=r"50\.00 are there: 100\.00 wait") as refused:
        ask(world, 5001, claim=claim, key="r2")
    assert refused.value.code == "refund.over_allocated"
    with pytest.raises(CreditRefused) as refused:
        ask(world, 9000, claim=claim)
    assert refused.value.code == "refund.key_reused"
    decline_refund(first, reason="Not their money", who=APPROVER)
    assert ask(world, 15000, claim=claim, key="r3").amount_cents == 15000


def test_a_take_back_before_the_approval_leaves_nothing_to_send(world):
    """R-21: the payer took its money back while the refund waited; who approves is told why it stops."""
    claim = paid_twice(world)
    refund = ask(world, 15000, claim=claim)
    back = answer(claim, 9000, ("CO", "45", 4000), ("PR", "2", 2000), status="22", sign=-1)
    post(world, back, answer(world.claims[1], 9000, ("CO", "45", 4000), ("PR", "2", 2000)), trace="BACK")
    before = ledger_hash(world.practice.pk)
    with pytest.raises(CreditRefused, match="used or taken back") as refused:
        approve(refund)
    assert refused.value.code == "refund.over_allocated"
    assert (Refund.objects.get().state, ledger_hash(world.practice.pk)) == ("asked", before)
    assert WorkItem.objects.filter(queue="credit", is_open=True).count() == 0


def test_a_patients_money_on_no_visit_goes_back(world):
    payment = pay(world, 5000, "ahead")
    assert credit_of(world.practice.pk, world.patient.pk) == 5000
    approve(ask(world, 3000, "patient"), method="card")
    assert credit_of(world.practice.pk, world.patient.pk) == 2000
    with pytest.raises(CreditRefused):
        ask(world, 2001, "patient", key="r2")
    with pytest.raises(PaymentRefused, match="credit_used"):
        undo_payment(payment, actor_id=uuid4(), now=APPROVER.now, today=TODAY, reason="Bounced")
    assert verify_ledger(world.practice.pk) == []


def over_settled(world):
    """The patient paid a share of 20.00 and the payer lowered it to 5.00 afterwards."""
    claim = settled(world, world.claims[0])
    pay(world, 2000, "share", {claim: 2000})
    back = answer(claim, 11000, ("CO", "45", 2000), ("PR", "2", 2000), status="22", sign=-1)
    again = answer(claim, 12500, ("CO", "45", 2000), ("PR", "2", 500))
    post(world, back, again, trace="CORRECTED")
    return claim


def test_a_patients_credit_on_a_visit_moves_to_another(world):
    claim = over_settled(world)
    other = settled(world, world.claims[1], share=1000)
    assert (balance(world, claim, "patient_receivable"), balance(world, other, "patient_receivable")) == (
        -1500,
        1000,
    )
    assert move_credit(world.patient, claim, {}, key="m1", who=ASKER) == 1000
    assert (balance(world, claim, "patient_receivable"), balance(world, other, "patient_receivable")) == (
        -500,
        0,
    )
    assert move_credit(world.patient, claim, {}, key="m1", who=ASKER) == 0, "the same form sent twice"
    assert owed_by_claim(world.patient) == {}
    with pytest.raises(CreditRefused):
        move_credit(world.patient, claim, {other.pk: 100}, key="m2", who=ASKER)
    approve(ask(world, 500, "patient", claim))
    assert balance(world, claim, "patient_receivable") == 0
    assert verify_ledger(world.practice.pk) == []


CAUSES = [  # what happened, side, cents, cause
    (paid_twice, "payer", 15000, "duplicate_payment"),
    (over_settled, "patient", 1500, "share_lowered"),
]


@pytest.mark.parametrize(("make", "side", "cents", "cause"), CAUSES, ids=[row[3] for row in CAUSES])
def test_the_list_says_how_much_and_why(world, make, side, cents, cause):
    claim = make(world)
    (one,) = credits(world.tenant, side, TODAY)
    assert (one.claim.pk, one.cents, one.cause, one.known_on) == (claim.pk, cents, cause, TODAY)
    other = "patient" if side == "payer" else "payer"
    assert credits(world.tenant, other, TODAY) == []


CLOCKS = [  # payer kind, filing code, decisions (kind, day), last day, enforceable, why
    ("medicare", "MB", (), date(2027, 1, 19), True, "sixty days after it was in the books"),
    ("medicare", "16", (), date(2027, 1, 19), True, "Medicare Advantage alike"),
    ("medicaid", "MC", (), date(2027, 1, 19), True, "the statute is read"),
    ("commercial", "CI", (), None, False, "the contract decides"),
    ("medicare", "MB", (("identified", date(2026, 11, 2)),), date(2027, 1, 1), True, "known earlier, by a letter"),
    ("medicare", "MB", (("investigating", date(2026, 11, 20)),), date(2027, 7, 18), True, "180 days at most, then sixty"),
    ("medicare", "MB", (("investigating", date(2026, 11, 10)), ("concluded", date(2026, 11, 20))), date(2027, 1, 19), True, "the look is over"),
    ("medicaid", "MC", (("investigating", date(2026, 11, 20)),), date(2027, 1, 19), True, "no rule suspends it"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "code", "said", "due", "enforceable", "why"), CLOCKS)
def test_until_when_an_overpayment_is_returned(world, kind, code, said, due, enforceable, why):
    claim = paid_twice(world)
    payer = claim.payer
    payer.kind, payer.claim_filing_code = kind, code
    payer.save()
    for word, on in said:
        decide(claim, word, on=on, reason="A letter came", who=ASKER)
    (one,) = credits(world.tenant, "payer", TODAY)
    assert (one.clock.on, one.clock.enforceable) == (due, enforceable), why
    assert bool(one.clock.sources) == (due is not None)


def test_an_offset_is_awaited_until_somebody_says_otherwise(world):
    claim = paid_twice(world)
    decide(claim, "offset", on=TODAY, reason="The letter says they take it back", who=ASKER)
    assert credits(world.tenant, "payer", TODAY)[0].offset_since == TODAY
    decide(claim, "offset_ended", on=TODAY, reason="They want a check", who=ASKER)
    assert credits(world.tenant, "payer", TODAY)[0].offset_since is None
    for bad in ({"kind": "forgiven"}, {"on": date(2026, 11, 21)}, {"reason": "x"}):
        given = {"kind": "offset", "on": TODAY, "reason": "They take it back"} | bad
        with pytest.raises(CreditRefused):
            decide(claim, given.pop("kind"), **given, who=ASKER)
    with pytest.raises(CreditRefused):
        decide(world.claims[1], "offset", on=TODAY, reason="No credit here", who=ASKER)
    with pytest.raises(DatabaseError), transaction.atomic():
        CreditDecision.objects.all().delete()
