"""Reads of episodes and days."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet

from cleanclaim_server.programmes.models import Episode, ProgrammeDay
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

UNBILLED = Q(days__encounter__isnull=True, days__isnull=False)


def episodes(tenant: TenantContext, filters: Mapping[str, str] | None = None) -> QuerySet[Episode]:
    """Episodes in reach, with counts of days. Filters: state (open, ended, waiting), program, patient."""
    filters = filters or {}
    rows = visible(Episode.objects.select_related("patient", "attending"), tenant).annotate(
        days_total=Count("days"),
        days_waiting=Count("days", filter=UNBILLED),
        last_day=Max("days__on"),
        first_waiting=Min("days__on", filter=UNBILLED),
    )
    state = filters.get("state", "")
    if state == "open":
        rows = rows.filter(ended_on__isnull=True)
    elif state == "ended":
        rows = rows.filter(ended_on__isnull=False)
    elif state == "waiting":
        rows = rows.filter(days_waiting__gt=0)
    if filters.get("program"):
        rows = rows.filter(program=filters["program"])
    if filters.get("patient"):
        try:
            rows = rows.filter(patient_id=UUID(filters["patient"]))
        except ValueError:
            rows = rows.none()
    return rows


def episode_counts(tenant: TenantContext) -> dict[str, int]:
    """How many episodes are open, ended, and have days to bill."""
    rows = visible(Episode.objects.all(), tenant)
    waiting = visible(ProgrammeDay.objects.filter(encounter__isnull=True), tenant)
    return {
        "open": rows.filter(ended_on__isnull=True).count(),
        "ended": rows.filter(ended_on__isnull=False).count(),
        "waiting": waiting.order_by().values("episode_id").distinct().count(),
    }


def days_of(episode: Episode) -> list[ProgrammeDay]:
    """The days of an episode in order. The episode came through its door."""
    rows = ProgrammeDay.objects.filter(episode=episode, practice_id=episode.practice_id)
    return list(rows.select_related("encounter").order_by("on"))
