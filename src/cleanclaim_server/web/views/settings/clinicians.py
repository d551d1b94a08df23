"""Settings of a practice: its clinicians and their licences."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from cleanclaim_server.audit import record
from cleanclaim_server.identity.access import requires_set_up
from cleanclaim_server.identity.roles import Access
from cleanclaim_server.practice import actions
from cleanclaim_server.practice.models import License, Practice, Provider
from cleanclaim_server.web.views.settings import forms as own
from cleanclaim_server.web.views.settings.shell import (
    drawn_fields,
    first_error,
    form_page,
    keep,
    practice_of,
)


@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def provider(request: HttpRequest, practice_id: UUID, provider_id: UUID | None = None) -> HttpResponse:
    """Add or change a clinician."""
    one = practice_of(request, practice_id)
    row = Provider(practice=one) if provider_id is None else _provider(one, provider_id)
    colleagues = (
        Provider.objects.filter(practice_id=one.pk, is_active=True)
        .exclude(pk=row.pk)
        .order_by("last_name", "id")
    )
    names = ("first_name", "last_name", "npi", "taxonomy", "credential", "is_active")
    initial = {name: getattr(row, name) for name in names} | {"supervisor": row.supervisor_id}
    form = own.ProviderForm(request.POST or None, initial=initial, colleagues=colleagues)
    if (
        request.method == "POST"
        and form.is_valid()
        and keep(form, lambda: actions.save_provider(row, form.cleaned_data)) is not None
    ):
        record(
            "settings.changed" if provider_id else "settings.added", "provider", row.pk, practice_id=one.pk
        )
        messages.success(request, f"{row} is kept." if provider_id else f"{row} is added. Add the licences.")
        return redirect("web:set_up_provider", one.pk, row.pk)
    layout = [
        (
            "The clinician",
            [
                ("first_name", "First name", "text", 6),
                ("last_name", "Last name", "text", 6),
                ("credential", "Credential", "select", 4, "Decides which codes and modifiers fit"),
                ("npi", "NPI", "text", 4),
                ("taxonomy", "Taxonomy", "list", 4, "", own.taxonomies()),
            ],
        ),
        (
            "Supervision",
            [("supervisor", "Works under", "select", 6), ("is_active", "Works here now", "check", 6)],
        ),
    ]
    extra = (
        {
            "licenses": list(
                License.objects.filter(provider=row, practice_id=one.pk).order_by("state", "number")
            ),
            "license_sections": drawn_fields(own.LicenseForm(), LICENSE),
            "license_url": f"/settings/practices/{one.pk}/providers/{row.pk}/licenses",
        }
        if provider_id
        else {}
    )
    return form_page(
        request,
        form,
        layout,
        current=str(one.pk),
        title=str(row) if provider_id else "New clinician",
        button="Keep the clinician",
        back=f"/settings/practices/{one.pk}",
        extra=extra,
    )


LICENSE = [
    (
        "",
        [
            ("state", "State", "select", 3),
            ("number", "Number", "text", 3),
            ("starts_on", "From", "date", 3),
            ("ends_on", "Until", "date", 3),
        ],
    )
]


def _provider(one: Practice, provider_id: UUID) -> Provider:
    found = Provider.objects.filter(pk=provider_id, practice_id=one.pk).first()
    if found is None:
        raise Http404
    return found


@requires_set_up(Access.FULL)
@require_POST
def add_license(request: HttpRequest, practice_id: UUID, provider_id: UUID) -> HttpResponse:
    """Add a licence of a clinician."""
    one = practice_of(request, practice_id)
    row = _provider(one, provider_id)
    form = own.LicenseForm(request.POST)
    if form.is_valid() and keep(form, lambda: actions.add_license(row, form.cleaned_data)) is not None:
        record("settings.added", "license", row.pk, practice_id=one.pk)
        messages.success(request, f"The licence in {form.cleaned_data['state']} is on file.")
    else:
        messages.error(request, f"Nothing was added: {first_error(form)}")
    return redirect("web:set_up_provider", one.pk, row.pk)


@requires_set_up(Access.FULL)
@require_POST
def drop_license(
    request: HttpRequest, practice_id: UUID, provider_id: UUID, license_id: UUID
) -> HttpResponse:
    """Take a licence off that was entered by mistake."""
    one = practice_of(request, practice_id)
    row = _provider(one, provider_id)
    if not actions.drop_license(row, license_id):
        raise Http404
    record("settings.removed", "license", license_id, practice_id=one.pk)
    messages.success(request, "The licence is taken off.")
    return redirect("web:set_up_provider", one.pk, row.pk)
