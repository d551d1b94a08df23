"""Sessions end when told: idle, absolute, everywhere, and with the role."""

from __future__ import annotations

import pytest
from django.test import Client

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.identity.models import Grant
from cleanclaim_server.identity.sessions import sign_out_everywhere

pytestmark = pytest.mark.django_db

MINUTE, HOUR = 60, 3600


def is_in(client) -> bool:
    return client.get("/password").status_code == 200


IDLE = [  # agency, seconds idle, still in, why
    ({}, 15 * MINUTE - 1, True, "one second before the default limit"),
    ({}, 15 * MINUTE, False, "at the limit"),
    ({}, 15 * MINUTE + 1, False, "one second after it"),
    ({"settings": {"idle_minutes": 5}}, 5 * MINUTE - 1, True, "a shared workstation, before"),
    ({"settings": {"idle_minutes": 5}}, 5 * MINUTE + 1, False, "a shared workstation, after"),
    ({"settings": {"idle_minutes": 600}}, 15 * MINUTE + 1, False, "an agency cannot choose a longer limit"),
    ({"is_demo": True}, 8 * HOUR - 1, True, "the demo, before"),
    ({"is_demo": True}, 8 * HOUR + 1, False, "the demo, after"),
]


@pytest.mark.parametrize(("fields", "seconds", "still_in", "why"), IDLE)
def test_idle_log_off(agency, make_user, client_for, clock, fields, seconds, still_in, why):
    for name, value in fields.items():
        setattr(agency, name, value)
    agency.save()
    client = client_for(make_user())
    clock.tick(seconds)
    assert is_in(client) is still_in, why
    ended = AuditRow.objects.filter(action="session.ended", detail__reason="idle").count()
    assert ended == (0 if still_in else 1)


def test_work_keeps_a_session_alive_until_the_absolute_limit(make_user, client_for, clock):
    client = client_for(make_user())
    for _ in range(12 * 6 - 1):
        clock.tick(10 * MINUTE)
        assert is_in(client)
    clock.tick(10 * MINUTE - 1)
    assert is_in(client), "11:59:59"
    clock.tick(2)
    assert not is_in(client), "12:00:01"


def test_polling_does_not_keep_a_session_alive(make_user, client_for, clock):
    client = client_for(make_user())
    for _ in range(3):
        clock.tick(4 * MINUTE)
        assert client.get("/password", headers={"X-Cleanclaim-Background": "1"}).status_code == 200
    clock.tick(3 * MINUTE + 1)
    assert not is_in(client)


def test_a_clock_set_back_ends_nothing_and_opens_nothing(make_user, client_for, clock):
    client = client_for(make_user())
    clock.tick(-HOUR)
    assert is_in(client)


def test_signing_out_everywhere_ends_all_parallel_sessions(make_user, client_for, clock):
    user = make_user()
    clients = [client_for(user) for _ in range(3)]
    assert [is_in(client) for client in clients] == [True] * 3
    sign_out_everywhere(user)
    assert [is_in(client) for client in clients] == [False] * 3


def test_signing_out_ends_one_session(make_user, client_for, clock):
    user = make_user()
    one, other = client_for(user), client_for(user)
    assert one.get("/sign-out").status_code == 405, "a link cannot sign you out"
    assert one.post("/sign-out").url == "/sign-in"
    assert (is_in(one), is_in(other)) == (False, True)


def test_a_disabled_user_and_a_lost_role_are_gone_with_the_next_click(
    make_user, practice_a, client_for, clock
):
    manager = make_user("manager", [practice_a])
    client = client_for(manager)
    assert client.get("/users").status_code == 200
    Grant.objects.filter(user=manager).delete()
    assert client.get("/users").status_code == 403
    manager.is_active = False
    manager.save()
    assert not is_in(client)


def test_a_fragment_of_an_ended_session_moves_the_whole_page(client, db):
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.test/claims?page=2"}
    answer = client.get("/users", headers=headers)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/claims%3Fpage%3D2"
    assert client.get("/users").url == "/sign-in?next=/users"


def test_cookies_and_headers(client, db):
    answer = client.get("/sign-in")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Request-Id"]
    cookie = answer.cookies["cleanclaim-csrf"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"


def test_a_form_of_another_site_is_refused(make_user):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/sign-in", {"email": "a@example.test", "password": "x"}).status_code == 403
