"""One claim payment that is another practice's: its money between the books of both, its claim posted there.

The deposit stays where it lies. The other practice gets the claim payment as a remittance of its own (its
`part`), with the payer's words and segments, and posts it out of its suspense. Taking it back undoes the
posting there and reverses the entries of both.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from cleanclaim.ledger import Source, between_entries, reverse_entry
from cleanclaim.money import money_text
from cleanclaim.x12.sets import to_json
from cleanclaim.x12.sets.records import Remittance as RemittanceValue
from cleanclaim_server.audit.recording import record
from cleanclaim_server.cycle.posting.by_hand import number_pattern
from cleanclaim_server.cycle.posting.moving import fill_practices
from cleanclaim_server.cycle.posting.refusal import PostingRefused
from cleanclaim_server.cycle.posting.taking import take_remittance, today_of
from cleanclaim_server.cycle.posting.undoing import undo_posting
from cleanclaim_server.cycle.posting.whole import post_remittance
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import entry_values
from cleanclaim_server.postingrules.actions import note_decision
from cleanclaim_server.postingrules.models import Said
from cleanclaim_server.postingrules.resolving import payer_number_of
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.actions import MOVED_OUT
from cleanclaim_server.remittances.models import (
    ClaimTransfer,
    InboxRemittance,
    Remittance,
    RemittanceClaim,
    RemittanceState,
)
from cleanclaim_server.remittances.queries import content_of
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.work.actions import NewItem, close_items, open_items
from cleanclaim_server.work.models import Queue


@transaction.atomic
def move_claim_payment(
    row_id: UUID, practice_id: UUID, *, reason: str, actor_id: UUID, now: datetime
) -> Remittance:
    """Give one claim payment of a posted payment to another practice, with its money.

    The caller has checked that the person posts in both practices; the context reaches both.

    Returns:
        The claim payment as the other practice has it: posted, on its claim or in its suspense.

    Raises:
        PostingRefused: No reason, the same or another agency's practice, the payment is not posted or such
            a part itself, the claim payment has a claim here, was given away, or is there already.
    """
    remittance_id = RemittanceClaim.objects.values_list("remittance_id", flat=True).get(pk=row_id)
    here = _locked(remittance_id)
    row = RemittanceClaim.objects.select_for_update(of=("self",)).select_related("remittance").get(pk=row_id)
    there = Practice.objects.filter(pk=practice_id, agency_id=here.practice.agency_id).first()
    if not reason.strip():
        raise PostingRefused("remittance.reason_missing", "Say how you know whose it is")
    if there is None or there.pk == here.practice_id:
        raise PostingRefused("remittance.other_agency", "Choose another practice of the agency")
    if here.state != RemittanceState.POSTED or here.inbox is None:
        raise PostingRefused(
            "remittance.not_posted", "Post the payment first: its money must be in the books"
        )
    if here.part:
        raise PostingRefused(
            "remittance.moved_before", "It came from another practice; take it back there first"
        )
    if row.claim_id is not None:
        raise PostingRefused("remittance.matched_before", "This claim payment has a claim of this practice")
    if row.next_action == MOVED_OUT:
        raise PostingRefused("remittance.moved_out", "It was given to another practice before")
    content = content_of(here.inbox)
    words = f"Moved to {there.code}: {reason.strip()}"[:200]
    made, only = _part_there(here, row, content, there, now)
    _book(here, row, made, reason.strip()[:200], actor_id, now)
    RemittanceClaim.objects.filter(pk=row.pk).update(next_action=MOVED_OUT, match_why=words)
    close_items(here.practice_id, Queue.UNMATCHED, [row.pk], now=now, reason=words, closed_by=actor_id)
    note_decision(
        row, Said.MOVED, payer_number=payer_number_of(content), pattern=number_pattern(row.claim_number),
        actor_id=actor_id, now=now, note=words,
    )  # fmt: skip
    fill_practices(here.inbox)
    _tell(here, row, made, actor_id, "moved_out", "moved_in")
    if made.state == RemittanceState.READY:
        return post_remittance(made.pk, now=now, actor_id=actor_id, content=only)
    return made


def _locked(remittance_id: UUID) -> Remittance:
    rows = Remittance.objects.select_for_update(of=("self",))
    return rows.select_related("practice", "inbox", "file").defer("file__content").get(pk=remittance_id)


def _part_there(
    here: Remittance, row: RemittanceClaim, content: RemittanceValue, there: Practice, now: datetime
) -> tuple[Remittance, RemittanceValue]:
    """The claim payment as a remittance of the other practice, and what it says."""
    answer, whole = content.claims[row.number - 1], here.inbox
    only = msgspec.structs.replace(
        content, claims=(answer,), provider_adjustments=(), paid_cents=answer.paid_cents
    )
    inbox, _ = InboxRemittance.objects.get_or_create(
        agency_id=whole.agency_id, file_id=whole.file_id, ordinal=whole.ordinal, part=row.number,
        defaults=dict(
            transaction=whole.transaction, payee_npi=whole.payee_npi, payer_name=whole.payer_name,
            trace_number=whole.trace_number, paid_cents=answer.paid_cents, paid_on=whole.paid_on,
            claims_count=1, content=to_json(only), received_at=now,
        ),
    )  # fmt: skip
    made = take_remittance(inbox, only, there, now=now)
    if made.state in (RemittanceState.DUPLICATE, RemittanceState.QUARANTINED):
        raise PostingRefused(
            "remittance.there_before", f"{there.code} has this claim payment in its books already"
        )
    return made, only


def _book(
    here: Remittance, row: RemittanceClaim, made: Remittance, reason: str, actor_id: UUID, now: datetime
) -> None:
    """The entries of both books, and a row on either side that says whose money it is."""
    transfer_id, cents = new_id(), row.paid_cents
    if cents:
        sources = [
            Source(
                str(one.practice_id), today_of(one.practice, now), now, here.file.sha256, here.transaction,
                row.position, str(actor_id), reason, str(one.pk),
            )
            for one in (here, made)
        ]  # fmt: skip
        pair = between_entries(
            *sources, transfer_id=str(transfer_id), amount_cents=cents,
            payer_id=str(here.payer_id) if here.payer_id else None,
        )  # fmt: skip
        for one, entry in zip((here, made), pair, strict=True):
            write_entries(one.practice_id, [entry], file=here.file)
    theirs = made.claims.first()
    for one, other, answer in ((here, made, row), (made, here, theirs)):
        ClaimTransfer.objects.create(
            practice_id=one.practice_id, transfer_id=transfer_id, is_out=one is here, remittance=one,
            remittance_claim=answer, other_practice=other.practice_id, other_remittance=other.pk,
            other_paid_cents=other.paid_cents, amount_cents=cents, reason=reason, made_at=now,
            made_by=actor_id,
        )  # fmt: skip


def _tell(
    here: Remittance, row: RemittanceClaim, made: Remittance, actor_id: UUID, out: str, into: str
) -> None:
    """The same act in the audit log of both practices."""
    for one, action in ((here, out), (made, into)):
        record(
            f"remittance.claim_{action}", "remittance", one.pk, practice_id=one.practice_id, actor=actor_id,
            cents=row.paid_cents, claim_payment=row.number,
        )  # fmt: skip


@transaction.atomic
def take_claim_payment_back(
    transfer_id: UUID, *, reason: str, actor_id: UUID, now: datetime
) -> RemittanceClaim:
    """Take a claim payment back from the practice that got it; the books of both are as before.

    Returns:
        The claim payment in its first payment: in suspense again, without a claim.

    Raises:
        PostingRefused: No reason, taken back before, or one of the two sides is out of reach.
    """
    rows = {
        one.is_out: one
        for one in ClaimTransfer.objects.filter(transfer_id=transfer_id, undone_at__isnull=True).order_by(
            "id"
        )
    }
    if not reason.strip():
        raise PostingRefused("remittance.reason_missing", "Say why it is taken back")
    if len(rows) != 2:
        raise PostingRefused("remittance.moved_back", "It is not given away any more")
    # Always the deposit's side first, as the move does, so that two people never wait for each other.
    here, made = _locked(rows[True].remittance_id), _locked(rows[False].remittance_id)
    words = f"Taken back: {reason.strip()}"[:200]
    changed = ClaimTransfer.objects.filter(
        pk__in=[one.pk for one in rows.values()], undone_at__isnull=True
    ).update(undone_at=now, undone_by=actor_id, undone_reason=reason.strip()[:200])
    if changed != 2:
        raise PostingRefused("remittance.moved_back", "It is not given away any more")
    row = rows[True].remittance_claim
    if made.state == RemittanceState.POSTED:
        undo_posting(made.pk, now=now, actor_id=actor_id, reason=words)
    answers = list(made.claims.values_list("pk", flat=True))
    close_items(
        made.practice_id, Queue.REMITTANCE, [made.pk, *answers], now=now, reason=words, closed_by=actor_id
    )
    Remittance.objects.filter(pk=made.pk).update(state=RemittanceState.MOVED)
    InboxRemittance.objects.filter(pk=made.inbox_id).update(practice=here.practice)
    for one in (here, made):
        standing = Entry.objects.filter(
            practice_id=one.practice_id, idempotency_key__startswith=f"between:{transfer_id}:",
            reverses__isnull=True, reversed_by__isnull=True,
        )  # fmt: skip
        reversals = [
            reverse_entry(
                entry, happened_on=today_of(one.practice, now), learned_at=now, actor=str(actor_id),
                reason=words, id=str(new_id()),
            )
            for entry in entry_values(one.practice_id, standing)
        ]  # fmt: skip
        write_entries(one.practice_id, reversals, file=here.file)
    RemittanceClaim.objects.filter(pk=row.pk).update(next_action="MANUAL_MATCH", match_why="")
    title = f"A payment of {money_text(row.paid_cents)} matches no claim of ours"
    item = NewItem(
        Queue.UNMATCHED, "remittance_claim", row.pk, title, detail=words, amount_cents=row.paid_cents
    )
    open_items(here.practice_id, [item], now=now, today=today_of(here.practice, now))
    fill_practices(here.inbox)
    _tell(here, row, made, actor_id, "taken_back", "given_back")
    return row
