"""The same flows under the role the application has in production, behind forced row security."""

from __future__ import annotations

import pyotp
import pytest
from django.test import Client

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.identity.models import User
from cleanclaim_server.practice.models import Provider

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_signing_in_from_the_first_step_to_the_page(make_user, practice_a, clock, app_role):
    manager = make_user("manager", [practice_a])
    client = Client()
    with app_role():
        assert client.post("/sign-in", {"email": "nobody@example.test", "password": "x"}).status_code == 200
        assert client.post("/sign-in", {"email": manager.email, "password": "x"}).status_code == 200
        assert (
            client.post("/sign-in", {"email": manager.email, "password": PASSWORD}).url == "/sign-in/set-up"
        )
        secret = client.get("/sign-in/set-up").context["secret"]
        done = client.post("/sign-in/set-up", {"code": pyotp.TOTP(secret).at(int(clock.now))})
        assert len(done.context["codes"]) == 10
        page = client.get("/users")
        assert [person.pk for person in page.context["people"]] == [manager.pk]
        assert client.post("/sign-out").status_code == 302
    actions = list(AuditRow.objects.order_by("id").values_list("action", flat=True))
    assert actions == [
        "sign_in.failed", "sign_in.failed", "second_factor.enrolled", "session.began", "user.listed", "session.ended",
    ]  # fmt: skip


def test_an_administrator_without_any_practice_manages_users(
    make_user, practice_a, client_for, clock, app_role
):
    provider = Provider.objects.create(
        practice=practice_a, first_name="A", last_name="B", npi="1", taxonomy="t", credential="PhD"
    )
    client = client_for(make_user(is_user_admin=True))
    form = {
        "email": "new@example.test", "display_name": "New", "practice": practice_a.pk, "role": "clinician",
        "provider": provider.pk,
    }  # fmt: skip
    with app_role():
        assert client.post("/users", form).status_code == 200
        person = User.objects.get(email="new@example.test")
        assert person.grants.get().provider_id == provider.pk
        assert client.get(f"/users/{person.pk}").context["providers"] == [provider]
        assert client.post(f"/users/{person.pk}/disable").status_code == 302
