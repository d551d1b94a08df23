"""What a payer said of a policy: recorded by who asked; the patient's waiting claims are checked with it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cleanclaim_server.audit import record
from cleanclaim_server.coverage.access import access_coverage, access_reply
from cleanclaim_server.coverage.actions import CoverageRefused
from cleanclaim_server.coverage.matching import About, like
from cleanclaim_server.coverage.models import EligibilityAnswer, EligibilityReply
from cleanclaim_server.coverage.verifying import newest_answers, record_answer
from cleanclaim_server.cycle.handling.consenting import recheck_patient
from cleanclaim_server.cycle.handling.placing import place_reply, set_reply_aside
from cleanclaim_server.identity.access import requires, tenant_for
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


@requires(DataClass.COVERAGE, Access.READ)
@require_GET
def reply(request: HttpRequest, reply_id: UUID) -> HttpResponse:
    """What a 271 says of somebody who is not proved: the payer's words, why it waits, whose it may be."""
    one = access_reply(request.tenant, reply_id)
    said = one.about
    about = About(
        said.get("member_id", ""),
        said.get("last_name", ""),
        said.get("first_name", ""),
        date.fromisoformat(said["birth_date"]) if said.get("birth_date") else None,
        said.get("payer_id", ""),
    )
    waits = one.state == EligibilityReply.State.WAITING
    clear = one.said != EligibilityAnswer.Said.UNKNOWN
    may = waits and one.practice_id in tenant_for(request.user, DataClass.COVERAGE, Access.FULL).practice_ids
    record("coverage.reply_read", "eligibility", one.pk, practice_id=one.practice_id)
    context = {
        "today": shared.today(request),
        "practice": shared.marks(request)[one.practice_id],
        "reply": one,
        "about": about,
        "payer": said.get("payer", ""),
        "badge": {"word": one.get_said_display(), "tone": TONES[one.said]},
        "waits": waits,
        "state": one.get_state_display(),
        "patient_url": f"/patients/{one.answer.coverage.patient_id}" if one.answer_id else "",
        "may": may,
        "policies": [
            {
                "id": row.pk,
                "patient": row.patient.full_name,
                "patient_url": f"/patients/{row.patient_id}",
                "born": date.fromisoformat(born) if (born := row.patient.birth_date_sealed) else None,
                "member_id": row.member_id,
                "policy": f"{row.plan.payer.name}, {row.plan.name}",
                "starts_on": row.starts_on,
                "ends_on": row.ends_on,
                "agrees": agrees,
                "may_place": may and clear,
                "hand_url": f"/coverages/{row.pk}/answers/new?back=/eligibility/{one.pk}" if may else "",
            }
            for row, agrees in (like(one.practice_id, about) if waits else ())
        ],
    }
    return render(request, "patients/reply.html", context)


@requires(DataClass.COVERAGE, Access.FULL)
@require_POST
def place(request: HttpRequest, reply_id: UUID, coverage_id: UUID) -> HttpResponse:
    """Put a reply on file at the policy that a person chose."""
    one, coverage = access_reply(request.tenant, reply_id), access_coverage(request.tenant, coverage_id)
    if coverage.practice_id != one.practice_id:
        raise Http404
    try:
        count = place_reply(
            one, coverage, actor_id=request.user.pk, now=shared.now(), today=shared.today(request)
        )
    except CoverageRefused as refused:
        messages.error(request, str(refused))
        return redirect(f"/eligibility/{one.pk}")
    more = f" {count_text(count, 'waiting claim')} checked again." if count else ""
    messages.success(request, f"The answer is on file.{more}")
    return redirect(f"/patients/{coverage.patient_id}")


@requires(DataClass.COVERAGE, Access.FULL)
@require_POST
def set_aside(request: HttpRequest, reply_id: UUID) -> HttpResponse:
    """Nothing is to be done with a reply, or it was recorded by hand."""
    one = access_reply(request.tenant, reply_id)
    try:
        set_reply_aside(one, actor_id=request.user.pk, now=shared.now())
    except CoverageRefused as refused:
        messages.error(request, str(refused))
        return redirect(f"/eligibility/{one.pk}")
    messages.success(request, "Set aside. The file stays as it came.")
    return redirect("/work?queue=eligibility")


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
        "file_url": f"/files/{row.file_id}" if row.file_id else "",
    }
