"""Reads of practices and their people."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count

from cleanclaim_server.practice.models import Location, Practice, Provider
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def practice_marks(agency_id: UUID) -> dict[UUID, dict]:
    """Code, name and hue of an agency's practices, by id, in the order of their codes."""
    rows = Practice.objects.filter(agency_id=agency_id).order_by("code").values("id", "code", "name", "hue")
    return {row.pop("id"): row for row in rows}


def providers_of(tenant: TenantContext):
    """Clinicians at work, by name."""
    return visible(Provider.objects.filter(is_active=True), tenant).order_by("last_name", "first_name", "id")


def locations_of(tenant: TenantContext):
    """Places of session, the billing address first."""
    return visible(Location.objects.all(), tenant).order_by("-is_billing_address", "name", "id")


def clinicians_by_practice(tenant: TenantContext) -> dict[UUID, int]:
    """How many clinicians are at work in each practice."""
    return dict(providers_of(tenant).order_by().values_list("practice_id").annotate(n=Count("id")))


def states_of_practices(tenant: TenantContext) -> dict[UUID, set[str]]:
    """In which states each practice sees patients, by its places."""
    found: dict[UUID, set[str]] = {}
    for key, state in locations_of(tenant).order_by().values_list("practice_id", "state").distinct():
        found.setdefault(key, set()).add(state)
    return found
