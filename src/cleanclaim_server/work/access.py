"""The only door to work items."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404

from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.work.models import WorkItem


def access_work_item(tenant: TenantContext | None, item_id: UUID) -> WorkItem:
    """One item in reach.

    Raises:
        Http404: Not there, or not theirs: the same answer.
    """
    return get_object_or_404(visible(WorkItem.objects.all(), tenant), pk=item_id)
