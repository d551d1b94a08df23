"""What can be done to one claim, against the real cycle."""

from __future__ import annotations

import pytest

from cleanclaim.claim import decode_claim
from cleanclaim_server.claims.models import Batch, Claim, ClaimEvent, ClaimHold
from cleanclaim_server.clearinghouse.files import store_file
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.remittances.models import Remittance, RemittanceClaim
from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.work.models import WorkItem


@pytest.fixture
def client(desk, client_for):
    return client_for(desk.user)


@pytest.fixture
def inside(desk):
    with system_context(desk.practice.agency_id):
        yield


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_hold_and_release(desk, client, inside):
    claim = desk.claim()
    assert claim.lifecycle == "ready"
    answer = client.post(
        f"/claims/{claim.pk}/hold", {"reason": "Ask the clinician", "owner": "clinician"}, follow=True
    )
    assert "waits for: clinician" in said(answer)
    assert b"Held: Held by a person" in answer.content
    hold = ClaimHold.objects.get(claim=claim, released_at=None)
    assert (hold.cause, hold.detail, hold.owner_role) == ("manual", "Ask the clinician", "clinician")
    assert desk.reread(claim).lifecycle == "held"
    assert not WorkItem.objects.filter(claim_id=claim.pk, queue="ready", is_open=True).exists()
    item = WorkItem.objects.get(claim_id=claim.pk, queue="stopped", is_open=True)
    assert item.title == "Held by a person: Ask the clinician"
    again = client.post(f"/claims/{claim.pk}/hold", {"reason": "Once more", "owner": "biller"}, follow=True)
    assert "holds this claim already" in said(again)

    answer = client.post(f"/claims/{claim.pk}/holds/{hold.pk}/release", follow=True)
    assert "goes with the next batch" in said(answer)
    assert desk.reread(claim).lifecycle == "ready"
    assert not WorkItem.objects.filter(claim_id=claim.pk, queue="stopped", is_open=True).exists()
    kinds = list(ClaimEvent.objects.filter(claim=claim, actor_kind="person").values_list("kind", flat=True))
    assert kinds == ["held", "released"]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"reason": "", "owner": "biller"}, "needs a reason"),
        ({"reason": "Ask first", "owner": "king"}, "waits for"),
    ],
)
def test_a_hold_needs_reason_and_owner(desk, client, inside, sent, words):
    claim = desk.claim()
    assert words in said(client.post(f"/claims/{claim.pk}/hold", sent, follow=True))
    assert desk.reread(claim).lifecycle == "ready"


def test_an_edit_hold_ends_only_when_mended(desk, client, inside):
    claim = desk.claim(diagnoses=())
    hold = ClaimHold.objects.get(claim=claim, released_at=None)
    answer = client.post(f"/claims/{claim.pk}/holds/{hold.pk}/release", follow=True)
    assert "ends when that is mended" in said(answer)
    assert desk.reread(claim).lifecycle == "held"


def test_the_missing_diagnosis_is_added_and_the_claim_goes_on(desk, client, inside):
    claim = desk.claim(diagnoses=())
    page = client.get(f"/claims/{claim.pk}")
    edit = f"/sessions/{claim.family.encounter_id}/edit"
    assert page.context["pane"]["steps"][0]["url"].startswith(edit)
    form = {
        key: field["value"] for key, field in client.get(edit).context["form"].items() if field["value"] != ""
    }
    answer = client.post(edit, {**form, "diagnoses": "F41.1", "note_signed": "1"}, follow=True)
    assert answer.redirect_chain, answer.context["errors"]
    claim = desk.reread(claim)
    assert claim.lifecycle == "ready"
    assert decode_claim(bytes(claim.frozen)).diagnoses == ("F41.1",)


def test_an_override_needs_a_reason_and_keeps_the_name(desk, client, inside):
    from cleanclaim_server.claims.models import ClaimFinding

    claim = desk.claim()
    finding = ClaimFinding.objects.create(
        practice=desk.practice, claim=claim, code="edits.x", severity="stop_unless_overridden", message="Says so.",
        found_at=claim.created_at,
    )  # fmt: skip
    url = f"/claims/{claim.pk}/findings/{finding.pk}/override"
    assert url.encode() in client.get(f"/claims/{claim.pk}").content
    assert "needs a reason" in said(client.post(url, {"reason": "no"}, follow=True))
    assert "Overridden" in said(client.post(url, {"reason": "Separate visits, both documented"}, follow=True))


def test_send_one_and_all(desk, client, inside):
    first, second, third = desk.claim(), desk.claim(), desk.claim()
    assert b"Send 3 claims" in client.get("/claims").content
    answer = client.post("/claims/send", {"id": str(first.pk)}, follow=True)
    assert "1 claim in 1 file" in said(answer)
    assert [desk.reread(one).lifecycle for one in (first, second, third)] == ["queued", "ready", "ready"]
    item = WorkItem.objects.get(claim_id=second.pk, queue="ready", is_open=True)
    assert "1 claim in 1 file" in said(client.post("/work/send", {"id": str(item.pk)}, follow=True))
    assert "1 claim in 1 file" in said(client.post("/claims/send", follow=True))
    assert Batch.objects.count() == 3
    assert not WorkItem.objects.filter(queue="ready", is_open=True).exists()
    assert "No claim could be sent" in said(client.post("/claims/send", follow=True))


def reject(claim: Claim) -> None:
    from cleanclaim_server.claims.actions.states import set_payer_state
    from cleanclaim_server.claims.codes import Lifecycle, PayerState

    Claim.objects.filter(pk=claim.pk).update(lifecycle=Lifecycle.SENT, first_sent_at=claim.created_at)
    claim.refresh_from_db()
    set_payer_state(
        claim,
        PayerState.REJECTED_PAYER,
        claim.date_of_service,
        at=claim.created_at,
        why="Subscriber not found",
    )


def test_a_rejected_claim_is_mended_only_when_the_records_changed(desk, client, inside):
    claim = desk.claim()
    reject(claim)
    answer = client.post(f"/claims/{claim.pk}/mend", follow=True)
    assert "would be rejected again" in said(answer)
    assert desk.reread(claim).lifecycle == "held"
    step = client.get(f"/claims/{claim.pk}").context["pane"]["steps"]
    assert [one["button"] for one in step] == ["Build anew"]

    url = f"/coverages/{desk.coverage.pk}/edit"
    form = {key: field["value"] for key, field in client.get(url).context["form"].items() if field["value"]}
    back = f"/claims/{claim.pk}"
    answer = client.post(url, {**form, "member_id": "W999 999", "back": back}, follow=True)
    assert answer.redirect_chain[0][0] == back and "1 claim that has not left" in said(answer)
    assert "is ready" in said(client.post(f"/claims/{claim.pk}/mend", follow=True))
    claim = desk.reread(claim)
    assert claim.lifecycle == "ready"
    assert decode_claim(bytes(claim.frozen)).member_id == "W999999"
    event = ClaimEvent.objects.filter(claim=claim, title="Built anew from the records").get()
    assert "member number" in event.detail


def answered(desk, claim) -> RemittanceClaim:
    """A posted payment that names the claim and pays nothing."""
    file = store_file(
        desk.practice.agency_id,
        name="r.835",
        data=b"x",
        direction="in",
        partner=desk.partner,
        now=claim.created_at,
    )
    remittance = Remittance.objects.create(
        practice=desk.practice, file=file, transaction="0001", payer=desk.payer, payer_name="Evergreen",
        trace_number="T1", trace_payer_id="1", paid_cents=0, claims_paid_cents=0, content_hash="0" * 64,
        state="posted", received_at=claim.created_at,
    )  # fmt: skip
    return RemittanceClaim.objects.create(
        practice=desk.practice, remittance=remittance, number=1, claim=claim, claim_number=claim.claim_number,
        status="4", charge_cents=15000, paid_cents=0,
    )  # fmt: skip


def test_a_denied_claim_gets_its_correction(desk, client, inside):
    claim = desk.claim()
    Claim.objects.filter(pk=claim.pk).update(
        lifecycle="sent", payer_state="denied", first_sent_at=claim.created_at, payer_control_number="PCN1"
    )
    Denial.objects.create(
        practice=desk.practice, claim=claim, remittance_claim=answered(desk, claim), group="CO", reason="4",
        amount_cents=15000, category="coding_modifier", cause="Modifier missing.", action_code="CORRECT_FREQ7",
        steps=[{"step": "Add the modifier.", "kind": "step"}], denied_on=claim.date_of_service,
    )  # fmt: skip
    page = client.get(f"/claims/{claim.pk}")
    assert page.context["pane"]["said"]["text"] == "Modifier missing."
    assert [one["button"] for one in page.context["pane"]["steps"]] == [
        "Build the corrected claim",
        "Open the session",
    ]
    assert "say what was sent" in said(client.post(f"/claims/{claim.pk}/correct", follow=True))

    from cleanclaim_server.encounters.models import Encounter

    Encounter.objects.filter(pk=claim.family.encounter_id).update(diagnoses=["F33.1"])
    answer = client.post(f"/claims/{claim.pk}/correct", follow=True)
    assert "Corrected claim" in said(answer)
    made = Claim.objects.get(replaces=claim)
    value = decode_claim(bytes(made.frozen))
    assert (made.frequency, value.frequency.value, value.payer_control_number) == ("7", "7", "PCN1")
    assert value.diagnoses == ("F33.1",) and made.lifecycle == "ready"
    assert Denial.objects.get(claim=claim).state == "working"
    assert "exists already" in said(client.post(f"/claims/{claim.pk}/correct", follow=True))


def test_remarks_and_denials_in_work(make_user, client_for, practice_a, records_a):
    claim, client = records_a["claim_id"], client_for(make_user("biller", [practice_a]))
    answer = client.post(f"/claims/{claim}/remark", {"text": "Called the payer, reference 88"}, follow=True)
    assert b"Called the payer, reference 88" in answer.content
    assert "1 denial in work" in said(
        client.post(f"/claims/{claim}/work-denial", {"plan": "Appeal"}, follow=True)
    )
    assert "No denial of this claim is open" in said(client.post(f"/claims/{claim}/work-denial", follow=True))


@pytest.mark.parametrize("act", ["hold", "remark", "mend", "correct", "work-denial", "write-off"])
@pytest.mark.parametrize("role", ["auditor", "clinician", "manager", "practice_owner", "poster"])
def test_who_only_looks_changes_nothing(act, role, make_user, client_for, practice_a, records_a):
    answer = client_for(make_user(role, [practice_a])).post(
        f"/claims/{records_a['claim_id']}/{act}", {"text": "x"}
    )
    assert answer.status_code == 403


def test_who_only_looks_is_shown_no_button(make_user, client_for, practice_a, records_a):
    page = client_for(make_user("auditor", [practice_a])).get(f"/claims/{records_a['claim_id']}")
    assert page.context["pane"]["steps"] == [] and not page.context["hold_url"]
    assert b"/override" not in page.content and b"/hold" not in page.content
