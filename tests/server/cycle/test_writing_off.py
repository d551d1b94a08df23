"""A denied claim is written off once, whole, with its reason; the books hold."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from tests.server.cycle.remitting import NOW, answer, file_835, make_claims, make_world, payment

from cleanclaim_server.cycle.handling import HandlingRefused, write_off
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.queries import claim_balances, verify_ledger
from cleanclaim_server.remittances.queries import posted_remittances
from cleanclaim_server.work.models import WorkItem

TODAY = date(2026, 11, 20)


@pytest.fixture
def denied(practice_a, tenant):
    with tenant(practice_a):
        world = make_world(practice_a)
        (claim,) = make_claims(world)
        paid = payment([answer(claim, 0, ("CO", "197", 15000), status="4")], paid=0, method="NON")
        receive_file(practice_a.agency_id, name="r.835", data=file_835(paid), partner=world.partner, now=NOW)
        yield claim


def give_up(claim, **changes):
    said = {
        "kind": "denied",
        "reason": "No authorization was asked for",
        "actor_id": uuid4(),
        "now": NOW,
        "today": TODAY,
    }
    return write_off(claim.pk, claim.practice_id, **(said | changes))


def test_what_is_denied_is_written_off_once(denied):
    assert give_up(denied) == 15000
    assert claim_balances(denied.practice_id, [denied.pk])[denied.pk] == {
        "insurance_receivable": 0, "patient_service_revenue": -15000, "write_off_denied": 15000,
    }  # fmt: skip
    assert Denial.objects.get().state == "written_off"
    assert not WorkItem.objects.filter(queue="denied", is_open=True).exists()
    assert verify_ledger(denied.practice_id, remittances=posted_remittances(denied.practice_id)) == []
    with pytest.raises(HandlingRefused, match="denied"):
        give_up(denied)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "contractual"}, "write_off.kind"),
        ({"reason": "  x "}, "claim.reason_missing"),
    ],
)
def test_what_is_refused_changes_nothing(denied, changes, code):
    with pytest.raises(HandlingRefused) as refused:
        give_up(denied, **changes)
    assert refused.value.code == code
    assert claim_balances(denied.practice_id, [denied.pk])[denied.pk]["insurance_receivable"] == 15000


def test_a_claim_that_is_with_its_payer_is_not_written_off(practice_a, tenant):
    with tenant(practice_a):
        (claim,) = make_claims(make_world(practice_a))
        with pytest.raises(HandlingRefused) as refused:
            give_up(claim)
    assert refused.value.code == "write_off.not_denied"
