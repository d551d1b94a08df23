"""A session that will never be billed leaves the work with a reason, and comes back when it is corrected."""

from __future__ import annotations

import pytest
from tests.server.web.test_session_entry import typed

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.work.models import WorkItem

REASON = "Ten minutes only, agreed with the clinician"


@pytest.fixture
def inside(desk):
    with system_context(desk.practice.agency_id):
        yield


@pytest.fixture
def client(desk, client_for):
    return client_for(desk.user)


@pytest.fixture
def short(desk, client, inside) -> Encounter:
    """A session under 16 minutes: no psychotherapy code."""
    client.post("/sessions/new", typed(desk, stops_at="14:10", note_signed=""))
    return Encounter.objects.get()


def mark(client, one: Encounter, reason: str = REASON):
    return client.post(f"/sessions/{one.pk}/not-billable", {"reason": reason}, follow=True)


def said(page) -> str:
    return " ".join(str(message) for message in page.context["messages"])


def test_a_session_without_a_code_is_marked_and_leaves_the_work(client, short):
    assert WorkItem.objects.get(queue="session", is_open=True).subject_id == short.pk
    assert client.get(f"/sessions/{short.pk}").context["not_billable_url"]
    page = mark(client, short)
    assert said(page) == "Marked as not billable. Correct the session to take it back."
    assert REASON.encode() in page.content and page.context["not_billable_url"] == ""
    assert Encounter.objects.get().state == "not_billable"
    item = WorkItem.objects.get(queue="session")
    assert (item.is_open, item.closed_reason) == (None, "Not billable")
    assert AuditRow.objects.filter(action="encounter.not_billable", subject_id=short.pk).count() == 1


def test_the_list_filters_them_and_their_note_is_no_work(client, short):
    assert client.get("/sessions?state=unsigned").context["rows"]
    mark(client, short)
    (row,) = client.get("/sessions?state=not_billable").context["rows"]
    assert (row["state"], row["why"]) == ("not_billable", REASON)
    assert client.get("/sessions?state=unsigned").context["rows"] == []
    assert client.get("/sessions?state=refused").context["rows"] == []
    tabs = {tab["label"]: tab["n"] for tab in client.get("/sessions").context["tabs"]}
    assert tabs == {"All": 1, "Note not signed": 0, "Not billable": 1}


@pytest.mark.parametrize(
    ("stops_at", "state", "waits"), [("14:45", "charged", False), ("14:12", "refused", True)]
)
def test_correcting_takes_it_back(client, desk, short, stops_at, state, waits):
    mark(client, short)
    client.post(f"/sessions/{short.pk}/edit", typed(desk, stops_at=stops_at))
    one = Encounter.objects.get()
    assert one.state == state and "not_billable" not in one.coding
    assert WorkItem.objects.filter(queue="session", is_open=True).exists() is waits


def test_what_is_refused_stays_as_it_was(client, desk, short):
    assert "needs a reason" in said(mark(client, short, " no "))
    assert Encounter.objects.get().state == "refused"
    mark(client, short)
    assert "already" in said(mark(client, short))

    claim = desk.claim()
    booked = Encounter.objects.get(pk=claim.family.encounter_id)
    assert client.get(f"/sessions/{booked.pk}").context["not_billable_url"] == ""
    assert "charges in the books" in said(mark(client, booked))
    assert Encounter.objects.get(pk=booked.pk).state == "charged" and Claim.objects.count() == 1


@pytest.mark.parametrize("role", ["clinician", "auditor"])
def test_who_does_not_work_sessions_cannot_say_so(role, desk, short, make_user, client_for):
    provider = desk.provider if role == "clinician" else None
    other = client_for(make_user(role, [desk.practice], provider=provider))
    assert other.get(f"/sessions/{short.pk}").context["not_billable_url"] == ""
    assert mark(other, short).status_code == 403
