"""Claims that a rule held until a day: checked again when the day has come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from cleanclaim_server.claims.models import ClaimFinding
from cleanclaim_server.cycle.intake.checking import recheck_claims
from cleanclaim_server.cycle.intake.practice_rules import WAITING
from cleanclaim_server.practice.models import Practice


def release_due(practice_ids: set[UUID] | frozenset[UUID], *, now: datetime) -> int:
    """Check the claims again whose hold by a rule is over. Returns how many; the tenant is the caller's."""
    count = 0
    for practice in Practice.objects.filter(pk__in=practice_ids).select_related("agency").order_by("id"):
        today = timezone.localdate(now, ZoneInfo(practice.agency.timezone))
        held = ClaimFinding.objects.filter(
            practice=practice, code__startswith="practice_rules.", claim__lifecycle__in=WAITING
        )
        due = {
            claim
            for claim, facts in held.values_list("claim_id", "facts")
            if "until" in facts and facts["until"] <= str(today)
        }
        if due:
            count += recheck_claims(practice, sorted(due), now=now, today=today)
    return count
