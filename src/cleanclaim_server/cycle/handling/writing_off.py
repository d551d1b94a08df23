"""Giving up what a payer or a patient owes, for a named reason, as an entry that can be reversed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from cleanclaim.ledger import Account, Source, WriteOffKind, write_off_entry
from cleanclaim.money import money_text
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.codes import EventKind
from cleanclaim_server.cycle.accounts import open_books
from cleanclaim_server.cycle.handling.holding import HandlingRefused, locked, reason_of, tell
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import claim_balances
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.work.actions import close_items
from cleanclaim_server.work.models import Queue

KINDS = {
    WriteOffKind.DENIED: "Denied, nothing more to be done",
    WriteOffKind.TIMELY_FILING: "Filed too late",
    WriteOffKind.SMALL_BALANCE: "Too small to pursue",
    WriteOffKind.COURTESY: "Courtesy",
    WriteOffKind.OTHER: "Other",
}
"""What a person may choose, with its words. Contractual write-offs come from payers alone."""


def write_off(
    claim_id: UUID, practice_id: UUID, *, kind: str, reason: str, actor_id: UUID, now: datetime, today: date
) -> int:
    """Write off all that the payer still owes for a claim, and close its denials.

    Args:
        kind: One of `KINDS`.
        reason: Why, in a few words; it stands beside the entry.

    Returns:
        The cents given up.

    Raises:
        HandlingRefused: An unknown kind, no reason, nothing is owed, or the claim is with its payer still.
    """
    if kind not in {known.value for known in KINDS}:
        raise HandlingRefused("write_off.kind", "Choose why this is written off.")
    reason = reason_of(reason, "A write-off")
    claim = locked(claim_id, practice_id)
    denials = Denial.objects.filter(practice_id=practice_id, claim=claim, state__in=("open", "working"))
    if not denials.exists():
        raise HandlingRefused("write_off.not_denied", "Only what a payer has denied is written off here.")
    root = open_books(practice_id, [claim.pk]).root[claim.pk]
    owed = claim_balances(practice_id, [root.pk]).get(root.pk, {}).get(Account.INSURANCE_RECEIVABLE.value, 0)
    if owed <= 0:
        raise HandlingRefused("write_off.nothing_owed", "The payer owes nothing more for this visit.")
    before = Entry.objects.filter(
        practice_id=practice_id, idempotency_key__startswith=f"write-off:{root.pk}:"
    )
    source = Source(str(practice_id), today, now, actor=str(actor_id), reason=reason)
    entry = write_off_entry(
        source,
        idempotency_key=f"write-off:{root.pk}:{before.count() + 1}",
        kind=WriteOffKind(kind),
        amount_cents=owed,
        claim_id=str(root.pk),
        patient_id=str(root.patient_id),
        payer_id=str(claim.payer_id),
        id=str(new_id()),
    )
    write_entries(practice_id, [entry])
    denials.update(state="written_off", closed_at=now, closed_reason=reason[:200])
    close_items(practice_id, Queue.DENIED, [claim.pk], now=now, reason="Written off", closed_by=actor_id)
    tell(claim, EventKind.NOTE, f"{money_text(owed)} written off", reason, now=now, actor_id=actor_id)
    record(
        "claim.written_off", "claim", claim.pk, practice_id=practice_id, actor=actor_id, cents=owed, kind=kind
    )
    return owed
