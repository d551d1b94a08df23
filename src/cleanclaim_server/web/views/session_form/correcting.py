"""Correcting a session whose claim has not left."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from cleanclaim.findings import Finding
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.handling import HandlingRefused, amend_session, is_unsent
from cleanclaim_server.cycle.intake.bills import is_bill
from cleanclaim_server.encounters.access import access_encounter
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.session_form.entering import outcome, show
from cleanclaim_server.web.views.session_form.fields import TAKING_PART, SessionForm, input_of


def amendable(one: Encounter) -> str:
    """Why a session can no longer be corrected; empty when it can."""
    if one.state == "void":
        return "The session is void."
    if is_bill(one):
        return "It is a bill of programme days: correct its episode, then mend or correct the claim."
    claims = list(Claim.objects.filter(family__encounter=one, practice_id=one.practice_id).defer("frozen"))
    if any(not is_unsent(claim) for claim in claims):
        return "Its claim has left. What was sent is never changed; correct the claim instead."
    return ""


def initial_of(one: Encounter) -> dict:
    """A session on file in the words of the form."""
    facts = one.facts or {}
    part, _, many = (one.participants.split(";")[0] or "patient").partition(":")
    return {
        "patient": one.patient_id,
        "provider": one.rendering_provider_id,
        "supervisor": one.supervising_provider_id,
        "location": one.location_id,
        "date_of_service": one.date_of_service,
        "starts_at": one.starts_at,
        "stops_at": one.stops_at,
        "minutes": one.minutes,
        "service": one.service.split(";")[0],
        "setting": one.setting,
        "modality": one.modality,
        "patient_at_home": one.patient_at_home,
        "participants": part if part in dict(TAKING_PART) else "patient",
        "group_size": many or None,
        "em_basis": facts.get("em_basis", ""),
        "em_minutes": facts.get("em_minutes"),
        "patient_type": facts.get("patient_type", ""),
        "interactive": next(iter(facts.get("ic_factors") or ()), ""),
        "diagnoses": ", ".join(one.diagnoses),
        "authorization": one.authorization.number if one.authorization_id else "",
        "note_reference": one.note_reference,
        "note_signed": one.is_signed,
    }


@requires(DataClass.CLAIM, Access.FULL)
@require_http_methods(["GET", "POST"])
def edit_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Correct a session whose claim has not left; it is coded again and its claim follows."""
    one = access_encounter(request.tenant, session_id)
    reason = amendable(one)
    if reason:
        messages.error(request, reason)
        return redirect("web:session", one.pk)
    mark = shared.marks(request)[one.practice_id]
    tenant = shared.narrowed(request, request.tenant, mark["code"])
    form = SessionForm(request.POST or None, tenant=tenant, initial=initial_of(one))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if data["patient"].pk != one.patient_id:
            form.add_error("patient", "A session keeps its patient. Enter a new one for somebody else.")
        else:
            signed = (one.note_signed_at or shared.now()) if data["note_signed"] else None
            item = input_of(data, external_id=one.external_id, signed_at=signed)
            try:
                with transaction.atomic():
                    after = amend_session(
                        one, item, actor_id=request.user.pk, now=shared.now(), today=shared.today(request)
                    )
            except HandlingRefused as refused:
                form.add_error(None, str(refused))
            else:
                if not isinstance(after, Finding):
                    messages.success(request, outcome(after).replace("Recorded", "Corrected"))
                    return redirect(shared.ours(request.GET.get("back", ""), f"/sessions/{one.pk}"))
                form.add_error(None, f"{after.message} {after.remedy}")
    context = {
        "heading": "Correct the session",
        "session_url": request.get_full_path(),
        "others": [],
        "practice": mark,
        "submit": "Save and check again",
        "again": False,
        "session": one,
        "empty_hint": "",
    }
    return show(request, form, tenant, context)
