"""The doors of practices, clinicians and places. What is absent and what is not ours look alike."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from cleanclaim_server.practice.models import Location, Practice, Provider
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def access_practice(tenant: TenantContext, code: str) -> Practice:
    """The practice with this code.

    Raises:
        Http404: There is none in reach.
    """
    return _one(visible(Practice.objects.filter(code=code), tenant))


def access_practice_of(tenant: TenantContext, practice_id: UUID) -> Practice:
    """The practice with this id.

    Raises:
        Http404: There is none in reach.
    """
    return _one(visible(Practice.objects.filter(pk=practice_id), tenant))


def access_provider(tenant: TenantContext, provider_id: UUID) -> Provider:
    """A clinician of a practice in reach.

    Raises:
        Http404: There is none in reach.
    """
    return _one(visible(Provider.objects.filter(pk=provider_id), tenant))


def access_location(tenant: TenantContext, location_id: UUID) -> Location:
    """A place of a practice in reach.

    Raises:
        Http404: There is none in reach.
    """
    return _one(visible(Location.objects.filter(pk=location_id), tenant))


def _one(rows):
    found = rows.first()
    if found is None:
        raise Http404
    return found
