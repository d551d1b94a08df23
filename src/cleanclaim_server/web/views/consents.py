"""Consents of a patient: put on file, ended; waiting claims follow at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cleanclaim_server.audit import record
from cleanclaim_server.coverage.access import access_consent
from cleanclaim_server.coverage.actions import CoverageRefused, end_consent, record_consent
from cleanclaim_server.coverage.models import Consent, Payer
from cleanclaim_server.coverage.queries import payers_of
from cleanclaim_server.cycle.handling.consenting import recheck_patient
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.patients.access import access_patient
from cleanclaim_server.web.templatetags.numbers import count_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.patient_forms import fields_of


class ConsentForm(forms.Form):
    """What the patient signed."""

    kind = forms.ChoiceField(choices=Consent.Kind.choices)
    payer = forms.ModelChoiceField(Payer.objects.none(), required=False, empty_label="Every payer")
    starts_on = forms.DateField()
    ends_on = forms.DateField(required=False)

    def __init__(self, *args: Any, payers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payer"].queryset = payers


@requires(DataClass.COVERAGE, Access.FULL)
@require_http_methods(["GET", "POST"])
def new_consent(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Record what a patient lets payers be told, or keeps from one."""
    one = access_patient(request.tenant, patient_id)
    payers = payers_of(request.tenant)
    today = shared.today(request)
    form = ConsentForm(request.POST or None, payers=payers, initial={"starts_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            record_consent(
                one.practice_id, one.pk, actor_id=request.user.pk, now=shared.now(), **form.cleaned_data
            )
        except CoverageRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            return _done(request, one.practice_id, one.pk, "On file.")
    record("consent.form_opened", "patient", one.pk, practice_id=one.practice_id)
    context = {
        "today": today,
        "form": fields_of(form),
        "errors": list(form.non_field_errors()),
        "practice": shared.marks(request)[one.practice_id],
        "patient": one,
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "patients/consent.html", context, status=status)


@requires(DataClass.COVERAGE, Access.FULL)
@require_POST
def stop_consent(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """End a consent with yesterday as its last day: nothing leaves on it from now on."""
    one = access_consent(request.tenant, consent_id)
    last = shared.today(request).fromordinal(shared.today(request).toordinal() - 1)
    try:
        end_consent(one, last_day=last, actor_id=request.user.pk, now=shared.now())
    except CoverageRefused as refused:
        messages.error(request, str(refused))
        return redirect(f"/patients/{one.patient_id}")
    return _done(request, one.practice_id, one.patient_id, "Ended.")


def _done(request: HttpRequest, practice_id: UUID, patient_id: UUID, what: str) -> HttpResponse:
    count = recheck_patient(practice_id, patient_id, now=shared.now(), today=shared.today(request))
    more = f" {count_text(count, 'waiting claim')} checked again." if count else ""
    messages.success(request, f"{what}{more}")
    return redirect(f"/patients/{patient_id}")
