"""Posting a payment, taking it back, and saying where it belongs."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from cleanclaim.ledger import LedgerError
from cleanclaim_server.cycle.banking import look_for_money
from cleanclaim_server.cycle.posting import (
    PostingRefused,
    assign_remittance,
    move_remittance,
    post_remittance,
    undo_posting,
)
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.access import access_practice
from cleanclaim_server.remittances.access import access_remittance
from cleanclaim_server.remittances.actions import SetAsideRefused, set_aside_payment
from cleanclaim_server.remittances.models import RemittanceState
from cleanclaim_server.web.templatetags.numbers import count_text, money_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.remits.inbox import access_stray

REASONS = {
    "other_provider": "It names another provider",
    "test": "It is a test file",
    "closed": "The practice left us",
    "payer_error": "The payer sent it to the wrong place",
}


def _plain(error: Exception) -> str:
    return str(error).rsplit(" [", 1)[0] + "."


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def post(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    """Post a payment that balances, whole or not at all."""
    one = access_remittance(request.tenant, remittance_id)
    if one.state == RemittanceState.POSTED:
        messages.info(request, "It is posted already; nothing was done twice.")
        return redirect("web:remittance", one.pk)
    try:
        with transaction.atomic():
            post_remittance(one.pk, now=shared.now(), actor_id=request.user.pk)
    except (PostingRefused, LedgerError) as error:
        messages.error(request, f"Nothing was posted: {_plain(error)}")
    except DatabaseError:
        messages.error(
            request,
            "Nothing was posted: the books did not take it. Try again; if it stays, report this payment.",
        )
    else:
        words = f"Posted: {count_text(one.claims_count, 'claim')}, {money_text(one.paid_cents)}."
        messages.success(request, words)
    return redirect("web:remittance", one.pk)


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def undo(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    """Take a posting back by writing the exact opposite; nothing is deleted. A reason is needed."""
    one = access_remittance(request.tenant, remittance_id)
    reason = request.POST.get("reason", "").strip()[:200]
    try:
        with transaction.atomic():
            undo_posting(one.pk, now=shared.now(), actor_id=request.user.pk, reason=reason)
    except (PostingRefused, LedgerError) as error:
        messages.error(request, f"Nothing was changed: {_plain(error)}")
    else:
        messages.success(
            request, "The posting is undone: every entry has its opposite, and balances are as before."
        )
    return redirect("web:remittance", one.pk)


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def assign(request: HttpRequest, inbox_id: UUID) -> HttpResponse:
    """Say which practice a payment belongs to; what balances posts at once."""
    one = access_stray(request, inbox_id)
    practice = access_practice(request.tenant, request.POST.get("practice", ""))
    try:
        with transaction.atomic():
            made = assign_remittance(one.pk, practice.pk, actor_id=request.user.pk, now=shared.now())
            look_for_money(practice, [made], now=shared.now())
    except (PostingRefused, LedgerError) as error:
        messages.error(request, f"Nothing was changed: {_plain(error)}")
        return redirect("web:stray", one.pk)
    word = {
        "posted": "and posted",
        "held": "and is held: it does not balance",
        "duplicate": "and was received before",
    }
    messages.success(
        request, f"It belongs to {practice.name} now, {word.get(made.state, '')}.".replace(", .", ".")
    )
    return redirect("web:remittance", made.pk)


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def move(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    """Give a payment to another practice in which this person posts too."""
    one = access_remittance(request.tenant, remittance_id)
    practice = access_practice(request.tenant, request.POST.get("practice", ""))
    reason = request.POST.get("reason", "")[:160]
    try:
        with transaction.atomic():
            made = move_remittance(
                one.pk, practice.pk, reason=reason, actor_id=request.user.pk, now=shared.now()
            )
    except (PostingRefused, LedgerError) as error:
        messages.error(request, f"Nothing was changed: {_plain(error)}")
        return redirect("web:remittance", one.pk)
    done = "and is posted there" if made.state == RemittanceState.POSTED else "and waits there"
    messages.success(request, f"It belongs to {practice.name} now, {done}.")
    return redirect("web:remittance", made.pk)


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def payment_not_ours(request: HttpRequest, inbox_id: UUID) -> HttpResponse:
    """Set a payment aside that is for none of our practices; it is kept and posts nowhere."""
    one = access_stray(request, inbox_id)
    reason = REASONS.get(request.POST.get("reason", ""), "")
    try:
        set_aside_payment(one, reason=reason, actor_id=request.user.pk)
    except SetAsideRefused as error:
        messages.error(request, f"Nothing was changed: {_plain(error)}")
        return redirect("web:stray", one.pk)
    messages.success(request, "Set aside as not ours. The file is kept as it came.")
    return redirect("web:remittances")
