"""Opening and closing what needs a person. At most one open item per queue and subject."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from cleanclaim_server.work.bulk import insert_rows, update_rows
from cleanclaim_server.work.models import WorkItem

REFRESHED = ("title", "detail", "amount_cents", "due_on", "due_enforceable", "due_kind")


@dataclass(frozen=True)
class NewItem:
    """What `open_items` takes: the fields of a `WorkItem` that the opener knows."""

    queue: str
    subject_type: str
    subject_id: UUID
    title: str
    claim_id: UUID | None = None
    patient_id: UUID | None = None
    detail: str = ""
    amount_cents: int = 0
    due_on: date | None = None
    due_enforceable: bool = False
    due_kind: str = ""


def open_items(practice_id: UUID, items: Iterable[NewItem], *, now: datetime, today: date) -> int:
    """Open items that are not open yet; what is open takes the new title, amount and due date.

    Returns:
        How many were opened.
    """
    wanted: dict[tuple[str, UUID], NewItem] = {(item.queue, item.subject_id): item for item in items}
    if not wanted:
        return 0
    have: dict[tuple[str, UUID], UUID] = {}
    subjects, queues = {subject for _, subject in wanted}, {queue for queue, _ in wanted}
    rows = WorkItem.objects.filter(
        practice_id=practice_id, is_open=True, queue__in=queues, subject_id__among=subjects
    )
    for key, queue, subject in rows.values_list("id", "queue", "subject_id"):
        have[queue, subject] = key
    update_rows(
        WorkItem,
        [(have[key], *_values(item)) for key, item in wanted.items() if key in have],
        REFRESHED,
    )
    new = [
        dict(
            practice_id=practice_id,
            queue=str(item.queue),
            subject_type=item.subject_type,
            subject_id=item.subject_id,
            claim_id=item.claim_id,
            patient_id=item.patient_id,
            opened_at=now,
            opened_on=today,
            **dict(zip(REFRESHED, _values(item), strict=True)),
        )
        for key, item in wanted.items()
        if key not in have
    ]
    insert_rows(WorkItem, new)
    return len(new)


def _values(item: NewItem) -> tuple:
    return (
        item.title[:200],
        item.detail[:300],
        item.amount_cents,
        item.due_on,
        item.due_enforceable,
        item.due_kind,
    )


def open_item(
    practice_id: UUID,
    queue: str,
    subject_type: str,
    subject_id: UUID,
    title: str,
    *,
    now: datetime,
    today: date,
    **more,
) -> bool:
    """Open one item; `more` are further fields of `NewItem`. False when it was open already."""
    item = NewItem(queue, subject_type, subject_id, title, **more)
    return bool(open_items(practice_id, [item], now=now, today=today))


def close_items(
    practice_id: UUID,
    queue: str,
    subject_ids: Sequence[UUID],
    *,
    now: datetime,
    reason: str = "",
    closed_by: UUID | None = None,
) -> int:
    """Close the open items of these subjects in one queue; closed ones stay as they are."""
    rows = WorkItem.objects.filter(
        practice_id=practice_id, queue=queue, subject_id__among=subject_ids, is_open=True
    )
    return rows.update(is_open=None, closed_at=now, closed_by=closed_by, closed_reason=reason[:200])


def take_item(item: WorkItem, *, user_id: UUID) -> bool:
    """Take an item that nobody has. False when somebody was quicker: two people never get the same."""
    free = WorkItem.objects.filter(
        pk=item.pk, practice_id=item.practice_id, is_open=True, assigned_to__isnull=True
    )
    taken = bool(free.update(assigned_to=user_id))
    if taken:
        item.assigned_to = user_id
    return taken


def assign_item(item: WorkItem, *, user_id: UUID | None) -> WorkItem:
    """Give an open item to a person, or to nobody."""
    item.assigned_to = user_id
    item.save(update_fields=["assigned_to"])
    return item


def snooze_item(item: WorkItem, *, until: date) -> WorkItem:
    """Let an open item rest until a day. Its due date stays."""
    item.snoozed_until = until
    item.save(update_fields=["snoozed_until"])
    return item
