"""Answers of payers and enrollments: kept with day and source, and waiting claims are judged by them at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.server.web.desk import SERVED, TODAY

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.claims.models import ClaimFinding
from cleanclaim_server.coverage.models import EligibilityAnswer, Enrollment
from cleanclaim_server.tenancy.context import system_context

SAID = TODAY - timedelta(days=1)


@pytest.fixture
def client(desk, client_for):
    return client_for(desk.user)


@pytest.fixture
def admin(desk, make_user, client_for):
    return client_for(make_user("practice_owner", [desk.practice]))


def found(desk, claim) -> set[str]:
    with system_context(desk.practice.agency_id):
        return set(ClaimFinding.objects.filter(claim=claim).values_list("code", flat=True))


def answer(client, desk, said, **changes):
    sent = {
        "said": said, "source": "portal", "asked_for": SERVED.isoformat(), "answered_on": SAID.isoformat(),
        "ended_on": "", "reference": "CALL-77",
    } | changes  # fmt: skip
    return client.post(f"/coverages/{desk.coverage.pk}/answers/new", sent, follow=True)


@pytest.mark.parametrize(
    ("said", "code", "state"),
    [
        ("inactive", "edits.coverage_inactive", "held"),
        ("other_payer", "edits.coverage_other_payer", "held"),
        ("not_found", "edits.coverage_patient_not_found", "held"),
        ("active", None, "ready"),
        ("unknown", None, "ready"),
    ],
)
def test_what_the_payer_said_decides_over_waiting_claims(said, code, state, client, desk):
    claim = desk.claim()
    assert "edits.coverage_not_verified" in found(desk, claim), "nobody asked"
    page = answer(client, desk, said).content.decode()
    assert "1 waiting claim checked again" in page and "CALL-77" not in page
    assert desk.reread(claim).lifecycle == state
    codes = {one for one in found(desk, claim) if "coverage_" in one}
    assert codes == ({code} if code else set())
    if code:
        group = client.get(f"/edits/{code}").content.decode()
        assert "Record the payer&#x27;s answer" in group
        assert f"/coverages/{desk.coverage.pk}/answers/new" in group


def test_the_newest_answer_speaks_and_the_older_stays(client, desk):
    claim = desk.claim()
    answer(client, desk, "inactive", answered_on=(SAID - timedelta(days=1)).isoformat())
    assert desk.reread(claim).lifecycle == "held"
    answer(client, desk, "active")
    assert desk.reread(claim).lifecycle == "ready"
    with system_context(desk.practice.agency_id):
        assert EligibilityAnswer.objects.count() == 2
        assert AuditRow.objects.filter(action="coverage.answer_recorded").count() == 2


def test_an_answer_of_before_the_month_of_service_is_old(client, desk):
    claim = desk.claim()
    old = SERVED.replace(day=1) - timedelta(days=1)
    answer(client, desk, "active", asked_for=old.isoformat(), answered_on=old.isoformat())
    assert "edits.coverage_not_verified" in found(desk, claim)
    assert "not asked this month" in client.get(f"/patients/{desk.patient.pk}").content.decode()


def test_an_answer_about_a_later_day_says_nothing_of_the_service(client, desk):
    claim = desk.claim()
    answer(client, desk, "inactive", asked_for=TODAY.isoformat())
    assert desk.reread(claim).lifecycle == "ready"


def test_a_last_day_that_the_payer_named_ends_the_policy(client, desk):
    claim = desk.claim(dos=SERVED)
    answer(client, desk, "unknown", ended_on=(SERVED - timedelta(days=1)).isoformat())
    assert "edits.coverage_not_in_force" in found(desk, claim)
    assert desk.reread(claim).lifecycle == "held"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"answered_on": (TODAY + timedelta(days=2)).isoformat()}, "cannot be of a day to come"),
        ({"ended_on": "2019-12-31"}, "starts after this day"),
        ({"ended_on": (SERVED - timedelta(days=1)).isoformat()}, "cannot be active on a day after"),
        ({"said": "maybe"}, "maybe"),
        ({"asked_for": ""}, "required"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_and_said_at_the_field(changes, says, client, desk):
    said = changes.get("said", "active")
    page = answer(client, desk, said, **{key: value for key, value in changes.items() if key != "said"})
    assert page.status_code == 400 and says in page.content.decode()
    with system_context(desk.practice.agency_id):
        assert not EligibilityAnswer.objects.exists()


def test_answers_of_many_policies_are_read_at_once(client, desk):
    answer(client, desk, "active")
    with CaptureQueriesContext(connection) as first:
        client.get(f"/patients/{desk.patient.pk}")
    for _ in range(6):
        answer(client, desk, "active")
    with CaptureQueriesContext(connection) as second:
        client.get(f"/patients/{desk.patient.pk}")
    assert len(second) <= len(first)


def enroll(admin, desk, **changes):
    sent = {
        "payer": desk.payer.pk, "role": "rendering", "provider": desk.provider.pk, "starts_on": "2020-01-01",
        "ends_on": "", "reference": "",
    } | changes  # fmt: skip
    return admin.post(f"/settings/practices/{desk.practice.pk}/enrollments/add", sent, follow=True)


def test_an_enrollment_that_begins_too_late_stops_and_an_earlier_one_frees(admin, desk):
    claim = desk.claim()
    page = enroll(admin, desk, starts_on=TODAY.isoformat()).content.decode()
    assert "1 waiting claim checked again" in page and "Renders services" in page
    assert desk.reread(claim).lifecycle == "held"
    assert "edits.rendering_not_enrolled" in found(desk, claim)
    page = enroll(admin, desk, ends_on=(TODAY - timedelta(days=1)).isoformat())
    assert page.status_code == 200, page.content.decode()
    assert desk.reread(claim).lifecycle == "ready"


def test_electronic_claims_wait_for_their_enrollment(admin, desk):
    claim = desk.claim()
    enroll(admin, desk, role="claims", provider="", starts_on=(TODAY + timedelta(days=9)).isoformat())
    enroll(admin, desk, role="remittances", provider="", starts_on=(TODAY + timedelta(days=9)).isoformat())
    assert desk.reread(claim).lifecycle == "held"
    assert {"edits.claims_not_enrolled", "edits.remittances_not_enrolled"} <= found(desk, claim)


def test_an_enrollment_ends_today_and_its_day_still_counts(admin, desk):
    enroll(admin, desk)
    with system_context(desk.practice.agency_id):
        one = Enrollment.objects.get()
    end = f"/settings/practices/{desk.practice.pk}/enrollments/{one.pk}/end"
    assert "It ends today." in admin.post(end, follow=True).content.decode()
    assert "has its last day already" in admin.post(end, follow=True).content.decode()
    assert desk.claim().lifecycle == "ready"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"provider": ""}, "Choose who renders"),
        ({"role": "billing"}, "leave this empty"),
        ({"ends_on": "2019-01-01"}, "would end before it begins"),
    ],
)
def test_enrollments_that_cannot_be_are_refused(changes, says, admin, desk):
    page = enroll(admin, desk, **changes)
    assert page.status_code == 422 and says in page.content.decode()
    enroll(admin, desk)
    assert "on file for some of these days" in enroll(admin, desk).content.decode()
