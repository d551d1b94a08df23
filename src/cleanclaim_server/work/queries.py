"""Reads of the work queues."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, F, Min, Q, QuerySet, Sum

from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.work.models import Queue, WorkItem


def open_work(
    tenant: TenantContext | None, queue: str = "", *, today: date | None = None
) -> QuerySet[WorkItem]:
    """Open items, soonest due first, then dearest. With `today`, sleeping items are left out."""
    items = visible(WorkItem.objects.filter(is_open=True), tenant)
    if queue:
        items = items.filter(queue=queue)
    if today is not None:
        items = items.filter(Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=today))
    return items.order_by(F("due_on").asc(nulls_last=True), "-amount_cents", "id")


def queue_totals(tenant: TenantContext | None, *, today: date) -> list[dict]:
    """For each queue in the order of `Queue`: items, cents that depend on them, the first due day."""
    rows = {
        row["queue"]: row
        for row in open_work(tenant, today=today)
        .order_by()
        .values("queue")
        .annotate(items=Count("id"), cents=Sum("amount_cents"), first_due=Min("due_on"))
    }
    return [
        rows.get(queue.value, {"queue": queue.value, "items": 0, "cents": 0, "first_due": None})
        | {"title": queue.label}
        for queue in Queue
    ]
