"""The ladder before adjudication: TA1, 999, the clearinghouse's 277CA, the payer's 277CA."""

from __future__ import annotations

from datetime import timedelta

import pytest
from partner import MEDICARE, MONDAY, OTHER_PRACTICE, Mailbox, claim, claim_file, of_claims

from cleanclaim.simulator import SimulatedClearinghouse


def status(report):
    [one] = of_claims(report)
    return (
        report.source_kind,
        one.action,
        *((each.category, each.status, each.entity) for each in one.statuses),
    )


def test_answers_come_one_rung_after_another():
    box = Mailbox()
    box.send(claim("PD"), ask_ta1=True)
    box.wait(4)
    kinds = [(file.kind, file.available_at - MONDAY) for file in box.files]
    assert [kind for kind, _ in kinds] == ["ta1", "999", "277ca", "277ca"]
    ta1, syntax, clearinghouse, payer = (delay for _, delay in kinds)
    assert timedelta(minutes=1) <= ta1 <= timedelta(minutes=3) < syntax <= timedelta(minutes=15)
    assert timedelta(hours=1) <= clearinghouse <= timedelta(hours=6)
    assert timedelta(hours=12) <= payer <= timedelta(days=3)


def test_a_good_claim_is_accepted_on_every_rung():
    box = Mailbox()
    box.send(claim("PD"), ask_ta1=True)
    box.wait(30)
    [ta1], [ack], (clearinghouse, payer) = box.interchange_answers(), box.acknowledgments(), box.reports()
    assert (ta1.interchange_control_number, ta1.result, ta1.code) == ("000000001", "A", "000")
    assert (ack.result, ack.group_control_number, ack.included, ack.accepted) == ("A", "1", 1, 1)
    assert [one.result for one in ack.transactions] == ["A"]
    assert status(clearinghouse) == ("AY", "WQ", ("A0", "16", "PR"))
    assert status(payer) == ("PR", "WQ", ("A2", "20", "PR"))
    assert (payer.batch_reference, payer.source_id, payer.receiver_id) == ("B000001", "EXHP1", "EXAG01")
    assert (payer.accepted_count, payer.accepted_cents, payer.rejected_count) == (1, 15000, None)
    [said], [answer] = of_claims(payer), box.answers()
    assert said.claim_number == "EC000001"
    assert said.payer_control_number == answer.payer_control_number != ""


REJECTIONS = [  # prefix, the 277CAs that come
    ("RC", [("AY", "U", ("A7", "164", "IL"))]),
    ("RP", [("AY", "WQ", ("A0", "16", "PR")), ("PR", "U", ("A7", "33", "IL"))]),
    ("RT", [("AY", "WQ", ("A0", "16", "PR")), ("PR", "U", ("A6", "145", "82"))]),
]


@pytest.mark.parametrize(("prefix", "said"), REJECTIONS)
def test_a_rejected_claim_is_never_adjudicated(prefix, said):
    box = Mailbox()
    box.send(claim(prefix))
    box.wait(200)
    assert [status(report) for report in box.reports()] == said
    assert box.remittances() == []
    assert box.partner.state.claims == {}


def test_the_corrected_claim_may_keep_its_number():
    box = Mailbox()
    box.send(claim("RP", 1))
    box.wait(5)
    at = MONDAY + timedelta(days=5)
    box.send(claim("PD", 1), at=at)
    box.wait(40)
    assert [answer.paid_cents for answer in box.answers()] == [12000]


def test_a_rejected_transaction_takes_its_neighbours_with_it_once():
    box = Mailbox()
    box.send(claim("R9", 1), claim("PD", 2))
    box.wait(20)
    [ack] = box.acknowledgments()
    assert (ack.result, ack.received, ack.accepted) == ("R", 1, 0)
    [said] = ack.transactions
    [error] = said.errors
    assert (said.result, said.codes) == ("R", ("5",))
    assert (error.segment_id, error.loop, error.code, error.claim_number) == ("CLM", "2300", "8", "EC000001")
    assert error.elements == (("5:1", "7", "11"),)
    assert box.reports() == []
    box.send(claim("R9", 1), claim("PD", 2), at=MONDAY + timedelta(days=20))
    box.wait(60)
    assert [one.result for one in box.acknowledgments()] == ["R", "A"]
    assert [answer.paid_cents for answer in box.answers()] == [12000, 12000]


def test_a_file_of_t1_claims_is_rejected_whole_once():
    box = Mailbox()
    box.send(claim("T1", 1), claim("T1", 2))
    box.wait(20)
    assert [(one.result, one.code) for one in box.interchange_answers()] == [("R", "024")]
    assert [file.kind for file in box.files] == ["ta1"]
    box.send(claim("T1", 1), claim("T1", 2), at=MONDAY + timedelta(days=20))
    box.wait(60)
    assert len(box.answers()) == 2


def test_t1_beside_other_claims_is_paid():
    box = Mailbox()
    box.send(claim("T1", 1), claim("PD", 2))
    box.wait(40)
    assert box.interchange_answers() == []
    assert len(box.answers()) == 2


def test_the_next_interchange_can_be_rejected_on_demand():
    box = Mailbox()
    box.partner.reject_next_interchange("009")
    box.send(claim("PD", 1))
    box.send(claim("PD", 2))
    box.wait(40)
    assert [(one.result, one.code) for one in box.interchange_answers()] == [("R", "009")]
    assert [answer.claim_number for answer in box.answers()] == ["EC000002"]


def test_a_repeated_interchange_number_is_refused():
    """The same bytes twice: the second time nothing is read, so nothing is paid twice."""
    partner = SimulatedClearinghouse(7)
    data = claim_file(claim("PD"))
    partner.receive(data, MONDAY)
    partner.receive(data, MONDAY + timedelta(hours=1))
    kinds = [file.kind for file in partner.due(MONDAY + timedelta(days=60))]
    assert kinds == ["999", "ta1", "277ca", "277ca", "835"]


def test_a_file_with_a_syntax_error_is_rejected_where_the_error_is():
    partner = SimulatedClearinghouse(7)
    data = claim_file(claim("PD")).replace(b"HI*ABK:F411~", b"HI*ABK:F411*~")
    partner.receive(data.replace(b"CLM*EC000001*150*", b"CLM*EC000001*XYZ*"), MONDAY)
    box = Mailbox()
    box.files = partner.due(MONDAY + timedelta(days=30))
    [ack] = box.acknowledgments()
    assert (ack.result, ack.transactions[0].result) == ("R", "R")
    assert {error.segment_id for error in ack.transactions[0].errors} >= {"CLM"}
    assert [file.kind for file in box.files] == ["999"]


@pytest.mark.parametrize(
    "data", [b"", b"name,amount\n", b"ISA*00*", b"\x00" * 50], ids=["empty", "csv", "cut", "zeros"]
)
def test_what_is_no_x12_gets_no_answer(data):
    partner = SimulatedClearinghouse(7)
    partner.receive(data, MONDAY)
    assert partner.due(MONDAY + timedelta(days=30)) == []


def test_each_payer_answers_for_its_own_claims_grouped_by_provider():
    box = Mailbox()
    box.send(
        claim("PD", 1),
        claim("PD", 2, payer=MEDICARE),
        claim("RP", 3),
        claim("PD", 4, billing_provider=OTHER_PRACTICE),
    )
    box.wait(10)
    clearinghouse, *payers = box.reports()
    assert len(of_claims(clearinghouse)) == 4
    said = {one.source_id: [status.claim_number for status in of_claims(one)] for one in payers}
    assert said == {"EXHP1": ["EC000001", "EC000003", "EC000004"], "EXMCB": ["EC000002"]}
    plan = next(one for one in payers if one.source_id == "EXHP1")
    assert (plan.accepted_count, plan.rejected_count) == (2, 1)
