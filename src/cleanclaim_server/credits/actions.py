"""Refunds by two people, credits moved to other visits, and what people say about a payer's credit.

Locks, in this order everywhere: the patient, then the cached balance of the account (which a posting raises
too). So two who use one credit, or a refund and a take-back, follow each other, and the second sees what
the first left. READ COMMITTED is enough: the balance is read after the lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Sum

from cleanclaim.ledger import (
    Account,
    Allocation,
    Source,
    patient_refund_entry,
    payer_refund_entry,
    reverse_entry,
)
from cleanclaim.ledger.credits import move_credit_entry
from cleanclaim.money import dollars, money_text
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.credits.models import CreditDecision, DecisionKind, Refund, RefundState
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.ledger.models import Balance, Entry
from cleanclaim_server.ledger.queries import entry_values
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.statements.actions import credit_of, owed_by_claim
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.work.actions import NewItem, close_items, open_items
from cleanclaim_server.work.models import Queue

METHODS = {"check": "Check", "card": "Back to the card", "other": "Other"}
LEAST_REASON = 5


class CreditRefused(ValueError):
    """A credit was not changed as asked; nothing was. `code` names why, the text is for people."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True)
class Who:
    """Who acts, and when."""

    actor_id: UUID
    name: str
    now: datetime
    today: date


@dataclass(frozen=True)
class NewRefund:
    """What a person asks for. `claim` is the visit whose credit it is; none for money on no visit."""

    payee: str
    amount_cents: int
    reason: str
    request_key: str
    claim: Claim | None = None


def available(payee: str, practice_id: UUID, patient_id: UUID, claim_id: UUID | None) -> int:
    """The credit there is, in cents, read under the locks that guard it; never below nothing."""
    Patient.objects.select_for_update(of=("self",)).get(pk=patient_id, practice_id=practice_id)
    if claim_id is None:
        return max(0, credit_of(practice_id, patient_id)) if payee == "patient" else 0
    account = Account.PATIENT_RECEIVABLE if payee == "patient" else Account.INSURANCE_RECEIVABLE
    row = (
        Balance.objects.select_for_update(of=("self",))
        .filter(practice_id=practice_id, claim_id=claim_id, account=account.value)
        .first()
    )
    return max(0, -row.amount_cents) if row else 0


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
    reason = _reason(new.reason)
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
    reason = _reason(reason)
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
    reason = _reason(reason)
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


@transaction.atomic
def move_credit(patient: Patient, claim: Claim, chosen: Mapping[UUID, int], *, key: str, who: Who) -> int:
    """Move the patient's credit on one visit to visits that owe: as chosen, else the oldest first.

    Returns:
        Cents moved; 0 when there was nothing to move or this form was sent before.

    Raises:
        CreditRefused: More than the credit, or more than a visit owes.
    """
    there = available("patient", patient.practice_id, patient.pk, claim.pk)
    full_key = f"move-credit:{key}"[:120]
    if Entry.objects.filter(practice_id=patient.practice_id, idempotency_key=full_key).exists():
        return 0
    owed = owed_by_claim(patient)
    parts = dict(chosen) or _oldest(there, owed)
    for target, cents in parts.items():
        if cents <= 0 or cents > owed.get(target, 0):
            raise CreditRefused(
                "credit.over_allocated", f"A chosen visit owes {dollars(owed.get(target, 0))}."
            )
    if sum(parts.values()) > there:
        raise CreditRefused("credit.over_allocated", f"The visit has a credit of {dollars(there)}.")
    if not parts:
        return 0
    source = Source(
        str(patient.practice_id),
        who.today,
        who.now,
        actor=str(who.actor_id),
        reason="Credit moved to other visits",
    )
    entry = move_credit_entry(
        source,
        idempotency_key=full_key,
        patient_id=str(patient.pk),
        from_claim_id=str(claim.pk),
        available_cents=there,
        allocations=[Allocation(cents, str(target)) for target, cents in parts.items()],
        id=str(new_id()),
    )
    write_entries(patient.practice_id, [entry])
    record(
        "patient_credit.moved", "claim", claim.pk, practice_id=patient.practice_id, actor=who.actor_id,
        cents=sum(parts.values()), claims=len(parts),
    )  # fmt: skip
    return sum(parts.values())


def _oldest(cents: int, owed: Mapping[UUID, int]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for target, open_cents in owed.items():
        part = min(cents, open_cents)
        if part <= 0:
            break
        found[target] = part
        cents -= part
    return found


@transaction.atomic
def decide(claim: Claim, kind: str, *, on: date, reason: str, who: Who) -> CreditDecision:
    """Say something about the payer's credit on a claim; a row more, nothing is changed.

    Raises:
        CreditRefused: An unknown kind, a day to come, no reason, or there is no payer's credit.
    """
    if kind not in DecisionKind.values:
        raise CreditRefused("credit.kind", "Choose what is known about this credit.")
    if on > who.today:
        raise CreditRefused("credit.date", "The day lies ahead.")
    reason = _reason(reason)
    if not available("payer", claim.practice_id, claim.patient_id, claim.pk):
        raise CreditRefused("credit.gone", "The payer has no credit on this visit any more.")
    made = CreditDecision.objects.create(
        practice_id=claim.practice_id,
        claim=claim,
        kind=kind,
        on=on,
        reason=reason,
        made_at=who.now,
        made_by=who.actor_id,
        made_by_name=who.name[:80],
    )
    record(
        "credit.decided",
        "claim",
        claim.pk,
        practice_id=claim.practice_id,
        actor=who.actor_id,
        kind=kind,
        on=on,
    )
    return made


def refresh_credit_items(
    practice_id: UUID, claim_ids: list[UUID], *, now: datetime, today: date, closed_by: UUID | None = None
) -> None:
    """Keep the work items of payers' credits in step with the books: open what is owed, close what is not."""
    rows = Balance.objects.filter(
        practice_id=practice_id, claim_id__in=claim_ids, account=Account.INSURANCE_RECEIVABLE.value
    )
    owed = {row.claim_id: -row.amount_cents for row in rows if row.amount_cents < 0}
    patients = dict(
        Claim.objects.filter(practice_id=practice_id, pk__in=owed).values_list("pk", "patient_id")
    )
    items = [
        NewItem(
            Queue.CREDIT,
            "claim",
            key,
            f"A payer is owed {money_text(cents)}",
            claim_id=key,
            patient_id=patients[key],
            amount_cents=cents,
        )
        for key, cents in owed.items()
    ]
    open_items(practice_id, items, now=now, today=today)
    gone = [key for key in claim_ids if key not in owed]
    close_items(practice_id, Queue.CREDIT, gone, now=now, reason="No credit is left", closed_by=closed_by)


def _refresh(refund: Refund, who: Who) -> None:
    if refund.claim_id and refund.payee == "payer":
        refresh_credit_items(
            refund.practice_id, [refund.claim_id], now=who.now, today=who.today, closed_by=who.actor_id
        )


def _locked(refund: Refund) -> Refund:
    return Refund.objects.select_for_update(of=("self",)).get(pk=refund.pk, practice_id=refund.practice_id)


def _reason(text: str) -> str:
    text = " ".join(text.split())[:300]
    if len(text) < LEAST_REASON:
        raise CreditRefused("credit.reason_missing", "Say why, in a few words.")
    return text


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
