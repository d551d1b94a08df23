"""A denied claim is written off on its page, once, with a kind and a reason."""

from __future__ import annotations

import pytest
from tests.server.cycle.remitting import NOW, answer, file_835, make_claims, make_world, payment

from cleanclaim_server.claims.models import Claim, ClaimEvent
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.queries import claim_balances, ledger_hash, verify_ledger
from cleanclaim_server.work.models import WorkItem

REASON = "No authorization was asked for"


@pytest.fixture
def denied(practice_a, tenant) -> Claim:
    with tenant(practice_a):
        world = make_world(practice_a)
        (claim,) = make_claims(world)
        paid = payment([answer(claim, 0, ("CO", "197", 15000), status="4")], paid=0, method="NON")
        receive_file(practice_a.agency_id, name="r.835", data=file_835(paid), partner=world.partner, now=NOW)
        return claim


@pytest.fixture
def client(make_user, client_for, practice_a):
    return client_for(make_user("denial_specialist", [practice_a]))


def post(client, claim, **changes):
    sent = {"kind": "denied", "reason": REASON} | changes
    return client.post(f"/claims/{claim.pk}/write-off", sent, follow=True)


def said(page) -> str:
    return " ".join(str(message) for message in page.context["messages"])


def test_what_was_denied_is_written_off_once(client, denied, practice_a, tenant):
    page = client.get(f"/claims/{denied.pk}")
    assert page.context["write_off"]["url"] == f"/claims/{denied.pk}/write-off"
    assert b"Write off what was denied" in page.content

    assert said(post(client, denied)) == "$150.00 written off; the denial is closed."
    with tenant(practice_a):
        assert claim_balances(practice_a.pk, [denied.pk])[denied.pk] == {
            "insurance_receivable": 0, "patient_service_revenue": -15000, "write_off_denied": 15000,
        }  # fmt: skip
        assert Denial.objects.get().state == "written_off"
        assert not WorkItem.objects.filter(queue="denied", is_open=True).exists()
        event = ClaimEvent.objects.get(claim=denied, title="$150.00 written off")
        assert (event.detail, event.actor_kind) == (REASON, "person")

    assert client.get(f"/claims/{denied.pk}").context["write_off"] is None
    assert "Only what a payer has denied" in said(post(client, denied))


def test_a_write_off_is_taken_back_and_the_denial_waits_again(client, denied, practice_a, tenant):
    with tenant(practice_a):
        before = ledger_hash(practice_a.pk)
    undo = f"/claims/{denied.pk}/write-off/undo"
    assert "Nothing of this visit is written off." in said(client.post(undo, follow=True))
    post(client, denied)
    assert undo in [act["url"] for act in client.get(f"/claims/{denied.pk}").context["actions"]]
    page = client.post(undo, {"reason": "They answered after all"}, follow=True)
    assert said(page) == "The write-off of $150.00 is taken back; the denial is open again."
    with tenant(practice_a):
        assert ledger_hash(practice_a.pk) == before
        assert Denial.objects.get().state == "open"
        item = WorkItem.objects.get(queue="denied", is_open=True)
        assert (item.amount_cents, item.claim_id) == (15000, denied.pk)
        assert ClaimEvent.objects.filter(claim=denied, title="Write-off of $150.00 taken back").count() == 1
        assert verify_ledger(practice_a.pk) == []
    assert "Nothing of this visit is written off." in said(client.post(undo, follow=True))
    assert said(post(client, denied)) == "$150.00 written off; the denial is closed."


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": ""}, "Choose why this is written off."),
        ({"kind": "contractual"}, "Choose why this is written off."),
        ({"reason": " x "}, "A write-off needs a reason of a few words."),
    ],
)
def test_a_write_off_without_kind_or_reason_is_refused(client, denied, practice_a, tenant, changes, words):
    assert said(post(client, denied, **changes)) == words
    with tenant(practice_a):
        assert Denial.objects.get().state == "open"


@pytest.mark.parametrize("role", ["clinician", "auditor"])
def test_who_does_not_work_denials_is_shown_no_form(role, denied, make_user, client_for, practice_a, tenant):
    with tenant(practice_a):
        provider = denied.rendering_provider
    other = client_for(make_user(role, [practice_a], provider=provider if role == "clinician" else None))
    page = other.get(f"/claims/{denied.pk}")
    assert page.status_code == 200 and page.context["write_off"] is None
    assert post(other, denied).status_code == 403
