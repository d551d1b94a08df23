"""The pages of statements: who is due, why not, preview, a run, its sheets on paper, the policy."""

from __future__ import annotations

import pytest
from tests.server.credits.world import answer, open_world, post, settled
from tests.server.cycle.remitting import NOW

from cleanclaim_server.statements.models import PatientStatement, StatementRun
from cleanclaim_server.statements.planning import Settings, settings_of
from cleanclaim_server.tenancy.context import tenant_context


@pytest.fixture
def world(practice_a):
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        yield open_world(practice_a)


@pytest.fixture
def poster(make_user, client_for, practice_a):
    return client_for(make_user("poster", [practice_a], display_name="Pat Poster"))


def text(answer_) -> str:
    return " ".join(answer_.content.decode().split())


def test_a_share_is_due_previewed_made_and_printed(world, poster):
    settled(world, world.claims[0])
    page = text(poster.get("/statements"))
    assert "Make 1 statement" in page and "20.00" in page and "T.F." in page
    one = text(poster.get(f"/statements/preview/{world.patient.pk}"))
    assert "A statement is due." in one and "Preview" in one and "110.00" in one
    assert "A statement over" in text(poster.get(f"/balances/{world.patient.pk}"))
    made = poster.post("/statements/make", {"request_key": "k1"})
    run, sheet = StatementRun.objects.get(), PatientStatement.objects.get()
    assert made.url == f"/statements/runs/{run.pk}"
    poster.post("/statements/make", {"request_key": "k1"})
    assert StatementRun.objects.count() == 1
    assert "Print all" in text(poster.get(made.url))
    paper = text(poster.get(f"{made.url}/print"))
    assert sheet.number in paper and world.patient.full_name in paper and "Please pay" in paper
    assert "90837" not in paper and "F41" not in paper, "no procedure and no diagnosis on paper"
    assert sheet.number in text(poster.get(f"/statements/{sheet.pk}"))
    assert "Run 1" in text(poster.get("/statements?view=runs"))
    assert "; again from " in text(poster.get("/statements?view=held"))


def test_the_list_goes_on_after_the_first_page(world, poster, monkeypatch):
    from cleanclaim_server.web.views import shared, statements

    monkeypatch.setattr(shared, "PAGE_SIZE", 1)
    settled(world, world.claims[0])
    (pair,) = statements._due(poster.get("/statements").wsgi_request.tenant, NOW.date())
    monkeypatch.setattr(statements, "_due", lambda tenant, day: [pair] * 3)
    page = poster.get("/statements?at=1").context["page"]
    assert (page["first"], page["last"], page["total"]) == (2, 2, 3)
    assert page["previous_url"] == "/statements" and page["next_url"] == "/statements?at=2"


def test_what_waits_says_why(world, poster):
    claim = world.claims[0]
    post(world, answer(claim, 6000, ("CO", "45", 2000), ("PR", "2", 2000), ("CO", "197", 5000)), trace="D")
    assert "Nobody can be asked today" in text(poster.get("/statements"))
    assert "A denial of this visit is open." in text(poster.get("/statements?view=held"))
    page = text(poster.get(f"/statements/preview/{world.patient.pk}"))
    assert "No statement today." in page and "A denial of this visit is open" in page
    assert poster.post("/statements/make", {"request_key": "k1"}).url == "/statements"
    assert not StatementRun.objects.exists()


def test_one_patients_statement_alone(world, poster):
    settled(world, world.claims[0])
    poster.post("/statements/make", {"request_key": "k1", "patient": str(world.patient.pk)})
    assert PatientStatement.objects.get().patient_id == world.patient.pk
    assert poster.post("/statements/make", {"request_key": "k2", "patient": "nobody"}).status_code == 404


@pytest.mark.parametrize("role", ["biller", "manager", "auditor"])
def test_who_reads_does_not_send(world, role, make_user, client_for, practice_a):
    client = client_for(make_user(role, [practice_a]))
    settled(world, world.claims[0])
    assert "Make 1 statement" not in text(client.get("/statements"))
    assert client.post("/statements/make", {"request_key": "k1"}).status_code == 403
    assert not StatementRun.objects.exists()


def test_the_policy_is_set_on_its_page(world, make_user, client_for, practice_a):
    client = client_for(make_user("manager", [practice_a]))
    url = f"/settings/practices/{practice_a.pk}/statements"
    assert "Visits with an open denial" in text(client.get(url))
    body = {"hold_while_denial_open": "1", "days_after_due": "10", "least": "5.00", "days_between": "30"}
    assert client.post(url, body).status_code == 302
    practice_a.refresh_from_db()
    assert settings_of(practice_a) == Settings(False, True, 10, 500, 30)
    assert client.post(url, body | {"days_between": "0"}).status_code == 422
    practice_a.refresh_from_db()
    assert settings_of(practice_a).days_between == 30


def test_the_list_costs_the_same_for_any_number_of_practices(
    world, make_user, client_for, make_practice, agency, practice_a, django_assert_max_num_queries
):
    from cleanclaim_server.identity.models import Grant

    settled(world, world.claims[0])
    user = make_user("poster", [practice_a])
    for number in range(6):
        Grant.objects.create(user=user, practice=make_practice(agency, f"Z{number}"), role="poster")
    client = client_for(user)
    with django_assert_max_num_queries(35):
        assert "Make 1 statement" in text(client.get("/statements"))
