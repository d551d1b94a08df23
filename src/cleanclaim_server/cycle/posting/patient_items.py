"""Who owes something now, as work for a person."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from cleanclaim.money import money_text
from cleanclaim_server.ledger.queries import patient_balances
from cleanclaim_server.work.actions import NewItem, close_items, open_items
from cleanclaim_server.work.models import Queue


def refresh_patient_items(practice_id: UUID, patient_ids: set[UUID], *, now: datetime, today: date) -> None:
    """Open an item for each patient who owes, close it for those who owe nothing more."""
    owed = patient_balances(practice_id, patient_ids)
    items = [
        NewItem(
            Queue.PATIENT,
            "patient",
            key,
            f"The patient owes {money_text(cents)}",
            patient_id=key,
            amount_cents=cents,
        )
        for key, cents in owed.items()
        if cents > 0
    ]
    open_items(practice_id, items, now=now, today=today)
    settled = [key for key in patient_ids if owed.get(key, 0) <= 0]
    close_items(practice_id, Queue.PATIENT, settled, now=now, reason="Nothing is owed")
