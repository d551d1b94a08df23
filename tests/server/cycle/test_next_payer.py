"""Who is billed after an answer, and who is not: forwarded, Medicaid last, a part that waits, a third payer."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from tests.server.cycle import remitting

from cleanclaim.claim import OtherPayer, PayerKind, PayerParty, decode_claim, encode_claim
from cleanclaim.remittance import Automation
from cleanclaim_server.claims.models import Claim, ClaimEvent
from cleanclaim_server.coverage.models import Coverage, Payer, Plan
from cleanclaim_server.cycle.follow_up import find_silent
from cleanclaim_server.cycle.next_payer import bill_next_payer
from cleanclaim_server.cycle.posting import post_part, post_remittance, undo_posting
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.postingrules.actions import save_policy
from cleanclaim_server.postingrules.documents import PolicyDocument
from cleanclaim_server.postingrules.models import HeldPart
from cleanclaim_server.remittances.models import Remittance, RemittanceClaim
from cleanclaim_server.tenancy.context import tenant_context
from cleanclaim_server.work.models import Queue, WorkItem

NOW = remitting.NOW
SHARED = (("CO", "45", 4000), ("PR", "2", 2000))


@pytest.fixture
def world(practice_a):
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        world = remitting.make_world(practice_a)
        remitting.add_secondary(world)
        yield world


def receive(world, *answers, number: int = 1, **more) -> None:
    data = remitting.file_835(remitting.payment(answers, trace=f"T{number}", **more), number=number)
    receive_file(world.practice.agency_id, name=f"{number}.835", data=data, now=NOW)


def add_third(world, claim: Claim) -> Coverage:
    payer = Payer.objects.create(
        agency=world.practice.agency, name="Third", payer_id="80001", kind="medicaid"
    )
    plan = Plan.objects.create(agency=world.practice.agency, payer=payer, name="State")
    value = decode_claim(bytes(claim.frozen))
    third = OtherPayer(PayerParty("Third", "80001", PayerKind.MEDICAID), "T", value.subscriber, "M77")
    value = msgspec.structs.replace(value, other_payers=(*value.other_payers, third))
    claim.frozen = encode_claim(value)
    claim.save()
    return Coverage.objects.create(
        practice=world.practice, patient=world.patient, plan=plan, order=3, member_id="M77",
        starts_on=world.coverage.starts_on,
    )  # fmt: skip


#             status, remarks of the answer
FORWARDED = [("19", ()), ("1", ("MA18",)), ("1", ("N89",))]


@pytest.mark.parametrize(("status", "remarks"), FORWARDED)
def test_what_the_payer_forwards_is_not_billed_twice_and_is_asked_about_in_time(world, status, remarks):
    (claim,) = remitting.make_claims(world)
    receive(world, remitting.answer(claim, 9000, *SHARED, status=status, remarks=remarks))
    assert Claim.objects.count() == 1
    assert RemittanceClaim.objects.get().next_action.startswith("WAIT_CROSSOVER")
    assert ClaimEvent.objects.filter(title="The payer forwards it to the next one").count() == 1
    agency = world.practice.agency_id
    find_silent(agency, now=NOW + timedelta(days=20))
    assert not WorkItem.objects.filter(queue=Queue.SILENT, is_open=True).exists()
    find_silent(agency, now=NOW + timedelta(days=40))
    item = WorkItem.objects.get(queue=Queue.SILENT, is_open=True)
    assert item.subject_id == claim.pk and "Forwarded" in item.title
    second = remitting.answer(claim, 2000, ("OA", "23", 13_000), status="2")
    receive(world, second, number=2)
    find_silent(agency, now=NOW + timedelta(days=41))
    assert not WorkItem.objects.filter(queue=Queue.SILENT, is_open=True).exists()


def test_a_forwarded_claim_is_never_billed_twice_however_it_goes_on(world, make_user):
    """The second payer answers by itself; the first posting is undone and posted again; the answer comes twice."""
    actor = make_user("manager", [world.practice])
    (claim,) = remitting.make_claims(world)
    receive(world, remitting.answer(claim, 9000, *SHARED, status="19"))
    first = Remittance.objects.get()
    second = remitting.answer(
        claim, 1500, ("OA", "23", 13000), ("PR", "2", 500), status="2", payer_control_number="SECOND1"
    )
    receive(world, second, number=2)
    receive(world, remitting.answer(claim, 9000, *SHARED, status="19"), number=1)
    undo_posting(first.pk, now=NOW, actor_id=actor.pk, reason="look again")
    post_remittance(first.pk, now=NOW, actor_id=actor.pk)
    assert not Claim.objects.filter(sequence="S").exists()
    assert bill_next_payer(claim.pk, now=NOW) is None
    assert set(Claim.objects.values_list("pk", flat=True)) == {claim.pk}


def test_medicare_second_is_told_what_must_be_accepted_and_the_page_shows_it(world, make_user, client_for):
    Payer.objects.filter(payer_id="70001").update(kind="medicare")
    Coverage.objects.filter(practice=world.practice, order=2).update(insurance_type="12")
    (claim,) = remitting.make_claims(world)
    value = decode_claim(bytes(claim.frozen))
    medicare = PayerParty("Medicare", "70001", PayerKind.MEDICARE, claim_filing_code="MB")
    after = msgspec.structs.replace(value.other_payers[0], payer=medicare)
    claim.frozen = encode_claim(msgspec.structs.replace(value, other_payers=(after,)))
    claim.save()
    receive(world, remitting.answer(claim, 9000, *SHARED))
    follow = Claim.objects.get(sequence="S")
    sent = decode_claim(bytes(follow.frozen))
    assert [line.obligated_cents for line in sent.lines] == [11000]
    client = client_for(make_user("manager", [world.practice]))
    (row,) = client.get(f"/claims/{follow.pk}").context["before"]
    assert (row["accept_cents"], row["allowed_cents"], row["paid_cents"], row["patient_cents"]) == (
        11000, 11000, 9000, 2000,
    )  # fmt: skip
    assert (row["most_cents"], row["due_cents"]) == (2000, None) and "not on file" in row["why"]
    page = client.get(f"/claims/{follow.pk}").content.decode()
    assert "What payers before answered" in page and "at most" in page
    assert not client.get(f"/claims/{claim.pk}").context["before"]
    coder = client_for(make_user("coder", [world.practice]))
    assert "What payers before answered" not in coder.get(f"/claims/{follow.pk}").content.decode()


def test_a_remark_that_nothing_was_forwarded_bills_the_next_payer(world):
    (claim,) = remitting.make_claims(world)
    receive(world, remitting.answer(claim, 9000, *SHARED, remarks=("MA18", "MA08")))
    assert Claim.objects.get(sequence="S").family_id == claim.family_id


def test_the_third_payer_is_told_what_the_first_two_said(world):
    (claim,) = remitting.make_claims(world)
    add_third(world, claim)
    receive(world, remitting.answer(claim, 9000, *SHARED))
    second = Claim.objects.get(sequence="S")
    assert decode_claim(bytes(second.frozen)).payer.payer_id == "70001"
    receive(
        world, remitting.answer(second, 500, ("OA", "23", 13_000), ("PR", "3", 1500), status="2"), number=2
    )
    third = decode_claim(bytes(Claim.objects.get(sequence="T").frozen))
    assert third.payer.payer_id == "80001" and third.member_id == "M77"
    assert [(one.sequence, one.paid_cents) for one in third.other_payers] == [("P", 9000), ("S", 500)]
    told = third.lines[0].other_payers
    assert [sum(item.amount_cents for item in one.adjustments) + one.paid_cents for one in told] == [
        15_000,
        15_000,
    ]


def test_medicaid_before_another_payer_is_for_a_person(world):
    (claim,) = remitting.make_claims(world)
    value = decode_claim(bytes(claim.frozen))
    person = value.subscriber
    others = (
        OtherPayer(PayerParty("State", "70001", PayerKind.MEDICAID), "S", person, "S77"),
        OtherPayer(PayerParty("Plan", "80001"), "T", person, "T77"),
    )
    claim.frozen = encode_claim(msgspec.structs.replace(value, other_payers=others))
    claim.save()
    receive(world, remitting.answer(claim, 9000, *SHARED))
    assert Claim.objects.count() == 1
    item = WorkItem.objects.get(queue=Queue.STOPPED)
    assert item.subject_id == claim.pk and "order of payers" in item.title


def test_a_claim_of_which_a_part_waits_bills_nobody_until_it_is_decided(world, make_user):
    manager = make_user("manager", [world.practice])
    save_policy(
        PolicyDocument(automation=Automation.OFF),
        world.practice,
        payer=None,
        trial={},
        acting_user=manager,
        now=NOW,
    )
    (claim,) = remitting.make_claims(world)
    receive(world, remitting.answer(claim, 9000, *SHARED))
    assert Claim.objects.count() == 1
    post_part(HeldPart.objects.get().pk, actor_id=manager.pk, now=NOW)
    follow = decode_claim(bytes(Claim.objects.get(sequence="S").frozen))
    assert follow.other_payers[0].paid_cents == 9000
    assert [item.amount_cents for item in follow.lines[0].other_payers[0].adjustments] == [4000, 2000]
