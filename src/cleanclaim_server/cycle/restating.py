"""What a claim's state is by the answers that stand: after a posting, and after one was undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from cleanclaim_server.claims.actions.states import StateChange, set_payer_states
from cleanclaim_server.claims.codes import PayerState
from cleanclaim_server.claims.models import Acknowledgment, Claim
from cleanclaim_server.postingrules.models import HeldPart, PartKind, PartState
from cleanclaim_server.remittances.models import RemittanceClaim, RemittanceState
from cleanclaim_server.work.bulk import chunks

REVERSAL, DENIED = "22", "4"
BY_PAYER = "payer: "
BY_CLEARINGHOUSE = "clearinghouse: "


def state_of_answer(status: str, paid_cents: int, share_cents: int, denied_cents: int) -> PayerState:
    """The state that one CLP gives a claim. Money decides; its status only when there is none.

    Examples:
        >>> state_of_answer("1", 9000, 2000, 0).value, state_of_answer("1", 0, 0, 15000).value
        ('paid', 'denied')
    """
    if status == REVERSAL:
        return PayerState.REVERSED
    if paid_cents > 0:
        return PayerState.PARTLY_PAID if denied_cents else PayerState.PAID
    if denied_cents or (status == DENIED and not share_cents):
        return PayerState.DENIED
    return PayerState.PATIENT_SHARE if share_cents else PayerState.PAID


def state_of_acknowledgment(kind: str, result: str, sender: str) -> PayerState | None:
    """The state that an acknowledgment gives a claim; None when it says nothing about it."""
    by_payer = sender.startswith(BY_PAYER)
    table = {
        ("TA1", "rejected"): PayerState.REJECTED_FILE,
        ("999", "accepted"): PayerState.FILE_ACCEPTED,
        ("999", "errors"): PayerState.FILE_ACCEPTED,
        ("999", "rejected"): PayerState.REJECTED_FILE,
        ("277", "pending"): PayerState.PENDING,
    }
    if kind in ("277CA", "277") and result == "accepted":
        return PayerState.ACCEPTED_PAYER if by_payer else PayerState.ACCEPTED_CLEARINGHOUSE
    if kind in ("277CA", "277") and result == "rejected":
        return PayerState.REJECTED_PAYER if by_payer else PayerState.REJECTED_CLEARINGHOUSE
    return table.get((kind, result))


def restate_claims(practice_id: UUID, claim_ids: Sequence[UUID], *, now: datetime) -> list[Claim]:
    """Give claims the state that their standing answers say; returns the claims.

    Order: the newest posted answer; else the newest acknowledgment; else waiting, or not sent.
    """
    waits_whole = HeldPart.objects.filter(
        remittance_claim_id=OuterRef("pk"), kind=PartKind.HELD, line=0, state=PartState.WAITING
    )
    claims: dict[UUID, Claim] = {}
    words: dict[UUID, tuple] = {}
    for part in chunks(list(claim_ids)):
        rows = Claim.objects.filter(practice_id=practice_id, pk__in=part).defer("frozen")
        claims.update({claim.pk: claim for claim in rows})
        for row in (
            Acknowledgment.objects.filter(practice_id=practice_id, claim_id__in=part)
            .order_by("received_at", "id")
            .values_list("claim_id", "kind", "result", "sender", "received_at")
        ):
            state = state_of_acknowledgment(*row[1:4])
            if state is not None:
                words[row[0]] = (state, row[4].date())
        answers = (
            RemittanceClaim.objects.filter(
                practice_id=practice_id, claim_id__in=part, remittance__state=RemittanceState.POSTED
            )
            .exclude(status="25")
            .exclude(Exists(waits_whole))
            .select_related("remittance")
            .prefetch_related("denials", "adjustments")
            .order_by("remittance__posted_at", "number")
        )
        for answer in answers:
            denied = sum(one.amount_cents for one in answer.denials.all() if one.state != "reversed")
            share = sum(one.amount_cents for one in answer.adjustments.all() if one.group == "PR")
            state = state_of_answer(answer.status, answer.paid_cents, share, denied)
            words[answer.claim_id] = (state, answer.remittance.paid_on)
    changes = []
    for key, claim in claims.items():
        none = (PayerState.WAITING if claim.first_sent_at else PayerState.NONE, None)
        state, on = words.get(key, none)
        changes.append(StateChange(claim, state, on, now))
    set_payer_states(changes, force=True)
    return list(claims.values())
