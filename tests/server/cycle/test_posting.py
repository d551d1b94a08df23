"""Payments are posted once, whole and to the cent, and can be undone."""

from __future__ import annotations

from uuid import uuid4

import msgspec
import pytest
from django.db import connection
from tests.server.cycle.remitting import (
    NOW,
    PAID_ON,
    add_secondary,
    answer,
    file_835,
    make_claims,
    make_world,
    payment,
)

from cleanclaim.x12.sets.records import ProviderAdjustment
from cleanclaim_server.claims.models import Claim, ClaimEvent
from cleanclaim_server.cycle.posting import (
    PostingRefused,
    assign_remittance,
    match_claim_by_hand,
    post_remittance,
    undo_posting,
)
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.queries import claim_balances, ledger_hash, trial_balance, verify_ledger
from cleanclaim_server.remittances.models import InboxRemittance, Remittance, RemittanceClaim
from cleanclaim_server.remittances.queries import posted_remittances
from cleanclaim_server.work.models import WorkItem

SOMEBODY = uuid4()


@pytest.fixture
def world(practice_a, tenant):
    with tenant(practice_a):
        yield make_world(practice_a)


def receive(world, *payments, number: int = 1, name: str = "r.835"):
    data = file_835(*payments, number=number)
    return receive_file(world.practice.agency_id, name=name, data=data, partner=world.partner, now=NOW)


def the_remittance(state: str = "posted") -> Remittance:
    return Remittance.objects.get(state=state)


def account(world, claim) -> dict[str, int]:
    found = claim_balances(world.practice.pk, [claim.pk]).get(claim.pk, {})
    return {name: cents for name, cents in found.items() if cents}


def holds(world) -> None:
    found = verify_ledger(world.practice.pk, remittances=posted_remittances(world.practice.pk))
    assert found == [], found


def queues() -> list[str]:
    return sorted(WorkItem.objects.filter(is_open=True).values_list("queue", flat=True))


def test_a_paid_claim_posts_to_the_cent(world):
    (claim,) = make_claims(world)
    file = receive(world, payment([answer(claim, 9000, ("CO", "45", 4000), ("PR", "2", 2000))]))
    assert (file.kind, file.findings, file.state) == ("835", [], "read")
    assert account(world, claim) == {
        "contractual_adjustments": 4000, "deposit_clearing": 9000, "patient_receivable": 2000,
        "patient_service_revenue": -15000,
    }  # fmt: skip
    claim.refresh_from_db()
    assert (claim.payer_state, claim.payer_state_on) == ("paid", PAID_ON)
    assert claim.payer_control_number == "PCN000001"
    row = RemittanceClaim.objects.get()
    assert (row.claim_id, row.matched_by, row.next_action) == (claim.pk, "line_control", "BILL_PATIENT")
    assert row.lines.get().claim_line.claim_id == claim.pk
    assert (
        ClaimEvent.objects.get(claim=claim, kind="adjudicated").title
        == "Paid: $90.00 paid, $20.00 to the patient"
    )
    assert queues() == ["patient"]
    holds(world)


def test_a_denial_names_its_cause_and_asks_somebody(world):
    (claim,) = make_claims(world)
    receive(world, payment([answer(claim, 0, ("CO", "197", 15000), status="4")], paid=0, method="NON"))
    denial = Denial.objects.get()
    assert (denial.group, denial.reason, denial.amount_cents, denial.category) == (
        "CO",
        "197",
        15000,
        "authorization",
    )
    assert denial.cause and denial.steps and denial.claim_line.claim_id == claim.pk
    claim.refresh_from_db()
    assert claim.payer_state == "denied"
    assert account(world, claim)["insurance_receivable"] == 15000
    assert queues() == ["denied"]
    holds(world)


def test_an_unbalanced_payment_is_held_with_its_exact_difference(world):
    (claim,) = make_claims(world)
    before = ledger_hash(world.practice.pk)
    good = payment([answer(claim, 9000, ("CO", "45", 6000))])
    # The writer refuses what does not balance, so the fault is put into the bytes.
    data = file_835(good).replace(b"BPR*I*90*", b"BPR*I*95.5*")
    receive_file(world.practice.agency_id, name="bad.835", data=data, partner=world.partner, now=NOW)
    held = the_remittance("held")
    assert held.difference_cents == 550
    assert "5.50" in held.findings[-1]["message"]
    assert ledger_hash(world.practice.pk) == before
    assert queues() == ["remittance"]
    with pytest.raises(PostingRefused, match=r"remittance\.held"):
        post_remittance(held.pk, now=NOW, actor_id=SOMEBODY)


def test_one_payment_posts_once_whatever_file_brings_it(world):
    (claim,) = make_claims(world)
    paid = payment([answer(claim, 9000, ("CO", "45", 6000))])
    receive(world, paid)
    after = ledger_hash(world.practice.pk)
    assert receive(world, paid).state == "duplicate"  # the same bytes
    receive(world, paid, number=2, name="again.835")  # other bytes, same payment
    other = payment([answer(claim, 9000, ("CO", "197", 6000))])
    receive(world, other, number=3, name="other.835")  # same payment, other content
    states = sorted(Remittance.objects.values_list("state", flat=True))
    assert states == ["duplicate", "posted", "quarantined"]
    assert ledger_hash(world.practice.pk) == after
    with pytest.raises(PostingRefused, match="not_postable"):
        post_remittance(the_remittance("quarantined").pk, now=NOW, actor_id=SOMEBODY)
    holds(world)


def test_undo_gives_the_balances_back_byte_for_byte_and_the_payment_posts_again(world):
    claim, denied = make_claims(world, 2)
    before, totals = ledger_hash(world.practice.pk), trial_balance(world.practice.pk)
    interest = ProviderAdjustment("1234567893", None, "L6", "I1", -215)
    receive(
        world,
        payment(
            [answer(claim, 9000, ("CO", "45", 4000), ("PR", "2", 2000)), answer(denied, 0, ("CO", "197", 15000), status="4")],
            provider=[msgspec.structs.replace(interest, fiscal_period_end=PAID_ON.replace(month=12, day=31))],
        ),
    )  # fmt: skip
    posted = ledger_hash(world.practice.pk)
    one = the_remittance()
    assert posted != before
    with pytest.raises(PostingRefused, match="reason_missing"):
        undo_posting(one.pk, now=NOW, actor_id=SOMEBODY, reason=" ")
    undo_posting(one.pk, now=NOW, actor_id=SOMEBODY, reason="posted to the wrong month")
    assert ledger_hash(world.practice.pk) == before
    assert trial_balance(world.practice.pk) == totals
    assert set(Claim.objects.values_list("payer_state", flat=True)) == {"waiting"}
    assert Denial.objects.get().state == "reversed"
    assert queues() == []
    holds(world)
    post_remittance(one.pk, now=NOW, actor_id=SOMEBODY)
    assert ledger_hash(world.practice.pk) == posted
    assert the_remittance().posting_number == 2
    holds(world)


def test_provider_adjustments_touch_no_claim(world):
    (claim,) = make_claims(world)
    taken = ProviderAdjustment("1234567893", PAID_ON.replace(month=12, day=31), "WO", "OLD1", 3000)
    receive(world, payment([answer(claim, 9000, ("CO", "45", 6000))], provider=[taken]))
    totals = trial_balance(world.practice.pk)
    assert (totals["payer_debt"], totals["deposit_clearing"]) == (3000, 6000)
    assert account(world, claim)["deposit_clearing"] == 9000
    holds(world)


def test_a_reversal_mirrors_what_was_posted(world):
    (claim,) = make_claims(world)
    first = answer(claim, 9000, ("CO", "45", 4000), ("PR", "2", 2000))
    receive(world, payment([first]))
    back = answer(claim, 9000, ("CO", "45", 4000), ("PR", "2", 2000), status="22", sign=-1)
    again = answer(claim, 5000, ("CO", "45", 10000), status="1")
    offset = ProviderAdjustment("1234567893", PAID_ON.replace(month=12, day=31), "FB", "F1", -4000)
    receive(world, payment([back, again], trace="EFT2", provider=[offset]), number=2)
    assert account(world, claim) == {
        "contractual_adjustments": 10000, "deposit_clearing": 5000, "patient_service_revenue": -15000,
    }  # fmt: skip
    claim.refresh_from_db()
    assert claim.payer_state == "paid"
    assert queues() == []
    holds(world)


def test_a_foreign_payment_waits_unassigned_and_posts_when_assigned(world):
    (claim,) = make_claims(world)
    file = receive(world, payment([answer(claim, 9000, ("CO", "45", 6000))], npi="1999999984"))
    assert file.state == "read"
    inbox = InboxRemittance.objects.get()
    assert (inbox.state, inbox.practice_id, Remittance.objects.count()) == ("unassigned", None, 0)
    assert assign_remittance(inbox.pk, world.practice.pk, actor_id=SOMEBODY, now=NOW).state == "posted"
    with pytest.raises(PostingRefused, match="assigned_before"):
        assign_remittance(inbox.pk, world.practice.pk, actor_id=SOMEBODY, now=NOW)
    holds(world)


def test_money_that_matches_nothing_waits_in_suspense_until_a_person_matches_it(world):
    (claim,) = make_claims(world)
    stranger = replace_number(answer(claim, 9000, ("CO", "45", 6000)), "NOSUCH99")
    receive(world, payment([stranger]))
    row = RemittanceClaim.objects.get()
    assert (row.claim_id, row.patient_name, queues()) == (None, "TERRY FALL", ["unmatched"])
    assert trial_balance(world.practice.pk)["unapplied_insurance"] == -9000
    match_claim_by_hand(row.pk, claim.pk, actor_id=SOMEBODY, now=NOW)
    assert "unapplied_insurance" not in trial_balance(world.practice.pk)
    assert account(world, claim)["contractual_adjustments"] == 6000
    assert queues() == []
    claim.refresh_from_db()
    assert claim.payer_state == "paid"
    holds(world)


def replace_number(one, number: str):
    lines = tuple(msgspec.structs.replace(line, line_control="", service_from=PAID_ON) for line in one.lines)
    return msgspec.structs.replace(one, claim_number=number, payer_control_number="ELSE1", lines=lines)


def test_the_next_payer_is_billed_with_the_first_ones_words(world):
    add_secondary(world)
    (claim,) = make_claims(world)
    receive(world, payment([answer(claim, 9000, ("CO", "45", 4000), ("PR", "2", 2000))]))
    from cleanclaim.claim import decode_claim

    second = Claim.objects.get(sequence="S")
    value = decode_claim(second.frozen)
    assert (second.lifecycle, value.payer.payer_id, value.member_id) == ("ready", "70001", "S77")
    first = value.other_payers[0]
    assert (first.sequence, first.paid_cents, first.remaining_patient_cents) == ("P", 9000, 2000)
    told = value.lines[0].other_payers[0]
    assert [(one.group, one.reason, one.amount_cents) for one in told.adjustments] == [
        ("CO", "45", 4000),
        ("PR", "2", 2000),
    ]
    assert account(world, claim)["insurance_receivable"] == 2000
    paid = answer(second, 2000, ("OA", "23", 13000), status="2")
    receive(world, payment([paid], trace="EFT2"), number=2)
    assert "insurance_receivable" not in account(world, claim)
    assert account(world, second) == {}
    holds(world)


def test_a_claim_that_the_payer_forwards_is_not_billed_again(world):
    add_secondary(world)
    (claim,) = make_claims(world)
    receive(world, payment([answer(claim, 9000, ("CO", "45", 4000), ("PR", "2", 2000), status="19")]))
    assert not Claim.objects.filter(sequence="S").exists()
    holds(world)


def test_five_thousand_claims_post_without_a_query_for_each(world):
    claims = make_claims(world, 5000)
    data = file_835(payment([answer(claim, 9000, ("CO", "45", 4000), ("PR", "2", 2000)) for claim in claims]))
    statements = []

    def count(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        receive_file(world.practice.agency_id, name="big.835", data=data, partner=world.partner, now=NOW)
    assert the_remittance().claims_count == 5000
    assert len(statements) < 1500  # of them some 840 insert sixty thousand rows
    assert trial_balance(world.practice.pk)["deposit_clearing"] == 5000 * 9000


def test_titles_with_an_amount_name_the_currency(world):
    (claim,) = make_claims(world)
    receive(world, payment([answer(claim, 9000, ("CO", "45", 4000), ("PR", "3", 2000))]))
    assert WorkItem.objects.get(queue="patient").title == "The patient owes $20.00"
