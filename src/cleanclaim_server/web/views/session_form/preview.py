"""What a session would be billed as while it is typed. Nothing is kept."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from cleanclaim_server.cycle.handling import preview_session
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.session_form.fields import (
    SessionForm,
    input_of,
    minutes_of,
    practice_in_hand,
)
from cleanclaim_server.web.views.session_form.strip import drawn

NOTHING_YET = {"ready": False, "missing": "Choose the patient, the clinician, the day and the service."}


@requires(DataClass.CLAIM, Access.FULL)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What the session would be billed as, from what is typed so far. Nothing is kept."""
    tenant, _, _ = practice_in_hand(request, shared.in_view(request))
    form = SessionForm(request.POST, tenant=tenant)
    return render(request, "sessions/preview.html", {"preview": preview_of(form, tenant)})


def preview_of(form: SessionForm, tenant: TenantContext) -> dict:
    """Bands, codes, price, reasons and findings for a form that may still have holes."""
    if form.is_bound:
        form.is_valid()
        data = form.cleaned_data
    else:
        data = _initial(form, tenant)
    missing = [
        word
        for name, word in (
            ("patient", "the patient"),
            ("provider", "the clinician"),
            ("date_of_service", "the day"),
            ("service", "the service"),
        )
        if not data.get(name)
    ]
    if missing:
        return NOTHING_YET | {"missing": f"Still to choose: {', '.join(missing)}."}
    practice = Practice.objects.get(pk=data["patient"].practice_id)
    signed = datetime.now(UTC) if data.get("note_signed") else None
    found = preview_session(
        practice, data["patient"], input_of(data, external_id="preview", signed_at=signed)
    )
    if found.finding is not None:
        return NOTHING_YET | {"missing": f"{found.finding.message} {found.finding.remedy}"}
    return drawn(found, data["service"], data["date_of_service"], minutes_of(data), data)


def _initial(form: SessionForm, tenant: TenantContext) -> dict:
    """What the initial values of a session on file clean to."""
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    bound = SessionForm(
        {name: value for name, value in values.items() if value not in (None, False)}, tenant=tenant
    )
    bound.is_valid()
    return bound.cleaned_data
