"""Putting a policy on file and correcting it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from cleanclaim_server.audit.recording import record
from cleanclaim_server.coverage.models import Consent, Coverage, Payer, Plan
from cleanclaim_server.tenancy.sealing import blind_index

SELF = "18"
MEDICARE_SECOND = "12"
"""SBR05 when Medicare follows another payer and nobody says why: working aged, the usual case."""


class CoverageRefused(ValueError):
    """The data does not fit; `field` names which."""

    def __init__(self, field_: str, message: str) -> None:
        super().__init__(message)
        self.field = field_


@dataclass(frozen=True)
class CoverageData:
    """What a form says of a policy. `subscriber` is empty when the patient holds it."""

    plan: Plan
    order: int
    member_id: str
    starts_on: date
    ends_on: date | None = None
    group_number: str = ""
    relationship: str = SELF
    subscriber: dict[str, Any] = field(default_factory=dict)


def save_coverage(
    practice_id: UUID,
    patient_id: UUID,
    data: CoverageData,
    *,
    actor_id: UUID,
    coverage: Coverage | None = None,
) -> Coverage:
    """Write a new policy or what changed of one. Claims that were sent keep their own copies.

    Raises:
        CoverageRefused: The dates do not fit, or another policy has this place in the order on some day.
    """
    if data.ends_on is not None and data.ends_on < data.starts_on:
        raise CoverageRefused("ends_on", "The policy ends before it starts.")
    others = Coverage.objects.filter(practice_id=practice_id, patient_id=patient_id, order=data.order)
    for other in others.exclude(pk=coverage.pk if coverage else None):
        overlaps = (data.ends_on is None or other.starts_on <= data.ends_on) and (
            other.ends_on is None or data.starts_on <= other.ends_on
        )
        if overlaps:
            until = f" to {other.ends_on:%-d %b %Y}" if other.ends_on else ", without an end"
            raise CoverageRefused(
                "order",
                f"Another policy has this place from {other.starts_on:%-d %b %Y}{until}. End it first.",
            )
    new = coverage is None
    one = coverage or Coverage(practice_id=practice_id, patient_id=patient_id, source="entered")
    one.plan, one.order, one.member_id = data.plan, data.order, data.member_id
    one.member_id_index = blind_index(data.member_id, purpose="member_id", practice_id=practice_id)
    one.group_number, one.relationship = data.group_number, data.relationship
    one.subscriber = data.subscriber if data.relationship != SELF else {}
    one.starts_on, one.ends_on = data.starts_on, data.ends_on
    second = data.order > 1 and data.plan.payer.kind == "medicare"
    one.insurance_type = (one.insurance_type or MEDICARE_SECOND) if second else ""
    one.save()
    record(
        "coverage.added" if new else "coverage.changed",
        "coverage",
        one.pk,
        practice_id=practice_id,
        actor=actor_id,
    )
    return one


def record_consent(
    practice_id: UUID,
    patient_id: UUID,
    *,
    kind: Consent.Kind,
    payer: Payer | None,
    starts_on: date,
    ends_on: date | None,
    actor_id: UUID,
    now: datetime,
) -> Consent:
    """Put a consent to disclose Part 2 records, or a restriction, on file.

    Raises:
        CoverageRefused: It ends before it begins.
    """
    if ends_on is not None and ends_on < starts_on:
        raise CoverageRefused("ends_on", "It ends before it begins.")
    one = Consent.objects.create(
        practice_id=practice_id,
        patient_id=patient_id,
        kind=kind,
        payer=payer,
        starts_on=starts_on,
        ends_on=ends_on,
        recorded_at=now,
        recorded_by=actor_id,
    )
    record("consent.recorded", "consent", one.pk, practice_id=practice_id, actor=actor_id, kind=one.kind)
    return one


def end_consent(one: Consent, *, last_day: date, actor_id: UUID, now: datetime) -> Consent:
    """Write the last day of a consent that was revoked, or of a restriction that was lifted.

    Raises:
        CoverageRefused: It has ended already.
    """
    if one.ended_at is not None:
        raise CoverageRefused("ends_on", "It was ended before.")
    one.ends_on, one.ended_at, one.ended_by = last_day, now, actor_id
    one.save(update_fields=["ends_on", "ended_at", "ended_by"])
    record("consent.ended", "consent", one.pk, practice_id=one.practice_id, actor=actor_id, kind=one.kind)
    return one
