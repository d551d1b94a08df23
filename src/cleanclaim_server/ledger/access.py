"""The only door to ledger entries."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404

from cleanclaim_server.ledger.models import Entry, Leg
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def access_entry(tenant: TenantContext | None, entry_id: UUID) -> Entry:
    """One entry in reach.

    Raises:
        Http404: Not there, or not theirs: the same answer.
    """
    return get_object_or_404(visible(Entry.objects.select_related("source_file"), tenant), pk=entry_id)


def access_legs(tenant: TenantContext | None, claim_id: UUID) -> list[Leg]:
    """Every leg that names a claim, oldest first."""
    return list(visible(Leg.objects.filter(claim_id=claim_id), tenant).order_by("id"))
