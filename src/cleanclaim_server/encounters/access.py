"""The door of encounters: the one way to a single record. What is absent and what is not ours look alike."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def access_encounter(tenant: TenantContext, encounter_id: UUID) -> Encounter:
    """One session of a practice in reach.

    Raises:
        Http404: There is none in reach.
    """
    found = (
        visible(
            Encounter.objects.select_related(
                "practice",
                "patient",
                "rendering_provider",
                "supervising_provider",
                "location",
                "coverage__plan__payer",
            ),
            tenant,
        )
        .filter(pk=encounter_id)
        .first()
    )
    if found is None:
        raise Http404
    return found
