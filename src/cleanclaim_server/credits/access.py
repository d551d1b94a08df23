"""The door of refunds. What is absent and what is not ours look alike."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from cleanclaim_server.credits.models import Refund
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def access_refund(tenant: TenantContext, refund_id: UUID) -> Refund:
    """One refund of a practice in reach.

    Raises:
        Http404: There is none in reach.
    """
    found = visible(Refund.objects.select_related("patient", "claim"), tenant).filter(pk=refund_id).first()
    if found is None:
        raise Http404
    return found
