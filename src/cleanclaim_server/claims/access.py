"""The door of claims: the one way to a single record. What is absent and what is not ours look alike."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from cleanclaim_server.claims.models import Batch, Claim
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def access_claim(tenant: TenantContext, claim_id: UUID) -> Claim:
    """One claim of a practice in reach.

    Raises:
        Http404: There is none in reach.
    """
    found = (
        visible(
            Claim.objects.select_related(
                "practice", "patient", "payer", "rendering_provider", "family__encounter"
            ),
            tenant,
        )
        .filter(pk=claim_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def access_batch(tenant: TenantContext, batch_id: UUID) -> Batch:
    """One batch of a practice in reach.

    Raises:
        Http404: There is none in reach.
    """
    rows = Batch.objects.select_related("practice", "transfer__partner", "transfer__file")
    found = (
        visible(rows.defer("transfer__file__content", "transfer__partner__config"), tenant)
        .filter(pk=batch_id)
        .first()
    )
    if found is None:
        raise Http404
    return found
