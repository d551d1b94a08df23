"""Reads of claims and batches for lists and for the page of one claim."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from cleanclaim_server.claims.codes import REJECTED, Lifecycle, PayerState
from cleanclaim_server.claims.models import (
    Acknowledgment,
    Batch,
    BatchClaim,
    Claim,
    ClaimEvent,
    ClaimFinding,
    ClaimHold,
    ClaimLine,
)
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def claims(tenant: TenantContext, filters: Mapping[str, str] | None = None) -> QuerySet[Claim]:
    """Claims in reach, without their frozen copies.

    Filters: kind (professional, institutional), lifecycle, payer_state (or `rejected`), payer, patient,
    hold (a cause), ids (claim family ids with commas), q (begin of a claim number or the payer's control
    number). An unknown value matches nothing.
    """
    filters = filters or {}
    rows = visible(Claim.objects.select_related("patient", "payer", "rendering_provider"), tenant).defer(
        "frozen"
    )
    if filters.get("lifecycle"):
        rows = rows.filter(lifecycle__in=filters["lifecycle"].split(","))
    if filters.get("payer_state") == "rejected":
        rows = rows.filter(payer_state__in=REJECTED)
    elif filters.get("payer_state"):
        rows = rows.filter(payer_state__in=filters["payer_state"].split(","))
    for key, field in (("payer", "payer_id"), ("patient", "patient_id"), ("family", "family_id")):
        if filters.get(key):
            rows = rows.filter(**{f"{field}__in": _ids(filters[key])})
    if filters.get("kind"):
        kinds = {"institutional": ~Q(bill_type=""), "professional": Q(bill_type="")}
        rows = rows.filter(kinds[filters["kind"]]) if filters["kind"] in kinds else rows.none()
    if filters.get("hold"):
        held = ClaimHold.objects.filter(
            claim_id=OuterRef("pk"), released_at__isnull=True, cause=filters["hold"]
        )
        rows = rows.filter(Exists(held))
    for key, lookup in (("from", "date_of_service__gte"), ("to", "date_of_service__lte")):
        if filters.get(key):
            try:
                rows = rows.filter(**{lookup: date.fromisoformat(filters[key])})
            except ValueError:
                rows = rows.none()
    if filters.get("q"):
        text = filters["q"].strip()[:50]
        rows = rows.filter(Q(claim_number__istartswith=text) | Q(payer_control_number=text))
    return rows


def _ids(text: str) -> list[UUID]:
    found = []
    for part in text.split(","):
        try:
            found.append(UUID(part))
        except ValueError:
            continue
    return found


def lifecycle_totals(tenant: TenantContext) -> dict[str, dict]:
    """Count and cents per lifecycle state."""
    rows = visible(Claim.objects.all(), tenant).order_by().values("lifecycle")
    return {row["lifecycle"]: row for row in rows.annotate(n=Count("id"), cents=Sum("total_charge_cents"))}


def payer_state_totals(tenant: TenantContext) -> dict[str, dict]:
    """Count and cents per payer state."""
    rows = visible(Claim.objects.all(), tenant).order_by().values("payer_state")
    return {row["payer_state"]: row for row in rows.annotate(n=Count("id"), cents=Sum("total_charge_cents"))}


def open_holds(tenant: TenantContext, claim_ids: Iterable[UUID]) -> dict[UUID, list[ClaimHold]]:
    """Unreleased holds by claim."""
    found: dict[UUID, list[ClaimHold]] = {}
    rows = ClaimHold.objects.filter(
        claim_id__in=list(claim_ids), practice_id__in=tenant.practice_ids, released_at__isnull=True
    )
    for hold in rows.order_by("opened_at", "id"):
        found.setdefault(hold.claim_id, []).append(hold)
    return found


def held_by_notes(claim_ids: Iterable[UUID]) -> list[Claim]:
    """Which of these claims an open finding of their note's audit stops. They came through their door."""
    stops = ClaimFinding.objects.filter(
        claim_id=OuterRef("pk"), code__startswith="notes.", overridden_at__isnull=True
    ).exclude(severity="tell")
    rows = Claim.objects.filter(pk__in=list(claim_ids), lifecycle=Lifecycle.HELD).filter(Exists(stops))
    return list(rows.defer("frozen").order_by("claim_number"))


class ClaimRecord:
    """All that hangs on one claim; read in one query a kind. The claim came through its door."""

    def __init__(self, claim: Claim) -> None:
        mine = {"claim_id": claim.pk, "practice_id": claim.practice_id}
        self.lines = list(ClaimLine.objects.filter(**mine).order_by("number"))
        self.holds = list(ClaimHold.objects.filter(**mine).order_by("opened_at", "id"))
        self.findings = list(ClaimFinding.objects.filter(**mine).order_by("line_number", "code", "id"))
        self.events = list(
            ClaimEvent.objects.filter(**mine)
            .select_related("file").defer("file__content").order_by("-happened_at", "-id")
        )  # fmt: skip
        self.acknowledgments = list(
            Acknowledgment.objects.filter(**mine)
            .select_related("file").defer("file__content").order_by("received_at", "id")
        )  # fmt: skip
        self.family = list(
            Claim.objects.filter(family_id=claim.family_id, practice_id=claim.practice_id)
            .select_related("payer").defer("frozen").order_by("sequence", "created_at", "id")
        )  # fmt: skip
        self.batch_claims = list(
            BatchClaim.objects.filter(**mine).select_related("batch__transfer").order_by("-batch__created_at")
        )


def batches(tenant: TenantContext) -> QuerySet[Batch]:
    """Batches in reach. They hold whole claims of all clinicians: not for those limited to their own."""
    rows = Batch.objects.select_related("transfer__partner", "transfer__file")
    return visible(rows.defer("transfer__partner__config", "transfer__file__content"), tenant)


def claims_of_batch(batch: Batch) -> QuerySet[BatchClaim]:
    """The claims of a batch in the order of the file."""
    rows = BatchClaim.objects.filter(batch_id=batch.pk, practice_id=batch.practice_id)
    return (
        rows.select_related("claim__patient", "claim__payer")
        .defer("claim__frozen")
        .order_by("position", "id")
    )


def rejected_claims(tenant: TenantContext) -> QuerySet[Claim]:
    """Claims that a receiver refused before adjudication and that are still ours to mend."""
    return claims(tenant).filter(payer_state__in=REJECTED).exclude(lifecycle=Lifecycle.CLOSED)


def is_adjudicated(claim: Claim) -> bool:
    """Whether a payer decided on the claim."""
    return claim.payer_state in {
        PayerState.PAID,
        PayerState.PARTLY_PAID,
        PayerState.DENIED,
        PayerState.PATIENT_SHARE,
        PayerState.REVERSED,
    }


def claims_of_encounters(tenant: TenantContext, encounter_ids: list[UUID]) -> dict[UUID, Claim]:
    """The original claim of each session, by session."""
    rows = visible(Claim.objects.filter(family__encounter_id__in=encounter_ids), tenant).defer("frozen")
    found: dict[UUID, Claim] = {}
    for row in rows.select_related("family").order_by("created_at", "id"):
        found.setdefault(row.family.encounter_id, row)
    return found


def lifecycles_of_import(tenant: TenantContext, import_id: UUID) -> dict[str, int]:
    """How many claims the sessions of an import became, by lifecycle."""
    rows = visible(Claim.objects.filter(family__encounter__session_import_id=import_id), tenant).order_by()
    return dict(rows.values_list("lifecycle").annotate(n=Count("id")))


def events_of_patient(tenant: TenantContext, patient_id: UUID, most: int = 15) -> list[ClaimEvent]:
    """What happened last to a patient's claims, newest first."""
    mine = visible(Claim.objects.filter(patient_id=patient_id), tenant)
    rows = ClaimEvent.objects.filter(practice_id__in=tenant.practice_ids, claim_id__in=mine.values("pk"))
    rows = rows.select_related("claim").defer("claim__frozen").order_by("-happened_at", "-id")
    return list(rows[:most])


def unsent_claims_of_patient(tenant: TenantContext, patient_id: UUID) -> QuerySet[Claim]:
    """Claims of a patient that have not left or were rejected: they can still follow the records."""
    waiting = (Lifecycle.DRAFT, Lifecycle.HELD, Lifecycle.READY)
    rows = Claim.objects.filter(patient_id=patient_id, lifecycle__in=waiting)
    return visible(rows.filter(payer_state__in=(PayerState.NONE, *REJECTED)), tenant).defer("frozen")
