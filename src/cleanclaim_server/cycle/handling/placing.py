"""What a person decides about an eligibility reply that waited: at which policy it goes on file, or aside."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from cleanclaim_server.audit.recording import record
from cleanclaim_server.coverage.actions import CoverageRefused
from cleanclaim_server.coverage.models import Coverage, EligibilityReply
from cleanclaim_server.coverage.models import EligibilityAnswer as KeptAnswer
from cleanclaim_server.coverage.verifying import check_answer
from cleanclaim_server.cycle.handling.consenting import recheck_patients
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.work.actions import close_items
from cleanclaim_server.work.models import Queue

Said = KeptAnswer.Said


@transaction.atomic
def place_reply(
    reply: EligibilityReply, coverage: Coverage, *, actor_id: UUID, now: datetime, today: date
) -> int:
    """A person says which policy a reply is about: it goes on file there; waiting claims are checked.

    Returns:
        How many waiting claims were checked again.

    Raises:
        CoverageRefused: It was decided before, says nothing clear, or cannot be of this policy.
    """
    row = _undecided(reply)
    if row.said == Said.UNKNOWN:
        raise CoverageRefused("said", "It says nothing clear. Record by hand what you read in it.")
    other = row.said == Said.ACTIVE and row.primary_elsewhere and coverage.order == 1
    word = Said.OTHER_PAYER if other else Said(row.said)
    days = {"asked_for": row.speaks_for, "answered_on": row.answered_on, "ended_on": row.ended_on}
    check_answer(coverage, word, today=today, **days)
    kept = KeptAnswer.objects.create(
        practice_id=row.practice_id, coverage=coverage, said=word, source=KeptAnswer.Asked.ANSWER_271,
        reference=row.reference, file_id=row.file_id, transaction=row.transaction, position=row.position,
        recorded_at=now, recorded_by=actor_id, **days,
    )  # fmt: skip
    record(
        "coverage.answer_recorded", "coverage", coverage.pk, practice_id=row.practice_id, actor=actor_id,
        said=str(word), by="271",
    )  # fmt: skip
    _decide(row, EligibilityReply.State.TAKEN, "Placed at a policy", actor_id, now, kept)
    practice = Practice.objects.get(pk=row.practice_id)
    return recheck_patients(practice, {coverage.patient_id}, now=now, today=today)


@transaction.atomic
def set_reply_aside(reply: EligibilityReply, *, actor_id: UUID, now: datetime) -> None:
    """Nothing is to be done with a reply, or it was recorded by hand.

    Raises:
        CoverageRefused: It was decided before.
    """
    _decide(_undecided(reply), EligibilityReply.State.ASIDE, "Set aside", actor_id, now, None)


def _undecided(reply: EligibilityReply) -> EligibilityReply:
    row = EligibilityReply.objects.select_for_update(of=("self",)).get(pk=reply.pk)
    if row.state != EligibilityReply.State.WAITING:
        raise CoverageRefused("state", "It was decided before.")
    return row


def _decide(
    row: EligibilityReply, state: str, reason: str, actor_id: UUID, now: datetime, kept: KeptAnswer | None
) -> None:
    row.state, row.answer, row.decided_at, row.decided_by = state, kept, now, actor_id
    row.save(update_fields=["state", "answer", "decided_at", "decided_by"])
    record(
        "coverage.reply_decided",
        "eligibility",
        row.pk,
        practice_id=row.practice_id,
        actor=actor_id,
        state=state,
    )
    close_items(row.practice_id, Queue.ELIGIBILITY, [row.pk], now=now, reason=reason, closed_by=actor_id)
