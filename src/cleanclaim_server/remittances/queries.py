"""Reads of remittances."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.db.models import Count, Exists, OuterRef, QuerySet

from cleanclaim.ledger import PostedRemittance
from cleanclaim.x12.sets.records import Remittance as RemittanceValue
from cleanclaim_server.remittances.actions import MOVED_OUT, PLACED
from cleanclaim_server.remittances.models import (
    ClaimTransfer,
    InboxRemittance,
    Remittance,
    RemittanceClaim,
    RemittanceIdentity,
    RemittanceState,
)
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

_DECODER = msgspec.json.Decoder(RemittanceValue)


def content_of(inbox: InboxRemittance) -> RemittanceValue:
    """The payment as it was read from its file."""
    return _DECODER.decode(inbox.content)


def list_remittances(tenant: TenantContext | None, state: str = "") -> QuerySet[Remittance]:
    """Remittances in reach, newest first."""
    rows = visible(Remittance.objects.select_related("practice", "payer"), tenant)
    return (rows.filter(state=state) if state else rows).order_by("-received_at", "-id")


def list_unassigned(tenant: TenantContext | None) -> QuerySet[InboxRemittance]:
    """Payments whose payee is none of our practices, newest first; their content stays sealed."""
    rows = visible(InboxRemittance.objects.select_related("file"), tenant).defer("content", "file__content")
    return rows.filter(state="unassigned").order_by("-received_at", "-id")


def list_unmatched(tenant: TenantContext | None) -> QuerySet[RemittanceClaim]:
    """Claim payments without a claim of ours, in payments that are posted or ready."""
    rows = visible(RemittanceClaim.objects.select_related("remittance"), tenant)
    states = (RemittanceState.POSTED, RemittanceState.READY)
    rows = rows.filter(claim__isnull=True, remittance__state__in=states).exclude(next_action=MOVED_OUT)
    return rows.order_by("-remittance__received_at", "number")


def claim_answers(tenant: TenantContext | None, claim_id: UUID) -> QuerySet[RemittanceClaim]:
    """What payers answered about one claim, with lines and adjustments, oldest first."""
    rows = visible(RemittanceClaim.objects.select_related("remittance"), tenant)
    return (
        rows.filter(claim_id=claim_id)
        .prefetch_related("lines__adjustments", "adjustments")
        .order_by("remittance__received_at", "number")
    )


def posted_remittances(practice_id: UUID) -> list[PostedRemittance]:
    """Every payment that was ever posted, as `ledger.queries.verify_ledger` takes it."""
    keys = dict(
        RemittanceIdentity.objects.filter(practice_id=practice_id).values_list(
            "remittance_id", "identity_key"
        )
    )
    rows = Remittance.objects.filter(
        practice_id=practice_id, state__in=(RemittanceState.POSTED, RemittanceState.UNDONE)
    ).select_related("inbox")
    return [
        PostedRemittance(
            str(row.id),
            keys[row.id],
            content_of(row.inbox),
            undone=row.state == RemittanceState.UNDONE,
            is_part=bool(row.part),
        )
        for row in rows.order_by("id")
        if row.id in keys and row.inbox is not None
    ]


NEEDS_YOU = (RemittanceState.HELD, RemittanceState.QUARANTINED, RemittanceState.READY, RemittanceState.UNDONE)


def inbox_counts(tenant: TenantContext | None) -> dict[str, int]:
    """How many payments wait for a person (`needs`), hold a claim payment without a claim (`unmatched`), and
    of each state."""
    rows = visible(Remittance.objects.all(), tenant).order_by()
    counts = dict(rows.values_list("state").annotate(n=Count("id")))
    counts["needs"] = sum(counts.get(state, 0) for state in NEEDS_YOU)
    counts["unmatched"] = with_unmatched(rows).count()
    counts["all"] = sum(counts.get(state, 0) for state in RemittanceState.values)
    return counts


def with_unmatched(rows: QuerySet[Remittance]) -> QuerySet[Remittance]:
    """Those that name a claim which is none of ours, or that nobody has placed yet."""
    loose = RemittanceClaim.objects.filter(
        remittance_id=OuterRef("pk"), practice_id=OuterRef("practice_id"), claim__isnull=True
    ).exclude(next_action__in=PLACED)
    return rows.filter(
        Exists(loose), state__in=(RemittanceState.POSTED, RemittanceState.READY, RemittanceState.HELD)
    )


def loose_claims(remittance_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many claim payments without a claim each remittance holds; none is left out."""
    rows = RemittanceClaim.objects.filter(remittance_id__in=list(remittance_ids), claim__isnull=True)
    return dict(
        rows.exclude(next_action__in=PLACED).order_by().values_list("remittance_id").annotate(n=Count("id"))
    )


def posted_twin(remittance: Remittance) -> Remittance | None:
    """The posting of the same payment, when this one is its copy or its contradiction."""
    rows = Remittance.objects.filter(
        practice_id=remittance.practice_id,
        trace_number=remittance.trace_number,
        paid_cents=remittance.paid_cents,
        paid_on=remittance.paid_on,
        state=RemittanceState.POSTED,
    )
    return rows.exclude(pk=remittance.pk).order_by("-posted_at").first()


def standing_transfers(remittance: Remittance, *, is_out: bool) -> QuerySet[ClaimTransfer]:
    """Claim payments of it that others have (`is_out`), or the one that it took over; oldest first."""
    return ClaimTransfer.objects.filter(
        practice_id=remittance.practice_id, remittance_id=remittance.pk, is_out=is_out, undone_at__isnull=True
    ).order_by("made_at", "id")
