"""Reads of denials."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Count, F, QuerySet, Sum

from cleanclaim_server.denials.models import Denial
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

OPEN_STATES = ("open", "working")


def list_denials(tenant: TenantContext | None, *, state: str = "", category: str = "") -> QuerySet[Denial]:
    """Denials in reach, soonest due first, then dearest. Without a state: those that are open."""
    rows = visible(Denial.objects.select_related("claim", "claim__payer"), tenant).defer("claim__frozen")
    rows = rows.filter(state=state) if state else rows.filter(state__in=OPEN_STATES)
    if category:
        rows = rows.filter(category=category)
    return rows.order_by(F("due_on").asc(nulls_last=True), "-amount_cents", "id")


def claim_denials(tenant: TenantContext | None, claim_id: UUID) -> QuerySet[Denial]:
    """Every denial of one claim, oldest first."""
    return visible(Denial.objects.filter(claim_id=claim_id), tenant).order_by("denied_on", "id")


def denied_by_category(tenant: TenantContext | None) -> list[dict]:
    """Open denials by category: how many and how many cents, dearest first."""
    rows = visible(Denial.objects.filter(state__in=OPEN_STATES), tenant).values("category")
    return list(rows.annotate(items=Count("id"), cents=Sum("amount_cents")).order_by("-cents", "category"))


def denied_in_month(tenant: TenantContext | None, first: date, last: date) -> list[dict]:
    """Lines denied in some days by category, dearest first; those taken back aside."""
    rows = visible(Denial.objects.filter(denied_on__range=(first, last)), tenant).exclude(state="reversed")
    found = rows.order_by().values("category").annotate(items=Count("id"), cents=Sum("amount_cents"))
    return list(found.order_by("-cents", "category"))
