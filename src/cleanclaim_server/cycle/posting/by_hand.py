"""What a person says of a payment: whose it is, and which claim a part of it is about."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from cleanclaim.ledger import reverse_entry
from cleanclaim.remittance import identity_key
from cleanclaim.remittance.hints import shape_of
from cleanclaim.x12.sets.records import Remittance as RemittanceValue
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.accounts import open_books
from cleanclaim_server.cycle.matching import answered_lines, candidate_lines
from cleanclaim_server.cycle.posting.moving import fill_practices
from cleanclaim_server.cycle.posting.refusal import PostingRefused
from cleanclaim_server.cycle.posting.taking import take_remittance
from cleanclaim_server.cycle.posting.whole import Posting, post_remittance
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import entry_values
from cleanclaim_server.postingrules.actions import note_decision
from cleanclaim_server.postingrules.history import UNMATCHED
from cleanclaim_server.postingrules.models import Said
from cleanclaim_server.postingrules.resolving import payer_number_of
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.actions import MOVED_OUT, set_aside_claim
from cleanclaim_server.remittances.models import (
    InboxRemittance,
    Remittance,
    RemittanceClaim,
    RemittanceLine,
    RemittanceState,
)
from cleanclaim_server.remittances.queries import content_of
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.work.actions import close_items
from cleanclaim_server.work.bulk import update_rows
from cleanclaim_server.work.models import Queue


@transaction.atomic
def assign_remittance(inbox_id: UUID, practice_id: UUID, *, actor_id: UUID, now: datetime) -> Remittance:
    """Say to which practice an unassigned payment belongs; what balances posts at once.

    Raises:
        PostingRefused: It was taken by a practice already, or the practice is another agency's.
    """
    inbox = InboxRemittance.objects.select_for_update(of=("self",)).select_related("file").get(pk=inbox_id)
    if inbox.state != "unassigned":
        raise PostingRefused("remittance.assigned_before", "This payment has its practice already")
    practice = Practice.objects.filter(pk=practice_id, agency_id=inbox.agency_id).first()
    if practice is None:
        raise PostingRefused("remittance.other_agency", "This practice is not one of the agency's")
    remittance = take_remittance(inbox, content_of(inbox), practice, now=now)
    fill_practices(inbox)
    record(
        "remittance.assign", "remittance", remittance.pk, practice_id=practice_id, actor=actor_id,
        cents=remittance.paid_cents,
    )  # fmt: skip
    if remittance.state == RemittanceState.READY:
        return post_remittance(remittance.pk, now=now, actor_id=actor_id)
    return remittance


@transaction.atomic
def match_claim_by_hand(row_id: UUID, claim_id: UUID, *, actor_id: UUID, now: datetime) -> RemittanceClaim:
    """Say which claim a claim payment is about. Its suspense entry is reversed and it posts on the claim.

    In a payment that is not posted yet only the match is kept.

    Raises:
        PostingRefused: It has its claim already, or the claim is another practice's.
    """
    row = (
        RemittanceClaim.objects.select_for_update(of=("self",))
        .select_related("remittance__practice", "remittance__inbox", "remittance__payer")
        .get(pk=row_id)
    )
    remittance = row.remittance
    if row.claim_id is not None:
        raise PostingRefused("remittance.matched_before", "This claim payment has its claim already")
    if row.next_action == MOVED_OUT:
        raise PostingRefused("remittance.moved_out", "It was given to another practice; take it back first")
    if not Claim.objects.filter(pk=claim_id, practice_id=row.practice_id).exists():
        raise PostingRefused("remittance.other_practice", "This claim is not one of the practice's")
    content = content_of(remittance.inbox)
    answer = content.claims[row.number - 1]
    lines = candidate_lines(row.practice_id, [claim_id]).get(str(claim_id), [])
    row.claim_id, row.matched_by, row.match_why = claim_id, "person", "matched by a person"
    row.save(update_fields=["claim", "matched_by", "match_why"])
    placed = answered_lines(answer, lines)
    line_rows = RemittanceLine.objects.filter(remittance_claim=row)
    update_rows(
        RemittanceLine,
        [(key, placed[number]) for key, number in line_rows.values_list("id", "number") if number in placed],
        ["claim_line"],
    )
    if remittance.state == RemittanceState.POSTED:
        _post_one(remittance, content, row, now, actor_id)
    close_items(
        row.practice_id, Queue.UNMATCHED, [row.pk], now=now, reason="Matched by a person", closed_by=actor_id
    )
    note_decision(
        row, Said.MATCHED, payer_number=payer_number_of(content), pattern=number_pattern(row.claim_number),
        actor_id=actor_id, now=now, our_number=_number_of(claim_id),
    )  # fmt: skip
    record(
        "remittance.match", "remittance_claim", row.pk, practice_id=row.practice_id, actor=actor_id,
        claim_id=claim_id, cents=row.paid_cents,
    )  # fmt: skip
    return row


@transaction.atomic
def set_claim_aside(row_id: UUID, *, reason: str, actor_id: UUID, now: datetime) -> RemittanceClaim:
    """Say that a claim payment is for nobody of ours; its money stays in suspense, and the next match knows.

    Raises:
        SetAsideRefused: It has a claim, was set aside before, or no reason was given.
    """
    row = (
        RemittanceClaim.objects.select_for_update(of=("self",))
        .select_related("remittance__inbox")
        .get(pk=row_id)
    )
    set_aside_claim(row, reason=reason, actor_id=actor_id, now=now)
    content = content_of(row.remittance.inbox)
    note_decision(
        row, Said.NOT_OURS, payer_number=payer_number_of(content), pattern=number_pattern(row.claim_number),
        actor_id=actor_id, now=now, note=reason,
    )  # fmt: skip
    return row


def number_pattern(number: str) -> str:
    """The pattern of an unmatched claim payment: the shape of its number.

    Examples:
        >>> number_pattern("ZZ99")
        'number A2 92'
    """
    return f"{UNMATCHED}{shape_of(number)}"[:40]


def _number_of(claim_id: UUID) -> str:
    return Claim.objects.values_list("claim_number", flat=True).get(pk=claim_id)


def _post_one(
    remittance: Remittance, content: RemittanceValue, row: RemittanceClaim, now: datetime, actor_id: UUID
) -> None:
    """Post one CLP of a posted payment anew: its suspense out, its answer in; the cash stays the same."""
    practice_id = row.practice_id
    posting = Posting(remittance, content, now, actor_id)
    suspense = Entry.objects.filter(
        remittance_id=remittance.pk, kind="remittance_unmatched", source_position=row.position,
        reverses__isnull=True, reversed_by__isnull=True,
    )  # fmt: skip
    reversals = [
        reverse_entry(
            entry,
            happened_on=posting.today,
            learned_at=now,
            actor=str(actor_id),
            reason="Matched by a person",
            id=str(new_id()),
        )
        for entry in entry_values(practice_id, suspense)
    ]
    answer = content.claims[row.number - 1]
    posting.content = msgspec.structs.replace(
        content, claims=(answer,), provider_adjustments=(), paid_cents=answer.paid_cents
    )
    posting.rows = [one for one in posting.rows if one.pk == row.pk]
    books = open_books(practice_id, [row.claim_id])
    done = posting.plan(books)
    key = identity_key(content, practice_id=str(practice_id), part=remittance.part)
    entries = posting.entries(done, books, f"{key}:hand:{row.number}")
    write_entries(practice_id, [*reversals, *entries], file=remittance.file)
    posting.tell(done, books, [0])
