"""Consents: no claim of Part 2 records leaves without one; ending it stops what waits; a restriction holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.server.web.desk import TODAY

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.claims.models import ClaimFinding
from cleanclaim_server.coverage.models import Consent, Payer
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.tenancy.context import system_context

PART2, RESTRICTED = "edits.part2_consent_missing", "edits.disclosure_restricted"


@pytest.fixture
def client(desk, client_for):
    return client_for(desk.user)


@pytest.fixture
def part2(desk):
    with system_context(desk.practice.agency_id):
        Patient.objects.filter(pk=desk.patient.pk).update(is_part2=True)
    return desk


def give(client, desk, **changes):
    sent = {"kind": "disclosure", "payer": "", "starts_on": TODAY.isoformat(), "ends_on": ""} | changes
    return client.post(f"/patients/{desk.patient.pk}/consents/new", sent, follow=True)


def stops(desk, claim) -> set[str]:
    with system_context(desk.practice.agency_id):
        return set(
            ClaimFinding.objects.filter(claim=claim).exclude(severity="tell").values_list("code", flat=True)
        )


def test_without_a_consent_no_claim_of_part_2_records_is_ready(client, part2):
    claim = part2.claim()
    assert claim.lifecycle == "held" and PART2 in stops(part2, claim)
    page = client.get(f"/patients/{part2.patient.pk}").content.decode()
    assert "No consent to disclose Part 2 records is on file" in page
    group = client.get(f"/edits/{PART2}").content.decode()
    assert claim.claim_number in group and "Record the consent" in group
    assert f"/patients/{part2.patient.pk}/consents/new" in group


def test_a_consent_lets_waiting_claims_go_and_its_end_stops_them_again(client, part2):
    claim = part2.claim()
    said = give(client, part2).content.decode()
    assert "1 waiting claim checked again" in said
    assert part2.reread(claim).lifecycle == "ready"
    with system_context(part2.practice.agency_id):
        one = Consent.objects.get()
    client.post(f"/consents/{one.pk}/end")
    assert part2.reread(claim).lifecycle == "held"
    with system_context(part2.practice.agency_id):
        one = Consent.objects.get()
        assert (one.ends_on, one.ended_by) == (TODAY - timedelta(1), part2.user.pk)
    again = client.post(f"/consents/{one.pk}/end", follow=True).content.decode()
    assert "It was ended before" in again
    assert AuditRow.objects.filter(action__in=("consent.recorded", "consent.ended")).count() == 2


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"payer": "own"}, "ready"),
        ({"payer": "other"}, "held"),
        ({"starts_on": (TODAY + timedelta(1)).isoformat()}, "held"),
        ({"ends_on": TODAY.isoformat()}, "ready"),
        ({"kind": "restriction"}, "held"),
    ],
)
def test_payer_and_dates_of_a_consent_count(changes, state, client, part2):
    claim = part2.claim()
    with system_context(part2.practice.agency_id):
        other = Payer.objects.create(agency=part2.practice.agency, name="Another", payer_id="99999")
    keys = {"own": str(part2.payer.pk), "other": str(other.pk)}
    give(client, part2, **{key: keys.get(value, value) for key, value in changes.items()})
    assert part2.reread(claim).lifecycle == state


def test_a_restriction_holds_the_visit_that_was_paid_in_full(client, desk):
    claim = desk.claim()
    day = claim.date_of_service.isoformat()
    give(client, desk, kind="restriction", payer=str(desk.payer.pk), starts_on=day, ends_on=day)
    assert desk.reread(claim).lifecycle == "held" and RESTRICTED in stops(desk, claim)


def test_marking_a_patient_checks_what_waits_at_once(client, desk):
    claim = desk.claim()
    page = client.get(f"/patients/{desk.patient.pk}/edit")
    form = page.context["form"]
    sent = {name: one["value"] or "" for name, one in form.items() if name != "is_part2"}
    client.post(f"/patients/{desk.patient.pk}/edit", sent | {"is_part2": "on"})
    assert desk.reread(claim).lifecycle == "held" and PART2 in stops(desk, claim)


def test_dates_that_run_backward_are_refused(client, desk):
    answer = give(client, desk, ends_on=(TODAY - timedelta(1)).isoformat())
    assert answer.status_code == 400 and "ends before it begins" in answer.content.decode()
    with system_context(desk.practice.agency_id):
        assert not Consent.objects.exists()


def test_a_foreign_consent_is_not_there(part2, client, make_user, practice_b, client_for):
    give(client, part2)
    with system_context(part2.practice.agency_id):
        one = Consent.objects.get()
    stranger = client_for(make_user("biller", [practice_b]))
    assert stranger.post(f"/consents/{one.pk}/end").status_code == 404
