"""Taking a posting back by the exact opposite of each entry."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from cleanclaim.ledger import EntryKind, reverse_entry
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.codes import ActorKind, EventKind
from cleanclaim_server.claims.models import ClaimEvent
from cleanclaim_server.cycle.next_payer import withdraw_next_payers
from cleanclaim_server.cycle.posting.beside import compare_beside
from cleanclaim_server.cycle.posting.holding import forget_parts
from cleanclaim_server.cycle.posting.patient_items import refresh_patient_items
from cleanclaim_server.cycle.posting.refusal import PostingRefused
from cleanclaim_server.cycle.posting.taking import today_of
from cleanclaim_server.cycle.posting.whole import reversed_by
from cleanclaim_server.cycle.restating import restate_claims
from cleanclaim_server.denials.actions import reopen_denials, reverse_denials
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import entry_values
from cleanclaim_server.remittances.models import (
    Remittance,
    RemittanceClaim,
    RemittanceIdentity,
    RemittanceState,
)
from cleanclaim_server.remittances.queries import standing_transfers
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.work.actions import close_items
from cleanclaim_server.work.bulk import create_rows
from cleanclaim_server.work.models import Queue


@transaction.atomic
def undo_posting(remittance_id: UUID, *, now: datetime, actor_id: UUID, reason: str) -> Remittance:
    """Take a posting back: the opposite of each entry, balances as before, the payment free to post again.

    Raises:
        PostingRefused: It is not posted, or no reason was given.
    """
    remittance = (
        Remittance.objects.select_for_update(of=("self",)).select_related("practice").get(pk=remittance_id)
    )
    if remittance.state != RemittanceState.POSTED:
        raise PostingRefused("remittance.not_posted", "Only a posted remittance can be undone")
    if not reason.strip():
        raise PostingRefused("remittance.reason_missing", "Say why the posting is undone")
    if standing_transfers(remittance, is_out=True).exists():
        raise PostingRefused(
            "remittance.claims_moved",
            "A claim payment of it was given to another practice; take that back first",
        )
    practice_id, today = remittance.practice_id, today_of(remittance.practice, now)
    standing = Entry.objects.filter(
        remittance_id=remittance.pk, reverses__isnull=True, reversed_by__isnull=True
    ).exclude(kind=EntryKind.BETWEEN_PRACTICES)  # whose money it is stays; only its posting is taken back
    reversals = [
        reverse_entry(
            entry, happened_on=today, learned_at=now, actor=str(actor_id), reason=reason, id=str(new_id())
        )
        for entry in entry_values(practice_id, standing)
    ]
    write_entries(practice_id, reversals, file=remittance.file)
    RemittanceIdentity.objects.filter(remittance=remittance, is_active=True).update(is_active=None)
    remittance.state = RemittanceState.UNDONE
    remittance.save(update_fields=["state"])
    rows = list(RemittanceClaim.objects.filter(remittance=remittance).order_by("number"))
    answer_ids, claim_ids = [row.pk for row in rows], sorted({row.claim_id for row in rows if row.claim_id})
    reverse_denials(answer_ids, now=now, reason="The posting was undone")
    reopen_denials(practice_id, reason=reversed_by(remittance))
    claims = restate_claims(practice_id, claim_ids, now=now)
    withdraw_next_payers(claim_ids, now=now)
    compare_beside(remittance, claim_ids, now=now, today=today)
    create_rows(
        ClaimEvent,
        [
            ClaimEvent(
                practice_id=practice_id,
                claim=claim,
                kind=EventKind.UNDONE,
                actor_kind=ActorKind.PERSON,
                actor_id=actor_id,
                happened_at=now,
                title=f"Posting of payment {remittance.trace_number} undone",
                detail=reason[:400],
                file_id=remittance.file_id,
                transaction=remittance.transaction,
            )
            for claim in claims
        ],
    )
    forget_parts(practice_id, answer_ids, now=now, actor_id=actor_id)
    _close_after_undo(practice_id, answer_ids, claim_ids, now, actor_id)
    refresh_patient_items(practice_id, {claim.patient_id for claim in claims}, now=now, today=today)
    record(
        "remittance.undo", "remittance", remittance.pk, practice_id=practice_id, actor=actor_id,
        entries=len(reversals), cents=remittance.paid_cents,
    )  # fmt: skip
    return remittance


def _close_after_undo(
    practice_id: UUID, answer_ids: list[UUID], claim_ids: list[UUID], now: datetime, actor_id: UUID
) -> None:
    still = set(
        Denial.objects.filter(practice_id=practice_id, claim_id__in=claim_ids, state__in=("open", "working"))
        .values_list("claim_id", flat=True)
    )  # fmt: skip
    settled = [key for key in claim_ids if key not in still]
    for queue, subjects in (
        (Queue.DENIED, settled),
        (Queue.UNDERPAID, settled),
        (Queue.CREDIT, claim_ids),
        (Queue.UNMATCHED, answer_ids),
    ):
        close_items(
            practice_id, queue, subjects, now=now, reason="The posting was undone", closed_by=actor_id
        )
