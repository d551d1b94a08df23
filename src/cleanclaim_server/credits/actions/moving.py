"""A patient's credit moved to other visits, and what people say about a payer's credit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import transaction

from cleanclaim.ledger import (
    Allocation,
    Source,
)
from cleanclaim.ledger.credits import move_credit_entry
from cleanclaim.money import dollars
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.credits.actions.common import CreditRefused, Who, available, reason_of
from cleanclaim_server.credits.models import CreditDecision, DecisionKind
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.statements.actions import owed_by_claim
from cleanclaim_server.tenancy.models import new_id


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
    reason = reason_of(reason)
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
