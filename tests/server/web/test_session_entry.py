"""Sessions by form and by CSV: preview, entry, correction, signature, and rows with faults."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.server.web.desk import SERVED

from cleanclaim_server.claims.models import Claim
from cleanclaim_server.encounters.models import Encounter, SessionImport
from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.work.models import WorkItem


@pytest.fixture
def inside(desk):
    with system_context(desk.practice.agency_id):
        yield


def typed(desk, **changes) -> dict:
    return {
        "practice": desk.practice.code, "patient": desk.patient.pk, "provider": desk.provider.pk,
        "date_of_service": SERVED.isoformat(), "starts_at": "14:00", "stops_at": "14:45",
        "service": "individual psychotherapy", "setting": "office", "modality": "in_person",
        "participants": "patient", "diagnoses": "F41.1", "request_key": "k1", "note_signed": "1",
    } | changes  # fmt: skip


def preview(client, desk, **changes) -> dict:
    return client.post("/sessions/preview", typed(desk, **changes)).context["preview"]


def test_the_preview_says_codes_price_and_the_minute_that_changes_it(desk, client_for, inside):
    shown = preview(client_for(desk.user), desk)
    assert [one["code"] for one in shown["lines"]] == ["90834"]
    assert (shown["charge_cents"], shown["expected_cents"]) == (15000, 9000)
    assert shown["edge"] == "7 minutes past the threshold: under 38 it is 90832. From 53 minutes it is 90837."
    assert shown["coverage"]["payer"] == "Evergreen Health" and shown["times"] == "14:00 to 14:45"


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"stops_at": "14:53"}, ["90837"]),
        ({"stops_at": "14:10"}, []),
        ({"interactive": "caregiver_emotion"}, ["90834", "90785"]),
        ({"service": "group psychotherapy", "participants": "group", "group_size": "6"}, ["90853"]),
    ],
)  # fmt: skip
def test_each_fact_of_the_form_counts(desk, client_for, inside, changes, codes):
    assert [one["code"] for one in preview(client_for(desk.user), desk, **changes)["lines"]] == codes


def test_the_preview_names_what_is_missing(desk, client_for, inside):
    client = client_for(desk.user)
    assert "the patient" in preview(client, desk, patient="")["missing"]
    assert preview(client, desk, date_of_service="2019-06-01")["coverage"] is None
    assert "authorization of that number" in preview(client, desk, authorization="NONE")["missing"]


def test_entered_once_however_often_sent(desk, client_for, inside):
    client = client_for(desk.user)
    page = client.post("/sessions/new", typed(desk), follow=True)
    assert "is ready to send" in " ".join(map(str, page.context["messages"]))
    client.post("/sessions/new", typed(desk))
    assert Encounter.objects.count() == 1 and Claim.objects.get().lifecycle == "ready"


def test_an_unsigned_session_is_held_until_the_clinician_signs(desk, client_for, make_user, inside):
    client_for(desk.user).post("/sessions/new", typed(desk, note_signed=""))
    claim = Claim.objects.get()
    assert claim.lifecycle == "held"
    one = Encounter.objects.get()
    clinician = client_for(make_user("clinician", [desk.practice], provider=desk.provider))
    page = clinician.get(f"/sessions/{one.pk}")
    assert page.context["sign_url"] and not page.context["edit_url"]
    assert client_for(desk.user).get(f"/sessions/{one.pk}").context["sign_url"] == ""
    clinician.post(f"/sessions/{one.pk}/sign")
    assert Claim.objects.get().lifecycle == "ready"
    assert client_for(desk.user).post(f"/sessions/{one.pk}/sign").status_code == 403


def test_a_refused_session_is_completed(desk, client_for, inside):
    client = client_for(desk.user)
    client.post("/sessions/new", typed(desk, stops_at="14:10"))
    one = Encounter.objects.get()
    assert one.state == "refused" and WorkItem.objects.get(queue="session", is_open=True).subject_id == one.pk
    edit = client.get(f"/sessions/{one.pk}/edit")
    assert edit.context["preview"]["lines"] == [] and edit.context["form"]["starts_at"]["value"] == "14:00"
    client.post(f"/sessions/{one.pk}/edit", typed(desk, stops_at="14:45"))
    assert Encounter.objects.get().state == "charged" and Claim.objects.get().codes == "90834"
    assert not WorkItem.objects.filter(queue="session", is_open=True).exists()


def test_booked_codes_do_not_change(desk, client_for, inside):
    client = client_for(desk.user)
    client.post("/sessions/new", typed(desk))
    one = Encounter.objects.get()
    page = client.post(f"/sessions/{one.pk}/edit", typed(desk, stops_at="14:58"))
    assert page.status_code == 400
    assert page.context["errors"] == [
        "This would change the codes from 90834 to 90837, and the charges are booked."
    ]
    Claim.objects.update(lifecycle="sent", payer_state="waiting")
    assert client.get(f"/sessions/{one.pk}/edit").url == f"/sessions/{one.pk}"


def upload(client, desk, text: str):
    file = SimpleUploadedFile("s.csv", text.encode(), "text/csv")
    return client.post("/sessions/import", {"practice": desk.practice.code, "file": file}, follow=True)


def test_the_sample_file_imports_as_it_is(desk, client_for, inside):
    client = client_for(desk.user)
    sample = client.get("/sessions/import/sample.csv")
    page = upload(client, desk, sample.content.decode())
    assert (page.context["result"]["taken"], page.context["result"]["faulty"]) == (3, 0)
    again = upload(client, desk, sample.content.decode())
    assert (again.context["result"]["taken"], again.context["result"]["repeated"]) == (0, 3)


def test_a_faulty_row_is_named_and_the_others_go_on(desk, client_for, inside):
    client = client_for(desk.user)
    rows = [
        "session_id,patient,provider,dos,service,setting,minutes,diagnoses,note_signed_at",
        f"A1,C100,{desk.provider.npi},{SERVED},individual psychotherapy,office,45,F41.1,{SERVED}T17:00-05:00",
        f"A2,NOBODY,{desk.provider.npi},{SERVED},individual psychotherapy,office,45,F41.1,",
        f"A3,=1+1,{desk.provider.npi},{SERVED},individual psychotherapy,office,much,F41.1,",
    ]
    page = upload(client, desk, "\n".join(rows))
    result = page.context["result"]
    assert (result["total"], result["taken"], result["faulty"], result["claims_built"]) == (3, 1, 2, 1)
    assert [one["line"] for one in page.context["findings"]] == [3, 4]
    assert "NOBODY" not in page.content.decode()
    taken = client.get(page.context["faults_url"])
    lines = list(csv.reader(io.StringIO(taken.content.decode())))
    assert [line[0] for line in lines] == ["session_id", "A2", "A3"]
    assert lines[1][-2].startswith("No patient of this practice")
    kept = SessionImport.objects.get()
    assert client.get(f"/files/{kept.file_id}/download").content == "\n".join(rows).encode()


@pytest.mark.parametrize("role", ["auditor", "manager", "clinician", "poster"])
def test_who_may_not_enter_sees_no_button_and_is_refused(role, desk, client_for, make_user):
    provider = desk.provider if role == "clinician" else None
    client = client_for(make_user(role, [desk.practice], provider=provider))
    assert client.get("/sessions").context["new_url"] == ""
    for path in ("/sessions/new", "/sessions/import", "/sessions/import/sample.csv"):
        assert client.get(path).status_code == 403


def test_the_list_shows_charges_and_claims(desk, client_for, inside):
    client = client_for(desk.user)
    client.post("/sessions/new", typed(desk))
    row = client.get("/sessions").context["rows"][0]
    assert (row["charge_cents"], row["claim"]["number"]) == (15000, Claim.objects.get().claim_number)
    assert row["on"] == date.fromisoformat(SERVED.isoformat())
