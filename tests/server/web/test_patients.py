"""Patients, policies and authorizations by form; who sees what of a person."""

from __future__ import annotations

import pytest

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.authorizations.models import Authorization
from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.patients.queries import find_patients
from cleanclaim_server.tenancy.context import system_context

PERSON = {
    "chart_number": "C7", "first_name": "Robin", "last_name": "Marsh", "birth_date": "1991-05-06", "sex": "F",
    "line1": "9 Elm St", "city": "Albany", "state": "ny", "postal_code": "12207-0001",
}  # fmt: skip


@pytest.fixture
def inside(desk):
    with system_context(desk.practice.agency_id) as tenant:
        yield tenant


@pytest.fixture
def client(desk, client_for):
    return client_for(desk.user)


def test_from_nothing_to_a_patient_who_can_be_billed(desk, client, inside):
    answer = client.post("/patients/new", {**PERSON, "practice": desk.practice.code})
    one = Patient.objects.get(chart_number="C7")
    assert answer.url == f"/patients/{one.pk}/coverages/new"
    assert (one.state, one.contact["postal_code"], one.birth_date_sealed) == ("NY", "122070001", "1991-05-06")
    assert list(find_patients(inside, "1991-05-06")) == [one]

    policy = {
        "plan": desk.plan.pk,
        "order": "1",
        "member_id": "AB 12",
        "starts_on": "2026-01-01",
        "relationship": "18",
    }
    assert client.post(answer.url, policy).url == f"/patients/{one.pk}"
    held = Coverage.objects.get(patient=one)
    assert (held.member_id, held.order, held.source) == ("AB12", 1, "entered")

    granted = {"coverage": held.pk, "number": "A771", "units": "12", "starts_on": "2026-01-01", "ends_on": "2026-12-31",
               "codes": "90837, 90834"}  # fmt: skip
    client.post(f"/patients/{one.pk}/authorizations/new", granted)
    assert Authorization.objects.get(patient=one).codes == ["90837", "90834"]
    page = client.get(f"/patients/{one.pk}")
    assert b"A771" in page.content and b"AB12" in page.content
    actions = set(AuditRow.objects.values_list("action", flat=True))
    assert {"patient.added", "coverage.added", "authorization.added", "patient.read"} <= actions


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"chart_number": "C100"}, "chart_number", "Another patient"),
        ({"birth_date": "2099-01-01"}, "birth_date", "no birth date"),
        ({"state": "New York"}, "state", "at most 2"),
        ({"postal_code": "1220"}, "postal_code", "Five or nine"),
        ({"last_name": ""}, "last_name", "required"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(desk, client, inside, change, field, words):
    page = client.post("/patients/new", {**PERSON, "practice": desk.practice.code, **change})
    assert page.status_code == 400 and words in page.context["form"][field]["error"]
    assert Patient.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({}, "order", "Another policy has this place"),
        ({"order": "2", "ends_on": "2025-01-01"}, "ends_on", "before it starts"),
        ({"order": "2", "relationship": "01"}, "holder_last_name", "Needed when"),
    ],
)
def test_policies_that_cannot_be(desk, client, inside, change, field, words):
    given = {
        "plan": desk.plan.pk,
        "order": "1",
        "member_id": "X",
        "starts_on": "2026-01-01",
        "relationship": "18",
    }
    page = client.post(f"/patients/{desk.patient.pk}/coverages/new", given | change)
    assert words in page.context["form"][field]["error"] and Coverage.objects.count() == 1


def test_a_correction_keeps_what_the_form_does_not_ask(desk, client, inside):
    url = f"/patients/{desk.patient.pk}/edit"
    form = {key: one["value"] for key, one in client.get(url).context["form"].items() if one["value"] != ""}
    assert form["birth_date"] == "1984-02-03"
    assert client.post(url, {**form, "line1": "3 New Rd"}).url == f"/patients/{desk.patient.pk}"
    one = Patient.objects.get(pk=desk.patient.pk)
    assert (one.contact["line1"], one.contact["city"], one.birth_date_sealed) == (
        "3 New Rd",
        "Albany",
        "1984-02-03",
    )
    row = AuditRow.objects.filter(action="patient.changed").get()
    assert "contact" in str(row.detail) and "New Rd" not in str(row.detail)


@pytest.mark.parametrize(
    ("role", "year"), [("biller", "1984"), ("manager", "1984"), ("coder", ""), ("poster", "")]
)
def test_the_birth_date_is_for_some_roles_and_opening_it_is_recorded(role, year, desk, make_user, client_for):
    client = client_for(make_user(role, [desk.practice]))
    page = client.get(f"/patients/{desk.patient.pk}")
    if page.status_code == 403:  # a coder and a poster see no list of people at all
        assert role in ("coder", "poster")
        return
    assert page.context["patient"]["birth_year"] == year and page.context["patient"]["birth_date"] is None
    shown = client.get(f"/patients/{desk.patient.pk}?show=birth-date")
    assert str(shown.context["patient"]["birth_date"]) == "1984-02-03"
    assert AuditRow.objects.filter(action="patient.birth_date_read").count() == 1


def test_the_list_has_last_visit_and_amounts(desk, client, inside):
    claim = desk.claim()
    row = client.get("/patients").context["rows"][0]
    assert (row["last_visit"], row["open_cents"], row["owes_cents"], row["credit_cents"]) == (
        claim.date_of_service, 15000, 0, 0,
    )  # fmt: skip
    assert b"Quill" not in client.get("/patients").content


@pytest.mark.parametrize("path", ["/patients/new", "/patients/{patient}/edit", "/coverages/{coverage}/edit",
                                  "/patients/{patient}/coverages/new", "/patients/{patient}/authorizations/new"])  # fmt: skip
@pytest.mark.parametrize("role", ["manager", "auditor", "clinician", "denial_specialist"])
def test_who_may_not_change_people_is_refused(path, role, desk, make_user, client_for):
    provider = desk.provider if role == "clinician" else None
    client = client_for(make_user(role, [desk.practice], provider=provider))
    path = path.format(patient=desk.patient.pk, coverage=desk.coverage.pk)
    assert client.get(path).status_code == client.post(path).status_code == 403
