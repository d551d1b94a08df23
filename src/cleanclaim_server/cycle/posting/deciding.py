"""What a person decides about a part that waits: post it, leave it as posted, set it aside, ask the payer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from cleanclaim.ledger import out_of_suspense
from cleanclaim.remittance import Automation, identity_key
from cleanclaim.remittance.policy import code_lists
from cleanclaim.x12.sets.records import RemitClaim
from cleanclaim_server.audit.recording import record
from cleanclaim_server.cycle.accounts import Books, open_books
from cleanclaim_server.cycle.posting.holding import settle_parts
from cleanclaim_server.cycle.posting.refusal import PostingRefused
from cleanclaim_server.cycle.posting.whole import Posting
from cleanclaim_server.cycle.restating import restate_claims
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.postingrules.actions import note_decision
from cleanclaim_server.postingrules.models import HeldPart, PartKind, PartState, Said
from cleanclaim_server.postingrules.resolving import payer_number_of
from cleanclaim_server.remittances.models import Remittance, RemittanceClaim, RemittanceState
from cleanclaim_server.remittances.queries import content_of


@transaction.atomic
def post_part(part_id: UUID, *, actor_id: UUID, now: datetime) -> RemittanceClaim:
    """Post what waits of a claim payment as the payer says: out of suspense, onto its claim.

    All parts of the claim payment that wait are posted with it when the whole of it waits; else this line.

    Raises:
        PostingRefused: It does not wait any more, its payment is not posted, or it has no claim of ours.
    """
    part, row, remittance = _locked(part_id)
    if part.kind != PartKind.HELD:
        raise PostingRefused("remittance.posted_before", "This line is posted already")
    if row.claim_id is None:
        raise PostingRefused("remittance.no_claim", "Say first which claim it is about")
    content = content_of(remittance.inbox)
    answer = content.claims[row.number - 1]
    only, places = _part_of(answer, part.line)
    posting = Posting(remittance, content, now, actor_id)
    posting.content = msgspec.structs.replace(
        content, claims=(only,), provider_adjustments=(), paid_cents=only.paid_cents
    )
    posting.rows = [one for one in posting.rows if one.pk == row.pk]
    have = posting.lines.get(row.pk, {})
    posting.lines = {row.pk: {new: have[old] for new, old in places.items() if old in have}}
    books = open_books(row.practice_id, [row.claim_id])
    if part.line:
        _forget_whole_claim_prices(books)
    everything = msgspec.structs.replace(code_lists(), automation=Automation.ALL, rules=())
    done = posting.plan(books, everything)
    identity = identity_key(content, practice_id=str(row.practice_id), part=remittance.part)
    key = f"{identity}:part:{row.number}:{part.line}"
    entries = [
        out_of_suspense(entry, happened_on=posting.today, reason="Posted by a person who looked")
        for entry in posting.entries(done, books, key)
    ]
    write_entries(row.practice_id, entries, file=remittance.file)
    settle_parts([part], now=now, actor_id=actor_id, reason="Posted by a person")
    posting.tell(done, books, [0])
    if part.line:
        restate_claims(row.practice_id, [row.claim_id], now=now)
    _note(row, part, Said.POSTED, actor_id, now)
    record(
        "remittance.part_posted", "remittance_claim", row.pk, practice_id=row.practice_id, actor=actor_id,
        cents=part.amount_cents, line=part.line, rule=part.rule_id,
    )  # fmt: skip
    return row


def _part_of(answer: RemitClaim, line: int) -> tuple[RemitClaim, dict[int, int]]:
    """The answer, or one line of it as an answer of its own; and place there -> place in the payment."""
    if not line:
        return answer, {place: place for place in range(1, len(answer.lines) + 1)}
    chosen = answer.lines[line - 1]
    only = msgspec.structs.replace(
        answer,
        lines=(chosen,),
        adjustments=(),
        charge_cents=chosen.charge_cents,
        paid_cents=chosen.paid_cents,
        patient_cents=None,
    )
    return only, {1: line}


def _forget_whole_claim_prices(books: Books) -> None:
    """A price of the whole claim says nothing of one line; prices by line stay."""
    for claim in books.claims.values():
        claim.expected_cents = None


@transaction.atomic
def leave_as_posted(part_id: UUID, *, actor_id: UUID, now: datetime) -> RemittanceClaim:
    """Say that what posted is right: policy asked for a look, and somebody has looked.

    Raises:
        PostingRefused: It does not wait any more, or it is money in suspense.
    """
    part, row, _ = _locked(part_id)
    if part.kind != PartKind.LOOK:
        raise PostingRefused("remittance.in_suspense", "This money is in suspense; it is not posted")
    settle_parts([part], now=now, actor_id=actor_id, reason="Looked at")
    _note(row, part, Said.SEEN, actor_id, now)
    record(
        "remittance.part_seen", "remittance_claim", row.pk, practice_id=row.practice_id, actor=actor_id,
        line=part.line, rule=part.rule_id,
    )  # fmt: skip
    return row


@transaction.atomic
def set_part_aside(part_id: UUID, *, note: str, actor_id: UUID, now: datetime) -> RemittanceClaim:
    """Say that a waiting part stays in suspense for good: the payer will take it back.

    Raises:
        PostingRefused: It does not wait any more, or no reason was given.
    """
    part, row, _ = _locked(part_id)
    if not note.strip():
        raise PostingRefused("remittance.reason_missing", "Say how you know that it is not ours")
    settle_parts([part], now=now, actor_id=actor_id, reason=f"Set aside: {note.strip()}")
    _note(row, part, Said.NOT_OURS, actor_id, now, note.strip())
    record(
        "remittance.part_aside", "remittance_claim", row.pk, practice_id=row.practice_id, actor=actor_id,
        cents=part.amount_cents, line=part.line,
    )  # fmt: skip
    return row


@transaction.atomic
def ask_payer(part_id: UUID, *, note: str, actor_id: UUID, now: datetime) -> RemittanceClaim:
    """Note what the payer was asked; the part goes on waiting.

    Raises:
        PostingRefused: It does not wait any more, or nothing was written.
    """
    part, row, _ = _locked(part_id)
    if not note.strip():
        raise PostingRefused("remittance.reason_missing", "Write what was asked, and of whom")
    _note(row, part, Said.ASKED, actor_id, now, note.strip())
    record(
        "remittance.part_asked", "remittance_claim", row.pk, practice_id=row.practice_id, actor=actor_id,
        line=part.line, note_length=len(note.strip()),
    )  # fmt: skip
    return row


def _note(
    row: RemittanceClaim, part: HeldPart, said: Said, actor_id: UUID, now: datetime, note: str = ""
) -> None:
    """Keep the decision under the payer and the pattern, where the next of its kind is looked up."""
    number = payer_number_of(content_of(row.remittance.inbox))
    note_decision(row, said, payer_number=number, pattern=part.pattern, actor_id=actor_id, now=now, note=note)


def _locked(part_id: UUID) -> tuple[HeldPart, RemittanceClaim, Remittance]:
    """The part with its claim payment and payment, locked: two people decide one after the other."""
    rows = HeldPart.objects.select_related("remittance_claim")
    part = rows.get(pk=part_id)
    remittance = (
        Remittance.objects.select_for_update(of=("self",))
        .select_related("practice", "inbox", "file", "payer")
        .get(pk=part.remittance_claim.remittance_id)
    )
    part = rows.select_for_update(of=("self",)).get(pk=part_id)
    if part.state != PartState.WAITING or remittance.state != RemittanceState.POSTED:
        raise PostingRefused("remittance.decided_before", "This part does not wait any more")
    row = part.remittance_claim
    row.remittance = remittance
    return part, row, remittance


def waiting_of(row_ids: Sequence[UUID]) -> list[HeldPart]:
    """The parts of claim payments that wait."""
    return list(HeldPart.objects.filter(remittance_claim_id__in=list(row_ids), state=PartState.WAITING))
