"""The route table: every route, every role, objects of another practice and of another agency: 403 or 404."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cleanclaim_server.identity.roles import Role
from cleanclaim_server.web.urls import urlpatterns

EXTRA = {"change": "take"}


def parameters(route) -> list[str]:
    return list(route.pattern.converters) or list(route.pattern.regex.groupindex)


WITH_OBJECT = [route for route in urlpatterns if parameters(route)]
WITHOUT = [route for route in urlpatterns if not parameters(route)]


def test_every_route_names_its_need():
    assert [route.name for route in urlpatterns if not hasattr(route.callback, "required")] == []


def test_every_parameter_has_an_object_to_try(records_a):
    named = {name for route in WITH_OBJECT for name in parameters(route)}
    assert named <= set(records_a) | set(EXTRA)


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_objects_of_others_are_absent(
    role, make_user, client_for, practice_a, records_a, records_b, records_foreign
):
    """Their ids answer as ids that never were, whoever asks and however."""
    provider = records_a["provider"] if role == "clinician" else None
    client = client_for(make_user(role, [practice_a], provider=provider))
    seen = []
    for route in WITH_OBJECT:
        for records in (records_b, records_foreign):
            values = {name: str((EXTRA | records)[name]) for name in parameters(route)}
            path = reverse(f"web:{route.name}", kwargs=values)
            seen += [(route.name, client.get(path).status_code), (route.name, client.post(path).status_code)]
    assert [row for row in seen if row[1] not in (403, 404, 405)] == []
    refused = {name for name, status in seen if status in (403, 404)}
    assert {route.name for route in WITH_OBJECT} - refused == set()


def test_nobody_signed_in_goes_to_the_sign_in_page(client, db):
    for route in WITHOUT:
        assert client.get(reverse(f"web:{route.name}")).status_code in (302, 405), route.name
