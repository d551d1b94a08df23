"""A payment that is another practice's: out of the books here, matched and posted there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from cleanclaim_server.audit.recording import record
from cleanclaim_server.bank.queries import standing_parts
from cleanclaim_server.clearinghouse.models import StoredFile
from cleanclaim_server.cycle.posting.refusal import PostingRefused
from cleanclaim_server.cycle.posting.taking import take_remittance
from cleanclaim_server.cycle.posting.undoing import undo_posting
from cleanclaim_server.cycle.posting.whole import post_remittance
from cleanclaim_server.postingrules.actions import note_decision
from cleanclaim_server.postingrules.models import Said
from cleanclaim_server.postingrules.resolving import payer_number_of
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import InboxRemittance, Remittance, RemittanceState
from cleanclaim_server.remittances.queries import content_of
from cleanclaim_server.work.actions import close_items
from cleanclaim_server.work.models import Queue

WHOLE_PAYMENT = "whole payment"
"""The pattern under which a moved payment is remembered."""


@transaction.atomic
def move_remittance(
    remittance_id: UUID, practice_id: UUID, *, reason: str, actor_id: UUID, now: datetime
) -> Remittance:
    """Give a whole payment to another practice: undone here, taken there, and posted when it balances.

    The caller has checked that the person posts in both practices; the context reaches both.

    Returns:
        The remittance of the other practice. The one here stays as *moved*, with its reversed entries.

    Raises:
        PostingRefused: No reason, the same or another agency's practice, a copy of a payment, moved before,
            or a bank line is tied to it: the money lies in this practice's account.
    """
    here = (
        Remittance.objects.select_for_update(of=("self",))
        .select_related("practice", "inbox", "file")
        .get(pk=remittance_id)
    )
    there = Practice.objects.filter(pk=practice_id, agency_id=here.practice.agency_id).first()
    if not reason.strip():
        raise PostingRefused("remittance.reason_missing", "Say how you know whose it is")
    if there is None or there.pk == here.practice_id:
        raise PostingRefused("remittance.other_agency", "Choose another practice of the agency")
    if here.inbox is None or here.part or here.state in (RemittanceState.MOVED, RemittanceState.DUPLICATE):
        raise PostingRefused("remittance.not_movable", "This payment cannot be moved")
    if standing_parts().filter(remittance_id=here.pk, practice_id=here.practice_id).exists():
        raise PostingRefused("remittance.in_bank", "A bank line is tied to it; take that back first")
    words = f"Moved to {there.code}: {reason.strip()}"[:200]
    if here.state == RemittanceState.POSTED:
        undo_posting(here.pk, now=now, actor_id=actor_id, reason=words)
    close_items(here.practice_id, Queue.REMITTANCE, [here.pk], now=now, reason=words, closed_by=actor_id)
    Remittance.objects.filter(pk=here.pk).update(state=RemittanceState.MOVED)
    content = content_of(here.inbox)
    first = here.claims.order_by("number").first()
    if first is not None:
        note_decision(
            first, Said.MOVED, payer_number=payer_number_of(content), pattern=WHOLE_PAYMENT,
            actor_id=actor_id, now=now, note=words,
        )  # fmt: skip
    made = take_remittance(here.inbox, content, there, now=now)
    fill_practices(here.inbox)
    for practice, action in ((here.practice, "remittance.moved_out"), (there, "remittance.moved_in")):
        record(
            action, "remittance", here.pk if practice is here.practice else made.pk, practice_id=practice.pk,
            actor=actor_id, cents=here.paid_cents, claims=here.claims_count,
        )  # fmt: skip
    if made.state == RemittanceState.READY:
        return post_remittance(made.pk, now=now, actor_id=actor_id, content=content)
    return made


def fill_practices(inbox: InboxRemittance) -> None:
    """Say on the file whose data it holds, once every payment of it has its practice."""
    owners = InboxRemittance.objects.filter(file_id=inbox.file_id, agency_id=inbox.agency_id)
    practices = set(owners.values_list("practice_id", flat=True))
    if None not in practices:
        StoredFile.objects.filter(pk=inbox.file_id).update(practice_ids=sorted(map(str, practices)))
