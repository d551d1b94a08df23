"""What a payer said of a policy: recorded by who asked; the patient's waiting claims are checked with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cleanclaim_server.audit import record
from cleanclaim_server.coverage.access import access_coverage
from cleanclaim_server.coverage.actions import CoverageRefused
from cleanclaim_server.coverage.models import EligibilityAnswer
from cleanclaim_server.coverage.verifying import newest_answers, record_answer
from cleanclaim_server.cycle.handling.consenting import recheck_patient
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.web.templatetags.numbers import count_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.patient_forms import fields_of


class AnswerForm(forms.Form):
    """One answer of a payer."""

    said = forms.ChoiceField(choices=EligibilityAnswer.Said.choices)
    source = forms.ChoiceField(choices=EligibilityAnswer.Asked.choices)
    asked_for = forms.DateField()
    answered_on = forms.DateField()
    ended_on = forms.DateField(required=False)
    reference = forms.CharField(max_length=40, required=False)


@requires(DataClass.COVERAGE, Access.FULL)
@require_http_methods(["GET", "POST"])
def new_answer(request: HttpRequest, coverage_id: UUID) -> HttpResponse:
    """Record what the payer said when somebody asked whether the policy is in force."""
    one = access_coverage(request.tenant, coverage_id)
    today = shared.today(request)
    wanted = request.POST.get("back") or request.GET.get("back", "")
    back = shared.ours(wanted, f"/patients/{one.patient_id}")
    form = AnswerForm(request.POST or None, initial={"asked_for": today, "answered_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            record_answer(one, actor_id=request.user.pk, now=shared.now(), today=today, **form.cleaned_data)
        except CoverageRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            count = recheck_patient(one.practice_id, one.patient_id, now=shared.now(), today=today)
            more = f" {count_text(count, 'waiting claim')} checked again." if count else ""
            messages.success(request, f"The answer is on file.{more}")
            return redirect(back)
    record("coverage.answer_form_opened", "coverage", one.pk, practice_id=one.practice_id)
    context = {
        "today": today,
        "form": fields_of(form),
        "errors": list(form.non_field_errors()),
        "practice": shared.marks(request)[one.practice_id],
        "patient": one.patient,
        "policy": f"{one.plan.payer.name}, {one.plan.name}",
        "back": back,
        "before": answer_row(newest_answers(one.practice_id, [one.pk]).get(one.pk)),
    }
    return render(request, "patients/answer.html", context, status=400 if request.method == "POST" else 200)


TONES = {"active": "ok", "inactive": "stop", "other_payer": "stop", "not_found": "stop", "unknown": "line"}


def answer_row(row: EligibilityAnswer | None) -> dict[str, Any] | None:
    """An answer as the patient's page shows it; None when nobody asked."""
    if row is None:
        return None
    return {
        "word": row.get_said_display(),
        "tone": TONES[row.said],
        "source": row.get_source_display(),
        "asked_for": row.asked_for,
        "answered_on": row.answered_on,
        "ended_on": row.ended_on,
        "reference": row.reference,
    }
