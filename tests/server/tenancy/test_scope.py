"""The first wall: which rows a tenant context leaves visible."""

from __future__ import annotations

import pytest

from cleanclaim_server.identity.models import User
from cleanclaim_server.practice.models import Location, Practice, Provider
from cleanclaim_server.tenancy.context import TenantContext, current_tenant, system_context, tenant_context
from cleanclaim_server.tenancy.scope import ScopeError, visible

pytestmark = pytest.mark.django_db


@pytest.fixture
def locations(practice_a, practice_b, foreign_practice):
    return {
        practice.code: Location.objects.create(
            practice=practice, name=practice.code, address_line1="1", city="C", state="NY", postal_code="1"
        )
        for practice in (practice_a, practice_b, foreign_practice)
    }


def codes(tenant) -> list[str]:
    return sorted(visible(Location.objects.all(), tenant).values_list("name", flat=True))


def test_rows_of_the_practices_in_reach_are_visible(
    agency, practice_a, practice_b, foreign_practice, locations
):
    table = [
        (None, [], "no context"),
        (TenantContext(agency.pk), [], "an agency without practices"),
        (TenantContext(agency.pk, frozenset({practice_a.pk})), ["AA"], "one practice"),
        (
            TenantContext(agency.pk, frozenset({practice_a.pk, practice_b.pk})),
            ["AA", "BB"],
            "a set of practices",
        ),
    ]
    for tenant, expected, why in table:
        assert codes(tenant) == expected, why


def test_practices_themselves_are_filtered_by_agency_too(agency, practice_a, foreign_practice):
    tenant = TenantContext(agency.pk, frozenset({practice_a.pk, foreign_practice.pk}))
    assert list(visible(Practice.objects.all(), tenant)) == [practice_a]


def test_a_table_without_tenant_is_refused(agency):
    with pytest.raises(ScopeError):
        visible(User.objects.all(), TenantContext(agency.pk))


def test_a_clinician_sees_only_what_leads_to_them(agency, practice_a, monkeypatch):
    names = {"taxonomy": "103T00000X", "credential": "PhD", "practice": practice_a, "last_name": "Example"}
    boss = Provider.objects.create(first_name="Ada", npi="1", **names)
    Provider.objects.create(first_name="Bea", npi="2", supervisor=boss, **names)
    tenant = TenantContext(
        agency.pk, frozenset({practice_a.pk}), None, frozenset({practice_a.pk}), frozenset({boss.pk})
    )
    seen = {}
    for path in (None, "", "supervisor"):
        if path is not None:
            monkeypatch.setattr(Provider, "clinician_path", path, raising=False)
        else:
            monkeypatch.delattr(Provider, "clinician_path", raising=False)
        seen[path] = sorted(visible(Provider.objects.all(), tenant).values_list("first_name", flat=True))
    assert seen == {None: [], "": ["Ada", "Bea"], "supervisor": ["Bea"]}


def test_contexts_nest_and_end(agency, practice_a, practice_b):
    assert current_tenant() is None
    with tenant_context(agency.pk, [practice_a.pk]) as outer:
        with system_context(agency.pk) as inner:
            assert inner.practice_ids == {practice_a.pk, practice_b.pk}
            assert current_tenant() is inner
        assert current_tenant() is outer
        with pytest.raises(ZeroDivisionError), tenant_context(agency.pk, []):
            1 / 0
        assert current_tenant() is outer
    assert current_tenant() is None
