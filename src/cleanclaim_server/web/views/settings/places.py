"""Settings of a practice: the places of its sessions."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from cleanclaim_server.audit import record
from cleanclaim_server.identity.access import requires_set_up
from cleanclaim_server.identity.roles import Access
from cleanclaim_server.practice import actions
from cleanclaim_server.practice.models import Location
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.settings import forms as own
from cleanclaim_server.web.views.settings.shell import (
    ADDRESS,
    form_page,
    keep,
    practice_of,
)


@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def location(request: HttpRequest, practice_id: UUID, location_id: UUID | None = None) -> HttpResponse:
    """Add or change a place of session."""
    one = practice_of(request, practice_id)
    row = Location(practice=one, timezone=one.timezone)
    if location_id is not None:
        row = Location.objects.filter(pk=location_id, practice_id=one.pk).first()
        if row is None:
            raise Http404
    names = (
        "name",
        "place_of_service",
        "npi",
        "is_billing_address",
        "address_line1",
        "address_line2",
        "city",
        "state",
        "postal_code",
        "timezone",
    )
    form = own.LocationForm(
        request.POST or None, initial={name: getattr(row, name) for name in names}, on=shared.today(request)
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and keep(form, lambda: actions.save_location(row, form.cleaned_data)) is not None
    ):
        record(
            "settings.changed" if location_id else "settings.added", "location", row.pk, practice_id=one.pk
        )
        messages.success(request, f"{row.name} is kept.")
        return redirect("web:set_up_practice", one.pk)
    layout = [
        (
            "The place",
            [
                ("name", "Name", "text", 6),
                ("place_of_service", "Place of service", "select", 6),
                ("npi", "NPI of its own", "text", 6, "Only if it has one"),
                ("is_billing_address", "This is the billing address", "check", 6),
            ],
        ),
        ("Address", [*ADDRESS, ("timezone", "Time zone", "select", 6)]),
    ]
    return form_page(
        request,
        form,
        layout,
        current=str(one.pk),
        title=row.name or "New place",
        button="Keep the place",
        back=f"/settings/practices/{one.pk}",
    )
