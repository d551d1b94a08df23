"""The only doors to remittances."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404

from cleanclaim_server.remittances.models import InboxRemittance, Remittance, RemittanceClaim
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def access_remittance(tenant: TenantContext | None, remittance_id: UUID) -> Remittance:
    """One remittance in reach.

    Raises:
        Http404: Not there, or not theirs: the same answer.
    """
    rows = Remittance.objects.select_related("practice", "payer", "file", "inbox")
    rows = rows.defer("file__content", "inbox__content")
    return get_object_or_404(visible(rows, tenant), pk=remittance_id)


def access_remittance_claim(tenant: TenantContext | None, row_id: UUID) -> RemittanceClaim:
    """One claim payment in reach, with its remittance.

    Raises:
        Http404: Not there, or not theirs: the same answer.
    """
    rows = RemittanceClaim.objects.select_related("remittance", "claim")
    return get_object_or_404(visible(rows, tenant), pk=row_id)


def access_inbox_remittance(tenant: TenantContext | None, inbox_id: UUID) -> InboxRemittance:
    """One received payment of the agency, assigned or not.

    Raises:
        Http404: Not there, or not theirs: the same answer.
    """
    rows = InboxRemittance.objects.select_related("file").defer("file__content")
    return get_object_or_404(visible(rows, tenant), pk=inbox_id)
