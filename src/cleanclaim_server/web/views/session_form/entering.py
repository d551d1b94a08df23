"""Entering a session: the form, and recording it."""

from __future__ import annotations

from hashlib import sha256

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cleanclaim_server.audit import record
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.intake import Masters, record_sessions
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.session_form.fields import (
    SessionForm,
    fields_of,
    input_of,
    practice_in_hand,
)
from cleanclaim_server.web.views.session_form.preview import NOTHING_YET, preview_of


@requires(DataClass.CLAIM, Access.FULL)
@require_http_methods(["GET", "POST"])
def enter_session(request: HttpRequest) -> HttpResponse:
    """The entry form; POST records the session and takes it as far as it goes."""
    tenant, others, chosen = practice_in_hand(request, shared.in_view(request))
    initial = {
        "date_of_service": shared.today(request),
        "participants": "patient",
        "patient_type": "established",
        "patient": request.GET.get("patient", ""),
    }
    form = SessionForm(request.POST or None, tenant=tenant, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        practice = Practice.objects.get(pk=data["patient"].practice_id)
        key = data["request_key"] or _key_of(data)
        item = input_of(
            data, external_id=f"form-{key}"[:60], signed_at=shared.now() if data["note_signed"] else None
        )
        found, faults, repeated = record_sessions(
            Masters(practice), [item], now=shared.now(), today=shared.today(request), actor_id=request.user.pk
        )
        if found:
            record("session.entered", "encounter", found[0].pk, practice_id=practice.pk)
            messages.success(request, outcome(found[0]))
            if request.POST.get("go") == "another":
                return redirect(f"/sessions/new?practice={practice.code}")
            return redirect("web:session", found[0].pk)
        if repeated:
            messages.info(request, "This session was already recorded; nothing was done twice.")
            return redirect("web:sessions")
        for fault in faults:
            form.add_error(None, f"{fault.message} {fault.remedy}")
    record("session.form_opened", "encounter")
    context = {
        "heading": "Enter a session",
        "session_url": "/sessions/new",
        "others": others,
        "practice": chosen,
        "submit": "Accept and build the claim",
        "again": True,
        "session": None,
        "empty_hint": _missing_masters(form),
    }
    return show(request, form, tenant, context)


def outcome(one: Encounter) -> str:
    if one.state == "charged":
        claim = Claim.objects.filter(family__encounter=one).first()
        state = {"ready": "ready to send", "held": "held"}.get(claim.lifecycle if claim else "", "built")
        return f"Recorded. Claim {claim.claim_number} is {state}." if claim else "Recorded."
    return "Recorded. It needs completing before it becomes a claim."


def _missing_masters(form: SessionForm) -> str:
    for name, words in (("patient", "patient"), ("provider", "clinician"), ("location", "place")):
        if not form.fields[name].queryset.exists():
            return words
    return ""


def show(request: HttpRequest, form: SessionForm, tenant: TenantContext, context: dict) -> HttpResponse:
    posted = request.method == "POST"
    shown = {
        "today": shared.today(request),
        "form": fields_of(form),
        "errors": list(form.non_field_errors()),
        "preview": preview_of(form, tenant) if posted or context.get("session") else NOTHING_YET,
        "request_key": request.POST.get("request_key") or str(new_id()),
        "preview_url": "/sessions/preview",
    }
    return render(
        request, "sessions/entry.html", shown | context, status=400 if posted and form.errors else 200
    )


def _key_of(data: dict) -> str:
    """Same patient, clinician, day, time and service: the same session, however often the form is sent."""
    parts = [str(data["patient"].pk), str(data["provider"].pk), data["date_of_service"].isoformat()]
    parts += [str(data.get("starts_at") or ""), data["service"]]
    return sha256("|".join(parts).encode()).hexdigest()[:40]
