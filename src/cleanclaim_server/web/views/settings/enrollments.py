"""Settings of a practice: with which payers its clinicians and the practice itself are enrolled."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cleanclaim_server.audit import record
from cleanclaim_server.coverage.enrolling import add_enrollment, end_enrollment
from cleanclaim_server.coverage.models import Enrollment, Payer
from cleanclaim_server.cycle.handling.enrolling import recheck_payer
from cleanclaim_server.identity.access import requires_set_up, set_up_reach
from cleanclaim_server.identity.roles import Access
from cleanclaim_server.practice.actions import SetUpRefused
from cleanclaim_server.practice.models import Practice, Provider
from cleanclaim_server.web.templatetags.numbers import count_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.settings import forms as own
from cleanclaim_server.web.views.settings.shell import drawn_fields, keep, navigation, practice_of

LAYOUT = [
    (
        "",
        [
            ("payer", "Payer", "select", 4),
            ("role", "For what", "select", 4),
            ("provider", "Clinician", "select", 4, "Empty: the practice itself"),
            ("starts_on", "From", "date", 3),
            ("ends_on", "Until", "date", 3, "Empty while it is open"),
            ("reference", "Payer's number", "text", 6),
        ],
    )
]


@requires_set_up(Access.READ)
@require_GET
def enrollments(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Who is enrolled with whom."""
    one = practice_of(request, practice_id)
    record("settings.read", "enrollment", one.pk, practice_id=one.pk)
    return _page(request, one, _form(request, one))


def _form(request: HttpRequest, one: Practice) -> own.EnrollmentForm:
    return own.EnrollmentForm(
        request.POST or None,
        initial={"starts_on": shared.today(request).isoformat()},
        payers=Payer.objects.filter(agency_id=one.agency_id).order_by("name", "id"),
        providers=Provider.objects.filter(practice_id=one.pk).order_by("last_name", "id"),
    )


def _page(request: HttpRequest, one: Practice, form: own.EnrollmentForm, status: int = 200) -> HttpResponse:
    day = shared.today(request)
    rows = Enrollment.objects.filter(practice_id=one.pk).select_related("payer", "provider")
    context = navigation(request, str(one.pk)) | {
        "practice": one,
        "mark": {"code": one.code, "name": one.name, "hue": one.hue},
        "may_change": one.pk in set_up_reach(request.user, Access.FULL).practice_ids,
        "rows": [
            {
                "row": row,
                "state": "later" if row.starts_on > day else "now" if row.in_force_on(day) else "ended",
                "end_url": f"/settings/practices/{one.pk}/enrollments/{row.pk}/end",
            }
            for row in rows.order_by(
                "payer__name", "role", F("provider__last_name").asc(nulls_first=True), "-starts_on", "id"
            )
        ],
        "sections": drawn_fields(form, LAYOUT),
        "general": [str(error) for error in form.non_field_errors()],
        "add_url": f"/settings/practices/{one.pk}/enrollments/add",
    }
    return render(request, "settings/enrollments.html", context, status=status)


@requires_set_up(Access.FULL)
@require_POST
def new_enrollment(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Put an enrollment on file; waiting claims to the payer are checked with it."""
    one = practice_of(request, practice_id)
    form = _form(request, one)
    if form.is_valid():
        made = keep(
            form,
            lambda: add_enrollment(one.pk, actor_id=request.user.pk, now=shared.now(), **form.cleaned_data),
        )
        if made is not None:
            record("settings.added", "enrollment", made.pk, practice_id=one.pk, role=made.role)
            return _done(request, one, made, "It is on file.")
    return _page(request, one, form, status=422)


@requires_set_up(Access.FULL)
@require_POST
def stop_enrollment(request: HttpRequest, practice_id: UUID, enrollment_id: UUID) -> HttpResponse:
    """Let an enrollment end today."""
    one = practice_of(request, practice_id)
    row = Enrollment.objects.filter(pk=enrollment_id, practice_id=one.pk).select_related("payer").first()
    if row is None:
        raise Http404
    try:
        end_enrollment(row, last_day=shared.today(request), actor_id=request.user.pk)
    except SetUpRefused as error:
        messages.error(request, f"Nothing was changed: {error.plain}.")
        return redirect("web:enrollments", one.pk)
    record("settings.changed", "enrollment", row.pk, practice_id=one.pk, role=row.role)
    return _done(request, one, row, "It ends today.")


def _done(request: HttpRequest, one: Practice, row: Enrollment, what: str) -> HttpResponse:
    count = recheck_payer(one, row.payer_id, now=shared.now(), today=shared.today(request))
    more = f" {count_text(count, 'waiting claim')} checked again." if count else ""
    messages.success(request, f"{what}{more}")
    return redirect("web:enrollments", one.pk)
