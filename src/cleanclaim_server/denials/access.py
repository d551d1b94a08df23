"""The only door to denials."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404

from cleanclaim_server.denials.models import Denial
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def access_denial(tenant: TenantContext | None, denial_id: UUID) -> Denial:
    """One denial in reach, with its claim.

    Raises:
        Http404: Not there, or not theirs: the same answer.
    """
    rows = Denial.objects.select_related("claim", "claim_line", "remittance_claim").defer("claim__frozen")
    return get_object_or_404(visible(rows, tenant), pk=denial_id)
