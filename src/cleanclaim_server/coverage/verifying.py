"""What payers said when they were asked whether a policy is in force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from cleanclaim_server.audit.recording import record
from cleanclaim_server.coverage.actions import CoverageRefused
from cleanclaim_server.coverage.models import Coverage, EligibilityAnswer
from cleanclaim_server.tenancy.bulk import chunks


def record_answer(
    coverage: Coverage,
    *,
    said: EligibilityAnswer.Said,
    asked_for: date,
    answered_on: date,
    source: EligibilityAnswer.Asked,
    actor_id: UUID,
    now: datetime,
    today: date,
    ended_on: date | None = None,
    reference: str = "",
) -> EligibilityAnswer:
    """Keep an answer of a payer, with its day and where it came from.

    Args:
        asked_for: The day of service asked about; an answer says nothing of earlier services.
        ended_on: The last day in force, where the payer named one.

    Raises:
        CoverageRefused: The answer is of a day to come, or says an end of a policy that it calls active on
            a later day.
    """
    check_answer(coverage, said, asked_for=asked_for, answered_on=answered_on, ended_on=ended_on, today=today)
    one = EligibilityAnswer.objects.create(
        practice_id=coverage.practice_id,
        coverage=coverage,
        said=said,
        asked_for=asked_for,
        answered_on=answered_on,
        ended_on=ended_on,
        source=source,
        reference=reference,
        recorded_at=now,
        recorded_by=actor_id,
    )
    record(
        "coverage.answer_recorded",
        "coverage",
        coverage.pk,
        practice_id=coverage.practice_id,
        actor=actor_id,
        said=str(said),
    )
    return one


def check_answer(
    coverage: Coverage, said: str, *, asked_for: date, answered_on: date, ended_on: date | None, today: date
) -> None:
    """Refuse an answer that cannot be.

    Raises:
        CoverageRefused: As `record_answer` says.
    """
    if answered_on > today:
        raise CoverageRefused("answered_on", "An answer cannot be of a day to come.")
    if ended_on is not None and ended_on < coverage.starts_on:
        raise CoverageRefused("ended_on", "The policy on file starts after this day: correct the policy.")
    if said == EligibilityAnswer.Said.ACTIVE and ended_on is not None and ended_on < asked_for:
        raise CoverageRefused("ended_on", "It cannot be active on a day after its last one.")


def newest_answers(practice_id: UUID, coverage_ids: Iterable[UUID]) -> dict[UUID, EligibilityAnswer]:
    """The newest answer of each policy that was ever asked about."""
    newest: dict[UUID, EligibilityAnswer] = {}
    for part in chunks(sorted(coverage_ids)):
        rows = EligibilityAnswer.objects.filter(practice_id=practice_id, coverage_id__in=part)
        for row in rows.order_by("answered_on", "recorded_at", "id"):
            newest[row.coverage_id] = row
    return newest
