"""Answers about batches and claims: kept, understood, and acted on once."""

from __future__ import annotations

import pytest
from tests.server.cycle.remitting import (
    NOW,
    answer,
    envelope,
    file_835,
    make_batch,
    make_claims,
    make_world,
    payment,
)

from cleanclaim.x12.sets.acknowledgments import ta1_segment, write_999
from cleanclaim.x12.sets.claim_status import write_277ca
from cleanclaim.x12.sets.records import (
    ClaimStatus,
    GroupAck,
    InterchangeAck,
    RemitParty,
    SegmentError,
    StatusInfo,
    StatusReport,
    TransactionAck,
)
from cleanclaim.x12.writer import SetBody, write_x12
from cleanclaim_server.claims.models import Acknowledgment, BatchClaim, ClaimEvent, ClaimHold
from cleanclaim_server.cycle.receiving import process_file, receive_file
from cleanclaim_server.work.models import WorkItem

DAY = NOW.date()
PATIENT = RemitParty("FALL", "TERRY", "MI", "W123")
PROVIDER = RemitParty("PRACTICE AA", id_qualifier="XX", id="1234567893")


@pytest.fixture
def world(practice_a, tenant):
    with tenant(practice_a):
        yield make_world(practice_a)


def receive(world, data: bytes, name: str = "in.x12"):
    return receive_file(world.practice.agency_id, name=name, data=data, partner=world.partner, now=NOW)


def ack_999(result: str, group: str = "7", errors=()) -> bytes:
    one = TransactionAck(
        "837", "0001", "005010X222A1", result, ("5",) if result == "R" else (), tuple(errors)
    )
    taken = int(result in "AE")
    ack = GroupAck("HC", group, "005010X222A1", "A" if taken else "R", 1, 1, taken, (), (one,))
    return write_x12(envelope(), [write_999(ack, control_number="0001")])


def report(world, *statuses: ClaimStatus, kind: str = "PR") -> bytes:
    good = sum(one.action == "WQ" for one in statuses)
    content = StatusReport(
        "005010X214", "EVERGREEN HEALTH", "60054", kind, "EXAMPLE01", "B7", "ACK7", DAY, statuses, good,
        len(statuses) - good, receiver_name="EXAMPLE BILLING", source_id_qualifier="PI", source_trace="T7",
        received_on=DAY, processed_on=DAY,
        accepted_cents=sum(one.charge_cents or 0 for one in statuses if one.action == "WQ"),
        rejected_cents=sum(one.charge_cents or 0 for one in statuses if one.action == "U"),
    )  # fmt: skip
    return write_x12(
        envelope(), [write_277ca(content, control_number="0001", created_at=NOW.replace(tzinfo=None))]
    )


def said(claim, category: str, status: str, *, action: str, control: str = "") -> ClaimStatus:
    return ClaimStatus(
        "claim", (StatusInfo(category, status),), DAY, action, claim.claim_number, control,
        charge_cents=claim.total_charge_cents, trace_number=claim.claim_number, service_from=claim.date_of_service,
        member_id="W123", patient=PATIENT, provider=PROVIDER,
    )  # fmt: skip


def state(claim) -> tuple[str, str]:
    claim.refresh_from_db()
    return claim.payer_state, claim.lifecycle


def test_a_999_accepts_and_a_999_rejects(world):
    good, bad = make_claims(world, 2)
    make_batch(world, [good])
    make_batch(world, [bad], isa=8)
    file = receive(world, ack_999("A"))
    assert (file.kind, file.state) == ("999", "read")
    assert state(good) == ("file_accepted", "sent")
    receive(world, ack_999("R", "8", [SegmentError("NM1", 12, "2010BA", "8")]))
    assert state(bad) == ("rejected_file", "held")
    assert BatchClaim.objects.get(claim=bad).is_live is False
    assert ClaimHold.objects.get().cause == "rejected"
    assert WorkItem.objects.get().queue == "rejected"
    assert Acknowledgment.objects.filter(claim=bad, kind="999", result="rejected").count() == 1
    assert bad.was_clean is False


def test_a_277ca_accepts_one_claim_and_rejects_another(world):
    good, bad = make_claims(world, 2)
    batch = make_batch(world, [good, bad])
    data = report(
        world, said(good, "A2", "20", action="WQ", control="ICN1"), said(bad, "A7", "562", action="U")
    )
    assert receive(world, data).kind == "277ca"
    assert state(good) == ("accepted_payer", "sent")
    assert (good.payer_control_number, good.accepted_at) == ("ICN1", NOW)
    assert state(bad) == ("rejected_payer", "held")
    assert ClaimEvent.objects.get(claim=bad, kind="rejected").actor_kind == "payer"
    batch.refresh_from_db()
    assert (batch.accepted_count, batch.rejected_count) == (1, 1)
    # A later word of a lower rung changes nothing.
    receive(world, ack_999("A"), name="late.999")
    assert state(good)[0] == "accepted_payer"


def test_a_refused_interchange_brings_every_claim_back(world):
    claims = make_claims(world, 2)
    make_batch(world, claims)
    ack = InterchangeAck("000000007", "261119", "0900", "R", "006")
    assert receive(world, write_x12(envelope(), [], ta1s=[ta1_segment(ack)])).kind == "ta1"
    assert {state(claim) for claim in claims} == {("rejected_file", "held")}


@pytest.mark.parametrize("data", [b"", b"name,amount\n1,2\n", b"ISA*00*", b"\xff\xfe\x00\x01"])
def test_what_cannot_be_read_is_kept_and_says_why(world, data):
    file = receive(world, data)
    assert file.state in ("unreadable", "findings")
    assert file.findings[0]["message"]
    assert bytes(file.content) == data


def test_an_answer_to_nothing_of_ours_is_told(world):
    assert receive(world, ack_999("A", "99")).findings[0]["code"] == "cycle.answer_without_batch"


UNUSED = [  # what comes in, as which kind it is kept, and what is told
    ("271", "005010X279A1", [("BHT", "0022", "11", "R1", "20261102", "0930"), ("HL", "1", "", "20", "0"),
                             ("AAA", "Y", "", "42", "R"), ("NM1", "PR", "2", "EVERGREEN", "", "", "", "", "PI", "60054")],
     "271", "cycle.eligibility_refused"),
    ("834", "005010X220A1", [("BGN", "00", "1", "20261102")], "other", "cycle.set_not_used"),
]  # fmt: skip


@pytest.mark.parametrize(("set_id", "guide", "segments", "kind", "code"), UNUSED)
def test_what_is_not_used_is_kept_and_said_to_be_so(world, set_id, guide, segments, kind, code):
    functional_id = {"271": "HB", "834": "BE"}[set_id]
    file = receive(world, write_x12(envelope(), [SetBody(set_id, guide, functional_id, "0001", segments)]))
    assert (file.kind, file.transactions) == (kind, 1)
    assert [one["code"] for one in file.findings] == [code]


def test_a_file_is_read_once(world):
    (claim,) = make_claims(world)
    file = receive(world, file_835(payment([answer(claim, 15000)])))
    assert process_file(file.pk, now=NOW).posted == 0


def test_one_file_with_a_held_and_a_good_payment(world):
    one, two = make_claims(world, 2)
    good, bad = (
        payment([answer(one, 15000)], trace="A"),
        payment([answer(two, 14000, ("CO", "45", 1000))], trace="B"),
    )
    data = file_835(good, bad).replace(b"BPR*I*140*", b"BPR*I*141*")
    outcome_states = receive(world, data).state
    assert outcome_states in ("read", "findings")
    assert (state(one)[0], state(two)[0]) == ("paid", "waiting")
