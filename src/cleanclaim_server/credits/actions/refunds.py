"""Refunds: asked for by one person, approved and booked by another, declined, taken back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Sum

from cleanclaim.ledger import (
    Source,
    patient_refund_entry,
    payer_refund_entry,
    reverse_entry,
)
from cleanclaim.money import dollars
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.credits.actions.common import CreditRefused, Who, available, reason_of
from cleanclaim_server.credits.actions.items import refresh_credit_items
from cleanclaim_server.credits.models import Refund, RefundState
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import entry_values
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.tenancy.models import new_id

METHODS = {"check": "Check", "card": "Back to the card", "other": "Other"}


@dataclass(frozen=True)
class NewRefund:
    """What a person asks for. `claim` is the visit whose credit it is; none for money on no visit."""

    payee: str
    amount_cents: int
    reason: str
    request_key: str
    claim: Claim | None = None


def _asked_for(practice_id: UUID, new: NewRefund, patient_id: UUID) -> int:
    waiting = Refund.objects.filter(
        practice_id=practice_id,
        patient_id=patient_id,
        payee=new.payee,
        state=RefundState.ASKED,
        claim=new.claim,
    )
    return waiting.aggregate(cents=Sum("amount_cents"))["cents"] or 0


@transaction.atomic
def ask_refund(patient: Patient, new: NewRefund, who: Who) -> tuple[Refund, bool]:
    """Ask for a refund; nothing is booked until another person approves it.

    Args:
        patient: Came through its door; so did `new.claim`.

    Returns:
        The refund, and whether it is new: the same form sent twice is one refund.

    Raises:
        CreditRefused: No reason, an impossible amount, or more than the credit less what waits already.
    """
    reason = reason_of(new.reason)
    if new.payee not in ("patient", "payer") or (new.payee == "payer" and new.claim is None):
        raise CreditRefused("refund.payee", "Say to whom the money goes.")
    if new.claim is not None and (new.claim.patient_id, new.claim.practice_id) != (
        patient.pk,
        patient.practice_id,
    ):
        raise CreditRefused("refund.claim", "This visit is not one of the patient's.")
    if not new.request_key or len(new.request_key) > 60:
        raise CreditRefused("refund.key", "Open the form again.")
    claim_id = new.claim.pk if new.claim else None
    there = available(new.payee, patient.practice_id, patient.pk, claim_id)
    before = Refund.objects.filter(practice_id=patient.practice_id, request_key=new.request_key).first()
    if before is not None:
        if (before.patient_id, before.amount_cents, before.claim_id) != (
            patient.pk,
            new.amount_cents,
            claim_id,
        ):
            raise CreditRefused("refund.key_reused", "This form was used for another refund; open it again.")
        return before, False
    asked = _asked_for(patient.practice_id, new, patient.pk)
    if new.amount_cents <= 0:
        raise CreditRefused("refund.amount", "A refund is more than nothing.")
    if new.amount_cents > there - asked:
        words = f"{dollars(new.amount_cents)} are asked for and {dollars(max(0, there - asked))} are there"
        words += f": {dollars(asked)} wait for approval already." if asked else "."
        raise CreditRefused("refund.over_allocated", words)
    last = Refund.objects.filter(practice_id=patient.practice_id).aggregate(last=Max("number"))["last"] or 0
    refund = Refund.objects.create(
        practice_id=patient.practice_id,
        number=last + 1,
        payee=new.payee,
        patient=patient,
        payer_id=new.claim.payer_id if new.payee == "payer" and new.claim else None,
        claim=new.claim,
        amount_cents=new.amount_cents,
        reason=reason[:200],
        request_key=new.request_key,
        asked_at=who.now,
        asked_by=who.actor_id,
        asked_by_name=who.name[:80],
    )
    _note("refund.asked", refund, who)
    return refund, True


@transaction.atomic
def approve_refund(refund: Refund, *, method: str, reference: str, who: Who) -> Refund:
    """Approve a refund and book it: money on its way out, the credit gone.

    Raises:
        CreditRefused: The same person asked for it, it was decided before, the method is unknown, or the
            credit is not there any more.
    """
    if method not in METHODS:
        raise CreditRefused("refund.method", "Say how the money goes back.")
    there = available(refund.payee, refund.practice_id, refund.patient_id, refund.claim_id)
    refund = _locked(refund)
    if refund.state != RefundState.ASKED:
        raise CreditRefused(
            "refund.decided", f"This refund is decided: {refund.get_state_display().lower()}."
        )
    if refund.asked_by == who.actor_id:
        raise CreditRefused("refund.own", "Another person approves what you asked for.")
    if refund.amount_cents > there:
        words = f"{dollars(refund.amount_cents)} were asked for, and {dollars(there)} of the credit are left."
        raise CreditRefused("refund.over_allocated", f"{words} It was used or taken back since.")
    write_entries(refund.practice_id, [_entry(refund, there, who)])
    refund.state = RefundState.SENT
    refund.approved_at, refund.approved_by, refund.approved_by_name = who.now, who.actor_id, who.name[:80]
    refund.method, refund.reference = method, reference.strip()[:40]
    refund.save(
        update_fields=["state", "approved_at", "approved_by", "approved_by_name", "method", "reference"]
    )
    _note("refund.approved", refund, who)
    _refresh(refund, who)
    return refund


def _entry(refund: Refund, there: int, who: Who):
    source = Source(
        str(refund.practice_id), who.today, who.now, actor=str(who.actor_id), reason=f"Refund {refund.number}"
    )
    claim = str(refund.claim_id) if refund.claim_id else None
    if refund.payee == "patient":
        return patient_refund_entry(
            source,
            idempotency_key=refund.key,
            patient_id=str(refund.patient_id),
            amount_cents=refund.amount_cents,
            available_cents=there,
            claim_id=claim,
            id=str(new_id()),
        )
    return payer_refund_entry(
        source,
        idempotency_key=refund.key,
        payer_id=str(refund.payer_id),
        amount_cents=refund.amount_cents,
        claim_id=claim,
        patient_id=str(refund.patient_id),
        id=str(new_id()),
    )


@transaction.atomic
def decline_refund(refund: Refund, *, reason: str, who: Who) -> Refund:
    """Say no to a refund that waits, or withdraw one's own. Nothing was booked.

    Raises:
        CreditRefused: It was decided before, or no reason is given.
    """
    reason = reason_of(reason)
    refund = _locked(refund)
    if refund.state != RefundState.ASKED:
        raise CreditRefused(
            "refund.decided", f"This refund is decided: {refund.get_state_display().lower()}."
        )
    return _end(refund, RefundState.DECLINED, "refund.declined", reason, who)


@transaction.atomic
def void_refund(refund: Refund, *, reason: str, who: Who) -> Refund:
    """Take a refund back, such as a check never cashed, by the exact opposite of its entry.

    Raises:
        CreditRefused: It was not sent, or no reason is given.
    """
    reason = reason_of(reason)
    available(refund.payee, refund.practice_id, refund.patient_id, refund.claim_id)
    refund = _locked(refund)
    if refund.state != RefundState.SENT:
        raise CreditRefused("refund.not_sent", "Only a refund that was sent is taken back.")
    written = Entry.objects.filter(practice_id=refund.practice_id, idempotency_key=refund.key)
    reversals = [
        reverse_entry(
            entry,
            happened_on=who.today,
            learned_at=who.now,
            actor=str(who.actor_id),
            reason=reason,
            id=str(new_id()),
        )
        for entry in entry_values(refund.practice_id, written)
    ]
    write_entries(refund.practice_id, reversals)
    refund = _end(refund, RefundState.VOIDED, "refund.voided", reason, who)
    _refresh(refund, who)
    return refund


def _end(refund: Refund, state: RefundState, action: str, reason: str, who: Who) -> Refund:
    refund.state = state
    refund.ended_at, refund.ended_by, refund.ended_by_name = who.now, who.actor_id, who.name[:80]
    refund.ended_reason = reason[:200]
    refund.save(update_fields=["state", "ended_at", "ended_by", "ended_by_name", "ended_reason"])
    _note(action, refund, who)
    return refund


def _refresh(refund: Refund, who: Who) -> None:
    if refund.claim_id and refund.payee == "payer":
        refresh_credit_items(
            refund.practice_id, [refund.claim_id], now=who.now, today=who.today, closed_by=who.actor_id
        )


def _locked(refund: Refund) -> Refund:
    return Refund.objects.select_for_update(of=("self",)).get(pk=refund.pk, practice_id=refund.practice_id)


def _note(action: str, refund: Refund, who: Who) -> None:
    record(
        action,
        "refund",
        refund.pk,
        practice_id=refund.practice_id,
        actor=who.actor_id,
        cents=refund.amount_cents,
        payee=refund.payee,
        number=refund.number,
    )
