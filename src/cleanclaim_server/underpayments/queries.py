"""Reads of comparisons and projects, for lists."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum

from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.underpayments.models import (
    PRICED,
    LineComparison,
    LineState,
    ProjectLine,
    Status,
    UnderpaymentProject,
)

LIVE_LINES = Q(lines__is_live=True)


@dataclass(frozen=True)
class Coverage:
    """Paid lines of one payer at one practice: how many a rate answered for."""

    priced: int = 0
    unknown: int = 0
    underpaid: int = 0
    short_cents: int = 0
    overpaid: int = 0

    @property
    def lines(self) -> int:
        return self.priced + self.unknown


def coverage(tenant: TenantContext | None, since: date) -> dict[tuple[UUID, UUID], Coverage]:
    """By practice and payer, for dates of service from a day on."""
    rows = visible(LineComparison.objects.filter(is_current=True, date_of_service__gte=since), tenant)
    found = (
        rows.order_by()
        .values_list("practice_id", "payer_id")
        .annotate(
            priced=Count("id", filter=Q(status__in=PRICED)),
            unknown=Count("id", filter=Q(status=Status.UNKNOWN)),
            underpaid=Count("id", filter=Q(status=Status.UNDERPAID)),
            short=Sum("short_cents", filter=Q(status=Status.UNDERPAID)),
            overpaid=Count("id", filter=Q(status=Status.OVERPAID)),
        )
    )
    return {
        (practice, payer): Coverage(priced, unknown, under, short or 0, over)
        for practice, payer, priced, unknown, under, short, over in found
    }


def projects(tenant: TenantContext | None) -> QuerySet[UnderpaymentProject]:
    """Projects in reach with their sums: lines, asked, recovered, open, first and last day of service."""
    rows = visible(UnderpaymentProject.objects.select_related("payer"), tenant).defer("letter")
    is_open = Q(lines__state=LineState.OPEN)
    asked = F("lines__asked_cents") + F("lines__interest_cents")
    return rows.annotate(
        lines_count=Count("lines", filter=LIVE_LINES),
        open_count=Count("lines", filter=is_open),
        total_cents=Sum(asked, filter=LIVE_LINES, default=0),
        recovered_cents=Sum("lines__recovered_cents", filter=LIVE_LINES, default=0),
        open_cents=Sum(asked - F("lines__recovered_cents"), filter=is_open, default=0),
        first_on=Min("lines__comparison__date_of_service", filter=LIVE_LINES),
        last_on=Max("lines__comparison__date_of_service", filter=LIVE_LINES),
    )


def project_lines(tenant: TenantContext | None, project: UnderpaymentProject) -> QuerySet[ProjectLine]:
    """The lines of a project, by date of service."""
    rows = visible(ProjectLine.objects.filter(project=project), tenant)
    return (
        rows.select_related("claim_line", "claim__patient", "comparison", "settled_by")
        .defer("claim__frozen")
        .order_by("comparison__date_of_service", "claim_line__control_number")
    )


def overpaid_lines(tenant: TenantContext | None) -> QuerySet[LineComparison]:
    """Lines that payers paid above their contracts, most money first."""
    rows = visible(LineComparison.objects.filter(is_current=True, status=Status.OVERPAID), tenant)
    return rows.select_related("claim", "claim__patient", "claim_line", "payer").defer("claim__frozen")


def comparisons_of_claims(
    tenant: TenantContext | None, claim_ids: Collection[UUID]
) -> dict[UUID, LineComparison]:
    """The comparison that counts of each line of these claims, by line."""
    rows = visible(LineComparison.objects.filter(is_current=True, claim_id__in=claim_ids), tenant)
    return {row.claim_line_id: row for row in rows}
