"""The pages of the close: the list, the act by those who may, the frozen books and the same bytes again."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime

import pytest
from tests.server.cycle import remitting

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.ledger.models import Period
from cleanclaim_server.tenancy.context import tenant_context
from cleanclaim_server.web.views import shared


@pytest.fixture
def world(practice_a, monkeypatch):
    moment = datetime(2026, 12, 2, 15, tzinfo=UTC)
    monkeypatch.setattr(shared, "now", lambda: moment)
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        world = remitting.make_world(practice_a)
        world.claims = remitting.make_claims(world, 2)
        world.url = f"/month/close/{practice_a.pk}"
        yield world


@pytest.fixture
def manager(make_user, client_for, practice_a):
    return client_for(make_user("manager", [practice_a], display_name="Mo Manager"))


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_the_list_names_what_is_open_and_leads_to_the_page(world, manager, practice_a):
    page = text(manager.get("/month/close?month=2026-10"))
    assert "Close October 2026" in page and f"{world.url}?month=2026-10" in page
    assert "Ready to close" in page and '0</b> of <b class="num">1</b> practices closed it' in page
    page = text(manager.get(f"{world.url}?month=2026-10"))
    assert "Sessions without a signed note" in page and "300.00" in page
    assert "This first close takes all months before with it." in page
    assert "Close the month" in text(manager.get("/month?month=2026-10"))


def test_a_manager_closes_and_the_books_are_the_same_bytes_for_ever(world, manager, practice_a):
    body = {"month": "2026-10", "sure": "1"}
    answer = manager.post(f"{world.url}/freeze", body)
    assert (answer.status_code, answer.url) == (302, f"{world.url}?month=2026-10")
    period = Period.objects.get()
    assert (period.closed_by_name, period.entries) == ("Mo Manager", 2)
    page = text(manager.get(answer.url))
    assert "Checked now: these are the books that were closed." in page and period.trial_balance_hash in page
    assert "Open when it closed" in page and "by Mo Manager" in page
    first = manager.get(f"{world.url}/books?month=2026-10")
    assert first["X-Content-Digest"] == f"sha256 {hashlib.sha256(first.content).hexdigest()}"
    remitting.make_claims(world, 3)  # of October, entered later
    again = manager.get(f"{world.url}/books?month=2026-10")
    assert again.content == first.content
    page = text(manager.get(answer.url))
    assert "Checked now" in page and page.count("Charge that came late") == 3
    assert AuditRow.objects.filter(action="close.exported").count() == 2
    assert manager.post(f"{world.url}/freeze", body).status_code == 422
    assert Period.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"month": "2026-10"}, "Say that you mean it"),
        ({"month": "no month", "sure": "1"}, "Say that you mean it"),
        ({"month": "2026-12", "sure": "1"}, "December 2026 is not over."),
    ],
)
def test_what_is_refused_closes_nothing(world, manager, body, says):
    answer = manager.post(f"{world.url}/freeze", body)
    assert answer.status_code == 422 and says in text(answer)
    assert not Period.objects.exists()


def test_money_that_is_open_needs_a_reason(world, manager, practice_a):
    from cleanclaim_server.claims.models import Claim

    Claim.objects.update(lifecycle="unsure")
    answer = manager.post(f"{world.url}/freeze", {"month": "2026-10", "sure": "1"})
    assert answer.status_code == 422 and "say why it closes anyway" in text(answer)
    body = {"month": "2026-10", "sure": "1", "reason": "Asked the clearinghouse, it knows both"}
    assert manager.post(f"{world.url}/freeze", body).status_code == 302
    assert Period.objects.get().reason == "Asked the clearinghouse, it knows both"


@pytest.mark.parametrize("role", ["poster", "biller", "auditor"])
def test_who_posts_does_not_close(world, role, make_user, client_for, practice_a):
    client = client_for(make_user(role, [practice_a]))
    page = text(client.get(f"{world.url}?month=2026-10"))
    assert "A manager or the owner of the practice closes the month." in page
    assert client.post(f"{world.url}/freeze", {"month": "2026-10", "sure": "1"}).status_code == 403
    assert not Period.objects.exists()


def test_a_month_that_is_not_closed_has_no_books_to_export(world, manager):
    assert manager.get(f"{world.url}/books?month=2026-10").status_code == 404


def test_the_list_costs_the_same_for_any_number_of_practices(
    world, manager, make_practice, agency, django_assert_max_num_queries, practice_a
):
    from cleanclaim_server.identity.models import Grant, User

    for number in range(6):
        other = make_practice(agency, f"Z{number}")
        Grant.objects.create(user=User.objects.get(display_name="Mo Manager"), practice=other, role="manager")
    with django_assert_max_num_queries(40):
        assert manager.get("/month/close?month=2026-10").content.count(b"data-href") == 7


def test_the_month_says_that_it_is_closed(world, manager):
    manager.post(f"{world.url}/freeze", {"month": "2026-10", "sure": "1"})
    assert "Closed: its books are frozen" in text(manager.get("/month?month=2026-10"))
    assert "Open month" in text(manager.get(f"/month?month={date(2026, 12, 1):%Y-%m}"))
