"""A claim on paper, and its void."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from cleanclaim_server.audit import record
from cleanclaim_server.claims.access import access_claim
from cleanclaim_server.claims.codes import Lifecycle
from cleanclaim_server.cycle.handling import HandlingRefused, paper_claim, void_claim
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.web.views import shared


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def paper(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """CMS-1500 or UB-04 as PDF: `on=form` for the printed form, else plain; `answers=1` adds answers."""
    one = access_claim(request.tenant, claim_id)
    plain = request.GET.get("on") != "form"
    money = one.practice_id in shared.also(request, DataClass.LEDGER, Access.READ).practice_ids
    answers = money and request.GET.get("answers") == "1"
    try:
        made = paper_claim(one, plain_paper=plain, with_answers=answers, today=shared.today(request))
    except HandlingRefused as error:
        messages.error(request, f"Nothing was printed: {str(error).rsplit(' [', 1)[0]}")
        return redirect("web:claim", one.pk)
    record("claim.printed", "claim", one.pk, practice_id=one.practice_id, plain=plain, answers=answers)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{one.claim_number}.pdf"'
    return response


@requires(DataClass.CLAIM, Access.FULL)
@require_POST
def void(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Build the void of a decided claim, and open it."""
    one = access_claim(request.tenant, claim_id)
    try:
        made = void_claim(
            one.pk,
            one.practice_id,
            reason=request.POST.get("reason", ""),
            actor_id=request.user.pk,
            now=shared.now(),
            today=shared.today(request),
        )
    except HandlingRefused as error:
        messages.error(request, f"Nothing was changed: {str(error).rsplit(' [', 1)[0]}")
        return redirect("web:claim", one.pk)
    if made.lifecycle == Lifecycle.READY:
        messages.success(request, f"Void {made.claim_number} is built; it goes with the next batch.")
    else:
        messages.warning(request, f"Void {made.claim_number} is built and is held: see what the edits say.")
    return redirect("web:claim", made.pk)


urlpatterns = [
    path("claims/<uuid:claim_id>/paper", paper, name="paper_claim"),
    path("claims/<uuid:claim_id>/void", void, name="void_claim"),
]
