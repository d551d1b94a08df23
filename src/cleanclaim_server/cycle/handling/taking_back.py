"""Taking a write-off back: the exact opposite of its entry, and the denials wait for an answer again."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from cleanclaim.ledger import EntryKind, reverse_entry
from cleanclaim.money import money_text
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.codes import EventKind
from cleanclaim_server.cycle.accounts import open_books
from cleanclaim_server.cycle.handling.holding import HandlingRefused, locked, reason_of, tell
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import entry_values
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.work.actions import NewItem, open_items
from cleanclaim_server.work.models import Queue


def take_back_write_off(
    claim_id: UUID, practice_id: UUID, *, reason: str, actor_id: UUID, now: datetime, today: date
) -> int:
    """Take the newest write-off of a claim back; the payer owes the money again and its denials are open.

    Returns:
        The cents that are owed again.

    Raises:
        HandlingRefused: No reason, or nothing is written off.
    """
    reason = reason_of(reason, "Taking a write-off back")
    claim = locked(claim_id, practice_id)
    root = open_books(practice_id, [claim.pk]).root[claim.pk]
    standing = Entry.objects.filter(
        practice_id=practice_id,
        kind=EntryKind.WRITE_OFF.value,
        idempotency_key__startswith=f"write-off:{root.pk}:",
        reversed_by__isnull=True,
    )
    newest = standing.order_by("-learned_at", "-id").values_list("pk", flat=True).first()
    if newest is None:
        raise HandlingRefused("write_off.none", "Nothing of this visit is written off.")
    (entry,) = entry_values(practice_id, Entry.objects.filter(pk=newest))
    undo = reverse_entry(
        entry, happened_on=today, learned_at=now, actor=str(actor_id), reason=reason, id=str(new_id())
    )
    write_entries(practice_id, [undo])
    owed = sum(leg.amount_cents for leg in entry.legs if leg.amount_cents > 0)
    _reopen(practice_id, claim.family_id, now, today)
    tell(
        claim,
        EventKind.UNDONE,
        f"Write-off of {money_text(owed)} taken back",
        reason,
        now=now,
        actor_id=actor_id,
    )
    record("claim.write_off_undone", "claim", claim.pk, practice_id=practice_id, actor=actor_id, cents=owed)
    return owed


def _reopen(practice_id: UUID, family_id: UUID, now: datetime, today: date) -> None:
    rows = list(
        Denial.objects.filter(practice_id=practice_id, claim__family_id=family_id, state="written_off")
        .select_related("claim")
        .defer("claim__frozen")
        .order_by("amount_cents", "id")
    )
    Denial.objects.filter(practice_id=practice_id, pk__in=[row.pk for row in rows]).update(
        state="open", closed_at=None, closed_reason=""
    )
    totals: dict[UUID, int] = {}
    for row in rows:
        totals[row.claim_id] = totals.get(row.claim_id, 0) + row.amount_cents
    items = {
        row.claim_id: NewItem(
            Queue.DENIED,
            "claim",
            row.claim_id,
            row.cause,
            claim_id=row.claim_id,
            patient_id=row.claim.patient_id,
            detail=f"{row.group}-{row.reason}",
            amount_cents=totals[row.claim_id],
            due_on=row.due_on,
            due_enforceable=row.due_enforceable,
            due_kind="answer",
        )
        for row in rows
    }
    open_items(practice_id, items.values(), now=now, today=today)
