"""One claim payment between two practices: given away, taken over, taken back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from cleanclaim.ledger import LedgerError
from cleanclaim_server.cycle.posting import (
    PostingRefused,
    move_claim_payment,
    take_claim_payment_back,
)
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.access import access_practice
from cleanclaim_server.remittances.access import access_remittance, access_remittance_claim
from cleanclaim_server.remittances.models import ClaimTransfer, Remittance, RemittanceState
from cleanclaim_server.remittances.queries import standing_transfers
from cleanclaim_server.web.templatetags.numbers import money_text
from cleanclaim_server.web.views import shared


def others(one: Remittance, marks: dict, reach: frozenset[UUID]) -> list[dict]:
    """The other practices in which this person posts too."""
    return [mark for key, mark in marks.items() if key in reach and key != one.practice_id]


def given_away(one: Remittance, marks: dict, sees: frozenset[UUID], reach: frozenset[UUID]) -> list[dict]:
    """Claim payments of this payment that other practices have."""
    rows = list(standing_transfers(one, is_out=True).select_related("remittance_claim"))
    names = _names({row.made_by for row in rows})
    return [
        _row(row, one, marks, sees, reach, names)
        | {"claim_number": row.remittance_claim.claim_number, "number": row.remittance_claim.number}
        for row in rows
    ]


def taken_over(one: Remittance, marks: dict, sees: frozenset[UUID], reach: frozenset[UUID]) -> dict | None:
    """Whose deposit this claim payment came in; None for a payment of its own."""
    if not one.part:
        return None
    row = standing_transfers(one, is_out=False).first()
    return _row(row, one, marks, sees, reach, _names({row.made_by})) if row else None


def _row(
    row: ClaimTransfer,
    one: Remittance,
    marks: dict,
    sees: frozenset[UUID],
    reach: frozenset[UUID],
    names: dict,
) -> dict:
    both = row.other_practice in reach and one.practice_id in reach
    return {
        "practice": marks.get(row.other_practice),
        "cents": row.amount_cents,
        "other_cents": row.other_paid_cents,
        "reason": row.reason,
        "at": row.made_at,
        "by": names.get(row.made_by, "a person"),
        "id": row.transfer_id,
        "other_url": reverse("web:remittance", args=[row.other_remittance])
        if row.other_practice in sees
        else "",
        "back_url": reverse("web:take_claim_payment_back", args=[one.pk, row.transfer_id]) if both else "",
    }


def _names(ids: set[UUID]) -> dict[UUID, str]:
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "display_name")) if ids else {}


def file_url(one: Remittance, reach: frozenset[UUID]) -> str:
    """The address of the whole file; none for whoever sees one claim payment of another practice's file."""
    if one.part and not set(one.file.practice_ids) <= {str(key) for key in reach}:
        return ""
    return f"/files/{one.file_id}"


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def move_claim(request: HttpRequest, remittance_id: UUID, answer_id: UUID) -> HttpResponse:
    """Give one claim payment, with its money, to another practice in which this person posts too."""
    row = access_remittance_claim(request.tenant, answer_id)
    if row.remittance_id != remittance_id:
        raise Http404
    practice = access_practice(request.tenant, request.POST.get("practice", ""))
    try:
        with transaction.atomic():
            made = move_claim_payment(
                row.pk,
                practice.pk,
                reason=request.POST.get("reason", "")[:160],
                actor_id=request.user.pk,
                now=shared.now(),
            )
    except (PostingRefused, LedgerError) as error:
        messages.error(request, f"Nothing was changed: {_plain(error)}")
        return redirect("web:remittance", remittance_id)
    matched = made.state == RemittanceState.POSTED and made.claims.filter(claim__isnull=False).exists()
    done = "on its claim" if matched else "in suspense until somebody finds its claim"
    messages.success(request, f"{money_text(made.paid_cents)} are {practice.name}’s now, {done}.")
    return redirect("web:remittance", remittance_id)


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def take_back(request: HttpRequest, remittance_id: UUID, transfer_id: UUID) -> HttpResponse:
    """Take a claim payment back from the practice that got it; asked on either side, by people of both."""
    one = access_remittance(request.tenant, remittance_id)
    row = ClaimTransfer.objects.filter(
        practice_id=one.practice_id, remittance_id=one.pk, transfer_id=transfer_id
    ).first()
    if row is None or row.other_practice not in request.tenant.practice_ids:
        raise Http404
    try:
        with transaction.atomic():
            answer = take_claim_payment_back(
                transfer_id,
                reason=request.POST.get("reason", "")[:160],
                actor_id=request.user.pk,
                now=shared.now(),
            )
    except (PostingRefused, LedgerError) as error:
        messages.error(request, f"Nothing was changed: {_plain(error)}")
        return redirect("web:remittance", one.pk)
    messages.success(request, "Taken back. The books of both practices are as before.")
    return redirect("web:remittance", answer.remittance_id)


def _plain(error: Exception) -> str:
    return str(error).rsplit(" [", 1)[0] + "."
