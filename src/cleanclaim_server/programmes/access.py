"""The door of episodes: the one way to a single record. Absent and foreign look alike."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from cleanclaim_server.programmes.models import Episode
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def access_episode(tenant: TenantContext, episode_id: UUID) -> Episode:
    """One episode of a practice in reach.

    Raises:
        Http404: There is none in reach.
    """
    rows = Episode.objects.select_related("practice", "patient", "attending", "location", "authorization")
    found = visible(rows, tenant).filter(pk=episode_id).first()
    if found is None:
        raise Http404
    return found
