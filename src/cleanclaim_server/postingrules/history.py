"""What waits, and what was done before about the same pattern with the same payer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from cleanclaim_server.postingrules.models import Decision, HeldPart, PartState, Said
from cleanclaim_server.remittances.models import Remittance, RemittanceState
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

UNMATCHED = "number "
"""How the pattern of an unmatched claim payment begins; the shape of its number follows."""


@dataclass(frozen=True)
class Past:
    """What was decided about a pattern: (what, how often) with the commonest first, and the last time."""

    counts: tuple[tuple[Said, int], ...] = ()
    last_at: datetime | None = None
    last_by: str = ""

    @property
    def times(self) -> int:
        return sum(count for _, count in self.counts)

    @property
    def usual(self) -> Said | None:
        """What was done most often; None when it was never decided."""
        return self.counts[0][0] if self.counts else None


def past_of(tenant: TenantContext | None, payer_number: str, pattern: str) -> Past:
    """Decisions in reach about one pattern of one payer. A question to the payer settles nothing."""
    rows = visible(Decision.objects.all(), tenant).filter(payer_number=payer_number, pattern=pattern)
    rows = rows.exclude(said__in=(Said.ASKED, Said.FORGOTTEN))
    counts = [
        (Said(said), count) for said, count in rows.order_by().values_list("said").annotate(n=Count("id"))
    ]
    last = rows.order_by("-made_at", "-id").first()
    return Past(
        tuple(sorted(counts, key=lambda one: (-one[1], one[0]))),
        last.made_at if last else None,
        last.made_by_name if last else "",
    )


def waiting_parts(tenant: TenantContext | None, remittance_id: UUID) -> list[HeldPart]:
    """The parts of one payment that wait for a person, in its order."""
    rows = visible(HeldPart.objects.select_related("remittance_claim", "payer"), tenant)
    rows = rows.filter(
        state=PartState.WAITING,
        remittance_claim__remittance_id=remittance_id,
        remittance_claim__remittance__state=RemittanceState.POSTED,
    )
    return list(rows.order_by("remittance_claim__number", "line", "kind"))


def waiting_by_remittance(practice_ids: Iterable[UUID], remittance_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many parts wait in each payment; none is left out."""
    rows = HeldPart.objects.filter(
        practice_id__in=list(practice_ids),
        state=PartState.WAITING,
        remittance_claim__remittance_id__in=list(remittance_ids),
    )
    return dict(rows.order_by().values_list("remittance_claim__remittance_id").annotate(n=Count("id")))


def with_waiting_parts(rows: QuerySet[Remittance]) -> QuerySet[Remittance]:
    """Those posted payments of which a part waits for a person."""
    waits = HeldPart.objects.filter(
        remittance_claim__remittance_id=OuterRef("pk"),
        practice_id=OuterRef("practice_id"),
        state=PartState.WAITING,
    )
    return rows.filter(Exists(waits), state=RemittanceState.POSTED)


def waiting_totals(tenant: TenantContext | None) -> tuple[int, int]:
    """Payments with a part that waits, and the cents in suspense for it."""
    rows = visible(HeldPart.objects.all(), tenant).filter(
        state=PartState.WAITING, remittance_claim__remittance__state=RemittanceState.POSTED
    )
    found = rows.order_by().aggregate(
        n=Count("remittance_claim__remittance_id", distinct=True), cents=Sum("amount_cents")
    )
    return found["n"] or 0, found["cents"] or 0


def notes_of(row_id: UUID, practice_id: UUID) -> list[Decision]:
    """What was noted about one claim payment, newest first."""
    rows = Decision.objects.filter(remittance_claim_id=row_id, practice_id=practice_id)
    return list(rows.order_by("-made_at", "-id")[:20])
