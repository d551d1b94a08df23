"""Settings of the agency: who sends our files."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from cleanclaim_server.audit import record
from cleanclaim_server.identity.access import requires_set_up
from cleanclaim_server.identity.roles import Access
from cleanclaim_server.practice import actions
from cleanclaim_server.web.views.settings import forms as own
from cleanclaim_server.web.views.settings.shell import (
    agency_only,
    form_page,
)

AGENCY = [
    (
        "The sender of every file",
        [
            ("name", "Name", "text", 8),
            ("submitter_id", "Sender id", "text", 4, "ISA06 and 1000A, as the clearinghouse gave it"),
        ],
    ),
    (
        "Whom payers call",
        [("contact_name", "Contact", "text", 6), ("contact_phone", "Phone", "text", 6, "Ten digits")],
    ),
    ("Time", [("timezone", "Time zone", "select", 6)]),
]


@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def agency(request: HttpRequest) -> HttpResponse:
    """Who sends our files."""
    no = agency_only(request)
    if no:
        return no
    one = request.user.agency
    names = ("name", "submitter_id", "contact_name", "contact_phone", "timezone")
    form = own.AgencyForm(request.POST or None, initial={name: getattr(one, name) for name in names})
    if request.method == "POST" and form.is_valid():
        actions.save_agency(one, form.cleaned_data)
        record("settings.changed", "agency", one.pk, fields=sorted(form.changed_data))
        messages.success(request, "The agency is kept.")
        return redirect("web:settings")
    return form_page(request, form, AGENCY, current="agency", title="Agency", button="Keep it")
