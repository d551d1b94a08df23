"""Who is enrolled with which payer, from when to when."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from cleanclaim_server.coverage.models import Enrollment, Payer
from cleanclaim_server.practice.actions import SetUpRefused
from cleanclaim_server.practice.models import Provider


def add_enrollment(
    practice_id: UUID,
    *,
    payer: Payer,
    role: Enrollment.Role,
    provider: Provider | None,
    starts_on: date,
    actor_id: UUID,
    now: datetime,
    ends_on: date | None = None,
    reference: str = "",
) -> Enrollment:
    """Put an enrollment on file.

    Raises:
        SetUpRefused: A clinician is missing or stands where only the practice can, the days do not fit, or
            the same enrollment is in force on one of them.
    """
    if role == Enrollment.Role.RENDERING and provider is None:
        raise SetUpRefused("provider", "enrollment.who", "Choose who renders")
    if role != Enrollment.Role.RENDERING and provider is not None:
        raise SetUpRefused("provider", "enrollment.who", "Here the practice is enrolled; leave this empty")
    if ends_on is not None and ends_on < starts_on:
        raise SetUpRefused("ends_on", "enrollment.dates", "It would end before it begins")
    same = Enrollment.objects.filter(practice_id=practice_id, payer=payer, role=role, provider=provider)
    for other in same:
        before = other.ends_on is not None and other.ends_on < starts_on
        after = ends_on is not None and ends_on < other.starts_on
        if not (before or after):
            raise SetUpRefused("starts_on", "enrollment.known", "The same is on file for some of these days")
    return Enrollment.objects.create(
        practice_id=practice_id,
        payer=payer,
        role=role,
        provider=provider,
        starts_on=starts_on,
        ends_on=ends_on,
        reference=reference,
        recorded_at=now,
        recorded_by=actor_id,
    )


def end_enrollment(one: Enrollment, *, last_day: date, actor_id: UUID) -> Enrollment:
    """Let an enrollment end.

    Raises:
        SetUpRefused: It has ended, or would end before it begins.
    """
    if one.ends_on is not None:
        raise SetUpRefused("ends_on", "enrollment.ended", "It has its last day already")
    if last_day < one.starts_on:
        raise SetUpRefused("ends_on", "enrollment.dates", "It would end before it begins")
    one.ends_on, one.ended_by = last_day, actor_id
    one.save(update_fields=["ends_on", "ended_by"])
    return one
