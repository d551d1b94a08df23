"""A session that will never be billed leaves the work with a reason; correcting it brings it back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from cleanclaim_server.audit.recording import record
from cleanclaim_server.charges.models import Charge
from cleanclaim_server.cycle.handling.holding import HandlingRefused, reason_of
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.work.actions import close_items
from cleanclaim_server.work.models import Queue

NOT_BILLABLE = "not_billable"
"""The state, and under `Encounter.coding` who said so, when and why. Coding it again overwrites both."""


def set_not_billable(
    encounter_id: UUID, practice_id: UUID, *, reason: str, actor_id: UUID, now: datetime
) -> Encounter:
    """Say that a session without charges is not billed, and close what waits for it.

    `amend_session` takes it back: the session is coded again, and goes on or asks for a person again.

    Args:
        reason: Why, in a few words; no clinical content.

    Raises:
        HandlingRefused: No reason, the session has charges, is void, or is not billed already.
    """
    reason = reason_of(reason, "Not billing a session")
    one = Encounter.objects.select_for_update(of=("self",)).get(pk=encounter_id, practice_id=practice_id)
    if one.state == NOT_BILLABLE:
        raise HandlingRefused(
            "session.not_billable_before", "This session is marked as not billable already."
        )
    if one.state == "void":
        raise HandlingRefused("session.void", "The session is void.")
    if Charge.objects.filter(practice_id=practice_id, encounter=one, is_void=False).exists():
        raise HandlingRefused(
            "session.charged", "This session has charges in the books; hold or write off its claim instead."
        )
    one.state = NOT_BILLABLE
    one.coding = {
        **one.coding,
        NOT_BILLABLE: {"reason": reason, "by": str(actor_id), "at": now.isoformat()},
    }
    one.save(update_fields=["state", "coding"])
    for queue in (Queue.SESSION, Queue.UNSIGNED):
        close_items(practice_id, queue, [one.pk], now=now, reason="Not billable", closed_by=actor_id)
    record("encounter.not_billable", "encounter", one.pk, practice_id=practice_id, actor=actor_id)
    return one
