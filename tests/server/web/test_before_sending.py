"""Before sending: the lights, groups by finding, fixing all alike, overriding many, and the one route that sends."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from tests.server.web.desk import TODAY

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.claims.models import (
    BatchClaim,
    Claim,
    ClaimEvent,
    ClaimFinding,
    ClaimHold,
    ClaimRepair,
)
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.cycle.handling import HandlingRefused, fix_claim, fixing, mend_claim
from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.edits import acts, reads
from cleanclaim_server.web.views.edits.page import OVERRIDE
from cleanclaim_server.work.models import WorkItem

TWICE, PO_BOX = "edits.diagnosis_duplicate", "edits.billing_address_is_po_box"
ADDRESS = "edits.patient_address_incomplete"


@pytest.fixture
def desk_of(desk, tmp_path):
    """A second practice of the agency, where the same person works."""
    from tests.server.web.desk import make_desk

    def make(practice):
        with system_context(practice.agency_id):
            Payer.objects.update(name="Evergreen of the first", payer_id="60099")
            TradingPartner.objects.update(name="Clearing of the first", receiver_id="FIRST")
        return make_desk(practice, tmp_path, desk.user)

    return make


@pytest.fixture
def client(desk, client_for):
    return client_for(desk.user)


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def doubled(desk, **changes) -> Claim:
    """A claim that a diagnosis listed twice stops; a repair exists."""
    claim = desk.claim(diagnoses=("F41.1", "F41.1"), **changes)
    assert claim.lifecycle == "held"
    return claim


def test_claims_stand_under_the_light_that_they_have(client, desk):
    ready, stopped = desk.claim(), doubled(desk)
    page = text(client.get("/edits"))
    assert "Diagnosis listed twice" in page and 'href="/edits/edits.diagnosis_duplicate/fix"' in page
    assert ready.claim_number not in page
    assert ready.claim_number in text(client.get("/edits?light=green"))
    assert "Nothing was repaired" in text(client.get("/edits?light=amber"))
    group = text(client.get(f"/edits/{TWICE}"))
    assert stopped.claim_number in group and "#f-diagnoses" in group and "CO-16" in group
    assert "No claim is stopped by this" in text(client.get("/edits/edits.no_such_edit"))


def test_the_preview_shows_every_difference_and_keeps_nothing(client, desk):
    claims = [doubled(desk), doubled(desk)]
    with system_context(desk.practice.agency_id):
        before = _state()
    page = text(client.get(f"/edits/{TWICE}/fix"))
    assert page.count("<del") == page.count("<ins") == 2 and page.count("Goes") == 2
    assert all(claim.claim_number in page for claim in claims)
    with system_context(desk.practice.agency_id):
        assert _state() == before
    assert AuditRow.objects.filter(action="claim.fix_previewed").count() == 1


def test_claims_of_several_practices_are_previewed_in_one_run_of_the_edits(
    desk, client_for, practice_b, desk_of, monkeypatch
):
    other = desk_of(practice_b)
    claims = [doubled(desk), doubled(other), doubled(other)]
    runs = []
    real = fixing.check_many
    monkeypatch.setattr(
        fixing, "check_many", lambda groups, **told: runs.append(groups) or real(groups, **told)
    )
    page = text(client_for(desk.user).get(f"/edits/{TWICE}/fix"))
    assert all(claim.claim_number in page for claim in claims) and page.count("Goes") == 3
    assert [[len(values) for _, _, values in groups] for groups in runs] in ([[1, 2]], [[2, 1]])


def test_fixing_all_alike_repairs_each_claim_and_says_who_did_it(client, desk):
    claims = [doubled(desk) for _ in range(3)]
    done = client.post(f"/edits/{TWICE}/fix/run", {"total": 3}, follow=True)
    assert "3 claims fixed, 3 of them ready to go" in text(done)
    with system_context(desk.practice.agency_id):
        for claim in claims:
            after = Claim.objects.get(pk=claim.pk)
            assert after.lifecycle == "ready"
            repair = ClaimRepair.objects.get(claim=claim)
            assert (repair.field, repair.before, repair.after, repair.made_by) == (
                "diagnoses", "F41.1 F41.1", "F41.1", desk.user.pk,
            )  # fmt: skip
            assert ClaimEvent.objects.filter(claim=claim, title__startswith="Fixed alike").exists()
    amber = text(client.get("/edits?light=amber"))
    assert amber.count("<ins") == 3 and "Diagnosis listed twice" in amber
    assert AuditRow.objects.filter(action="claim.fixed").count() == 3


def test_one_claim_that_fails_stops_no_other(client, desk, monkeypatch):
    claims = sorted((doubled(desk) for _ in range(3)), key=lambda claim: claim.pk)
    real = acts.fix_claim

    def failing(key, practice_id, **given):
        if key == claims[1].pk:
            raise HandlingRefused("claim.planted", "A colleague took it out.")
        return real(key, practice_id, **given)

    monkeypatch.setattr(acts, "fix_claim", failing)
    page = text(client.post(f"/edits/{TWICE}/fix/run", {"total": 3}, follow=True))
    assert "2 claims fixed" in page and "A colleague took it out" in page
    with system_context(desk.practice.agency_id):
        states = [Claim.objects.get(pk=claim.pk).lifecycle for claim in claims]
    assert states == ["ready", "held", "ready"]


def test_fixing_goes_on_in_steps_and_each_step_stays(client, desk, monkeypatch):
    claims = sorted((doubled(desk) for _ in range(3)), key=lambda claim: claim.pk)
    clock = iter(range(0, 1000, 3))
    monkeypatch.setattr(acts.time, "monotonic", lambda: next(clock))
    headers = {"HX-Request": "true"}
    first = text(client.post(f"/edits/{TWICE}/fix/run", {"total": 3}, headers=headers))
    assert 'hx-trigger="load"' in first and f'value="{claims[0].pk}"' in first
    with system_context(desk.practice.agency_id):
        states = [Claim.objects.get(pk=claim.pk).lifecycle for claim in claims]
    assert states == ["ready", "held", "held"], "what one step did stays"
    sent = {"total": 3, "done": 1, "go": 1, "after": str(claims[0].pk)}
    second = text(client.post(f"/edits/{TWICE}/fix/run", sent, headers=headers))
    assert f'value="{claims[1].pk}"' in second and 'name="done" value="2"' in second


def test_many_claims_follow_one_corrected_record(client, desk):
    """No repair of the claim: the patient's address is completed once, then all are built anew."""
    from cleanclaim_server.patients.models import Patient

    with system_context(desk.practice.agency_id):
        patient = Patient.objects.get(pk=desk.patient.pk)
        whole = patient.contact
        patient.contact = {**whole, "line1": ""}
        patient.save()
    claims = [desk.claim(), desk.claim()]
    assert {claim.lifecycle for claim in claims} == {"held"}
    assert "Nothing would change" in text(client.get(f"/edits/{ADDRESS}/fix"))
    with system_context(desk.practice.agency_id):
        patient.contact = whole
        patient.save()
    page = text(client.get(f"/edits/{ADDRESS}/fix"))
    assert page.count("From the records: ") == 2
    client.post(f"/edits/{ADDRESS}/fix/run", {"total": 2})
    with system_context(desk.practice.agency_id):
        assert {Claim.objects.get(pk=claim.pk).lifecycle for claim in claims} == {"ready"}


def test_a_repair_stays_when_the_claim_is_built_anew(desk):
    claim = doubled(desk)
    given = {"actor_id": desk.user.pk, "now": shared.now(), "today": TODAY}
    with system_context(desk.practice.agency_id):
        fix = fix_claim(claim.pk, claim.practice_id, edit=TWICE, **given)
        assert fix.goes and fix.changes[0].after == "F41.1"
        assert mend_claim(claim.pk, claim.practice_id, **given).lifecycle == "ready"
        with pytest.raises(HandlingRefused, match="Correct the record first"):
            fix_claim(claim.pk, claim.practice_id, edit=TWICE, **given)


def test_one_reason_overrides_many_findings_and_stands_on_each(client, desk):
    with system_context(desk.practice.agency_id):
        desk.practice.address_line1 = "PO Box 5"
        desk.practice.save()
    claims = [desk.claim(), desk.claim()]
    ids = [str(claim.pk) for claim in claims]
    assert "Override with my name" in text(client.get(f"/edits/{PO_BOX}"))
    refused = client.post(f"/edits/{PO_BOX}/override", {"id": ids, "reason": "no"}, follow=True)
    assert "needs a reason" in text(refused)
    reason = "The payer knows this address"
    done = client.post(f"/edits/{PO_BOX}/override", {"id": ids, "reason": reason}, follow=True)
    assert "2 findings overridden" in text(done) and "2 claims ready" in text(done)
    with system_context(desk.practice.agency_id):
        rows = ClaimFinding.objects.filter(claim__in=ids, code=PO_BOX)
        assert {(row.overridden_by, row.override_reason) for row in rows} == {(desk.user.pk, reason)}
        assert {Claim.objects.get(pk=claim.pk).lifecycle for claim in claims} == {"ready"}


def test_a_stop_cannot_be_overridden(client, desk):
    claim = doubled(desk)
    page = text(
        client.post(f"/edits/{TWICE}/override", {"id": str(claim.pk), "reason": "Let it go"}, follow=True)
    )
    assert "Nothing was chosen that may be overridden" in page
    assert "Override with my name" not in text(client.get(f"/edits/{TWICE}"))
    assert desk.reread(claim).lifecycle == "held"


def test_what_is_green_is_sent_and_what_is_amber_waits_for_its_own_word(client, desk):
    green, fixed = desk.claim(), doubled(desk)
    client.post(f"/edits/{TWICE}/fix/run", {"total": 1})
    page = text(client.post("/claims/send", {"light": "green", "back": "/edits"}, follow=True))
    assert "1 claim in 1 file" in page
    with system_context(desk.practice.agency_id):
        assert list(BatchClaim.objects.values_list("claim_id", flat=True)) == [green.pk]
    client.post("/claims/send", {"light": "amber"})
    with system_context(desk.practice.agency_id):
        assert set(BatchClaim.objects.values_list("claim_id", flat=True)) == {green.pk, fixed.pk}


def test_claims_leave_by_one_route(client, desk):
    desk.claim()
    with pytest.raises(NoReverseMatch):
        reverse("web:send_ready")
    assert client.post("/batches/send").status_code == 404
    page = text(client.get("/batches"))
    assert 'action="/claims/send"' in page
    sent = client.post("/claims/send", {"back": "/batches"}, follow=True)
    assert sent.redirect_chain[-1][0] == "/batches" and "1 claim in 1 file" in text(sent)


@pytest.mark.parametrize("path", ["/edits", "/edits?light=green", "/edits?light=amber", f"/edits/{TWICE}"])
def test_queries_do_not_grow_with_claims(path, client, desk):
    counts = []
    for more in (2, 8):
        for _ in range(more):
            doubled(desk)
            desk.claim()
        client.get(path)
        with CaptureQueriesContext(connection) as seen:
            text(client.get(path))
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 30, counts


def test_a_biller_of_another_practice_fixes_nothing_here(desk, make_user, practice_b, client_for):
    claim = doubled(desk)
    stranger = client_for(make_user("biller", [practice_b]))
    assert claim.claim_number not in text(stranger.get(f"/edits/{TWICE}"))
    stranger.post(f"/edits/{TWICE}/fix/run", {"total": 1, "id": str(claim.pk)})
    stranger.post(f"/edits/{TWICE}/override", {"id": str(claim.pk), "reason": "Let it go, please"})
    assert desk.reread(claim).lifecycle == "held"


def _state() -> tuple:
    claims = list(Claim.objects.order_by("pk").values_list("pk", "lifecycle", "version", "frozen_hash"))
    return claims, ClaimFinding.objects.count(), ClaimEvent.objects.count(), ClaimRepair.objects.count()


def test_groups_are_counted_by_the_database(desk):
    """A claim counts once in a group however many lines say it, and `alone` sees holds as well as findings."""
    claims = [desk.claim() for _ in range(6)]
    near, far = TODAY + timedelta(days=9), TODAY + timedelta(days=90)
    finding = {"practice_id": desk.practice.pk, "message": "M", "found_at": shared.now()}
    hold = {"practice_id": desk.practice.pk, "cause": "manual", "opened_at": shared.now()}
    with system_context(desk.practice.agency_id) as tenant:
        Claim.objects.update(lifecycle="held", filing_limit_on=far, filing_limit_enforceable=True)
        Claim.objects.filter(pk=claims[1].pk).update(filing_limit_on=near, filing_limit_enforceable=False)
        for number, (code, severity, line) in (
            (0, (PO_BOX, OVERRIDE, 1)), (0, (PO_BOX, OVERRIDE, 2)),  # one claim, two lines
            (1, (PO_BOX, OVERRIDE, 0)), (1, (TWICE, "stop", 0)),  # two codes
            (2, (TWICE, "stop", 0)),  # and a hold
            (3, (TWICE, "tell", 0)),  # told only
        ):  # fmt: skip
            row = {"claim": claims[number], "code": code, "severity": severity, "line_number": line}
            ClaimFinding.objects.create(**finding, **row)
        gone = {"claim": claims[4], "code": PO_BOX, "severity": OVERRIDE, "overridden_at": shared.now()}
        ClaimFinding.objects.create(**finding, **gone)
        ClaimHold.objects.create(claim=claims[2], **hold)
        ClaimHold.objects.create(claim=claims[5], **hold)
        ClaimHold.objects.create(claim=claims[5], **hold | {"released_at": shared.now()})
        with CaptureQueriesContext(connection) as seen:
            found = {group.code: group for group in reads.groups(tenant)}
        lights = reads.lights(tenant)
    assert len(seen) == 2
    cents = claims[0].total_charge_cents
    told = {key: (g.severity, g.n, g.alone, g.cents, g.due, g.due_proven) for key, g in found.items()}
    assert told == {
        PO_BOX: (OVERRIDE, 2, 1, 2 * cents, near, False),
        TWICE: ("stop", 2, 0, 2 * cents, near, False),
        "hold.manual": ("stop", 2, 1, 2 * cents, far, True),
    }
    assert {name: one.n for name, one in lights.items()} == {"green": 0, "amber": 0, "red": 6}


def test_the_sidebar_counts_the_claims_that_the_page_counts(client, desk):
    """Also those that only an unsigned note stops, and those whose work is put off."""
    doubled(desk)
    unsigned = desk.claim(note_signed_at=None)
    assert unsigned.lifecycle == "held"
    with system_context(desk.practice.agency_id):
        WorkItem.objects.filter(queue="stopped").update(snoozed_until=TODAY + timedelta(days=9))
    page = text(client.get("/edits"))
    entry = re.search(r'href="/edits".*?</a>', page, re.S).group(0)
    assert re.sub(r"<[^>]+>", " ", entry).split()[-1] == "2"
    assert '<span class="figure num">2</span>' in page.split("light-red")[1]
