"""Money that patients bring: recorded once, allocated to what they owe, taken back by its exact opposite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from cleanclaim.ledger import (
    Account,
    Allocation,
    EntryKind,
    Source,
    apply_credit_entry,
    patient_payment_entry,
    reverse_entry,
)
from cleanclaim.money import dollars
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.ledger.models import Entry, Leg
from cleanclaim_server.ledger.queries import entry_values
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.actions import save_policy
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.statements.models import PatientPayment
from cleanclaim_server.statements.planning import SETTING, Settings
from cleanclaim_server.tenancy.models import new_id

METHODS = {"check": "Check", "cash": "Cash", "card": "Card", "other": "Other"}
LARGEST_CENTS = 100_000_00


class PaymentRefused(ValueError):
    """A payment cannot be recorded or undone as asked; nothing was changed. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(f"{message} [{code}]")


@dataclass(frozen=True)
class NewPayment:
    """What a person types. `chosen` is cents by claim; None lets the oldest visits be paid first."""

    amount_cents: int
    method: str
    received_on: date
    request_key: str
    reference: str = ""
    chosen: Mapping[UUID, int] | None = None


@transaction.atomic
def record_payment(
    patient: Patient, new: NewPayment, *, actor_id: UUID, now: datetime, today: date
) -> tuple[PatientPayment, bool]:
    """Record money from a patient and allocate it; what is left over is the patient's credit.

    Args:
        patient: Came through its door.
        new: What was typed. Two payments with other keys are two payments, however alike they are.

    Returns:
        The payment, and whether it is new: the same form sent twice is one payment.

    Raises:
        PaymentRefused: An impossible amount or date, more allocated than paid or owed, or a key that was
            used for another payment.
    """
    _check(new, today)
    # Everything that allocates this patient's money waits here, so that nothing is allocated twice.
    Patient.objects.select_for_update(of=("self",)).get(pk=patient.pk)
    before = PatientPayment.objects.filter(
        practice_id=patient.practice_id, request_key=new.request_key
    ).first()
    if before is not None:
        same = (before.patient_id, before.amount_cents, before.method) == (
            patient.pk,
            new.amount_cents,
            new.method,
        )
        if not same:
            raise PaymentRefused(
                "payment.key_reused", "This form was used for another payment; open it again"
            )
        return before, False
    owed = owed_by_claim(patient)
    allocations = _chosen(new, owed) if new.chosen else _oldest_first(new.amount_cents, owed)
    payment = PatientPayment.objects.create(
        practice_id=patient.practice_id,
        patient=patient,
        amount_cents=new.amount_cents,
        method=new.method,
        reference=new.reference.strip()[:40],
        received_on=new.received_on,
        recorded_by=actor_id,
        recorded_at=now,
        request_key=new.request_key,
        allocations=[{"claim_id": str(key), "amount_cents": cents} for key, cents in allocations.items()],
    )
    source = Source(
        str(patient.practice_id),
        new.received_on,
        now,
        actor=str(actor_id),
        reason=f"Patient payment by {METHODS[new.method].lower()}",
    )
    entry = patient_payment_entry(
        source,
        idempotency_key=_key(payment),
        patient_id=str(patient.pk),
        amount_cents=new.amount_cents,
        allocations=[Allocation(cents, str(key)) for key, cents in allocations.items()],
        id=str(new_id()),
    )
    write_entries(patient.practice_id, [entry])
    record(
        "patient_payment.recorded",
        "patient_payment",
        payment.pk,
        practice_id=patient.practice_id,
        actor=actor_id,
        cents=new.amount_cents,
        method=new.method,
        claims=len(allocations),
    )
    return payment, True


@transaction.atomic
def undo_payment(
    payment: PatientPayment,
    *,
    actor_id: UUID,
    now: datetime,
    today: date,
    reason: str,
    bounced: bool = False,
) -> None:
    """Take a payment back by the exact opposite of its entry; the payment stays in the list as undone.

    Args:
        bounced: The bank returned it: where its credit was applied to visits since, these are taken back
            first, the newest first, and the visits owe again.

    Raises:
        PaymentRefused: It is undone already; or its credit was applied to other visits since (and it did not
            bounce), or sent back to the patient.
    """
    Patient.objects.select_for_update(of=("self",)).get(pk=payment.patient_id)
    payment = PatientPayment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
    if payment.undone_at is not None:
        raise PaymentRefused("payment.undone_before", "This payment is undone already")
    rest = payment.amount_cents - sum(row["amount_cents"] for row in payment.allocations)
    applied = _applied_since(payment, rest) if bounced else []
    if rest > credit_of(payment.practice_id, payment.patient_id) + sum(cents for _, cents in applied):
        used = (
            "sent back to the patient: take the refund back first" if bounced else "applied to other visits"
        )
        raise PaymentRefused("payment.credit_used", f"Its credit was {used}, so it cannot be taken back")
    words = (reason.strip() or ("Returned by the bank" if bounced else "Recorded by mistake"))[:200]
    written = Entry.objects.filter(practice_id=payment.practice_id, idempotency_key=_key(payment))
    reversals = [
        reverse_entry(
            entry,
            happened_on=today,
            learned_at=now,
            actor=str(actor_id),
            reason=words,
            id=str(new_id()),
        )
        for entry in [
            *(entry for entry, _ in applied),
            *entry_values(payment.practice_id, written),
        ]
    ]
    write_entries(payment.practice_id, reversals)
    payment.undone_at, payment.undone_by, payment.undone_reason = now, actor_id, words
    payment.save(update_fields=["undone_at", "undone_by", "undone_reason"])
    record(
        "patient_payment.undone",
        "patient_payment",
        payment.pk,
        practice_id=payment.practice_id,
        actor=actor_id,
        cents=payment.amount_cents,
    )


def _applied_since(payment: PatientPayment, wanted: int) -> list[tuple]:
    """Entries that used the patient's credit, newest first, until enough of it is free: (entry, cents)."""
    missing = wanted - credit_of(payment.practice_id, payment.patient_id)
    used = Leg.objects.filter(
        practice_id=payment.practice_id,
        patient_id=payment.patient_id,
        account=Account.PATIENT_CREDITS.value,
        amount_cents__gt=0,
    )
    standing = Entry.objects.filter(
        practice_id=payment.practice_id,
        pk__in=used.values("entry_id"),
        kind=EntryKind.APPLY_CREDIT.value,
        reversed_by__isnull=True,
    )
    found = []
    for entry in reversed(entry_values(payment.practice_id, standing)):
        if missing <= 0:
            break
        cents = sum(leg.amount_cents for leg in entry.legs if leg.account is Account.PATIENT_CREDITS)
        found.append((entry, cents))
        missing -= cents
    return found


@transaction.atomic
def apply_credit(
    patient: Patient, *, actor_id: UUID, now: datetime, today: date, request_key: str
) -> dict[UUID, int]:
    """Use a patient's credit for what they owe, oldest visit first.

    Returns:
        Cents by claim; empty when there is no credit or nothing is owed, or when this form was sent before.
    """
    Patient.objects.select_for_update(of=("self",)).get(pk=patient.pk)
    key = f"apply-credit:{request_key}"[:120]
    if Entry.objects.filter(practice_id=patient.practice_id, idempotency_key=key).exists():
        return {}
    credit = credit_of(patient.practice_id, patient.pk)
    allocations = _oldest_first(credit, owed_by_claim(patient)) if credit > 0 else {}
    if not allocations:
        return {}
    source = Source(
        str(patient.practice_id), today, now, actor=str(actor_id), reason="Credit applied to visits"
    )
    entry = apply_credit_entry(
        source,
        idempotency_key=key,
        patient_id=str(patient.pk),
        available_cents=credit,
        allocations=[Allocation(cents, str(claim)) for claim, cents in allocations.items()],
        id=str(new_id()),
    )
    write_entries(patient.practice_id, [entry])
    record(
        "patient_credit.applied",
        "patient",
        patient.pk,
        practice_id=patient.practice_id,
        actor=actor_id,
        cents=sum(allocations.values()),
        claims=len(allocations),
    )
    return allocations


def owed_by_claim(patient: Patient) -> dict[UUID, int]:
    """What the patient owes by claim, in cents, the oldest visit first; settled claims are left out."""
    rows = (
        Leg.objects.filter(
            practice_id=patient.practice_id,
            patient_id=patient.pk,
            account=Account.PATIENT_RECEIVABLE.value,
            claim_id__isnull=False,
        )
        .order_by()
        .values_list("claim_id")
        .annotate(cents=Sum("amount_cents"))
    )
    owed = {key: cents for key, cents in rows if cents > 0}
    order = Claim.objects.filter(pk__in=owed).order_by("date_of_service", "claim_number", "id")
    return {key: owed[key] for key in order.values_list("id", flat=True)}


def credit_of(practice_id: UUID, patient_id: UUID) -> int:
    """The patient's money that is applied to nothing, in cents."""
    legs = Leg.objects.filter(
        practice_id=practice_id, patient_id=patient_id, account=Account.PATIENT_CREDITS.value
    )
    return -(legs.aggregate(cents=Sum("amount_cents"))["cents"] or 0)


def _key(payment: PatientPayment) -> str:
    return f"patient-payment:{payment.pk}"


def _check(new: NewPayment, today: date) -> None:
    if new.amount_cents <= 0:
        raise PaymentRefused("payment.amount", "A payment is more than nothing")
    if new.amount_cents > LARGEST_CENTS:
        raise PaymentRefused("payment.amount", f"A payment is at most {dollars(LARGEST_CENTS)}")
    if new.method not in METHODS:
        raise PaymentRefused("payment.method", "The method is check, cash, card or other")
    if new.received_on > today:
        raise PaymentRefused("payment.date", "A payment cannot come from the future")
    if not new.request_key or len(new.request_key) > 60:
        raise PaymentRefused("payment.key", "Open the form again")


def _oldest_first(cents: int, owed: Mapping[UUID, int]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for claim, open_cents in owed.items():
        part = min(cents, open_cents)
        if part <= 0:
            break
        found[claim] = part
        cents -= part
    return found


def _chosen(new: NewPayment, owed: Mapping[UUID, int]) -> dict[UUID, int]:
    found = {claim: cents for claim, cents in (new.chosen or {}).items() if cents}
    for claim, cents in found.items():
        if cents < 0:
            raise PaymentRefused("payment.allocation", "An allocation is more than nothing")
        if claim not in owed:
            raise PaymentRefused("payment.allocation", "Nothing is owed on one of the chosen visits any more")
        if cents > owed[claim]:
            words = f"{dollars(cents)} are given to a visit that owes {dollars(owed[claim])}"
            raise PaymentRefused("payment.over_allocated", words)
    total = sum(found.values())
    if total > new.amount_cents:
        words = f"{dollars(total)} are given to visits, and {dollars(new.amount_cents)} were paid"
        raise PaymentRefused("payment.over_allocated", words)
    return found


def save_statement_settings(practice: Practice, settings: Settings) -> None:
    """Keep a practice's policy of statements; its other settings stay."""
    save_policy(practice, SETTING, settings)
