"""The list of episodes, the form of one, and its page."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from cleanclaim.codesets.programmes import admission_codes, programmes
from cleanclaim_server.audit import record
from cleanclaim_server.claims.queries import claims
from cleanclaim_server.cycle.programmes import EpisodeRefused, Period, change_episode, open_episode, outlook
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.programmes.access import access_episode
from cleanclaim_server.programmes.models import Episode
from cleanclaim_server.programmes.queries import days_of, episode_counts
from cleanclaim_server.programmes.queries import episodes as episodes_in_reach
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.programmes.forms import (
    BillForm,
    DayForm,
    EpisodeForm,
    initial_of,
    next_weekday,
)
from cleanclaim_server.web.views.rows import claim_row
from cleanclaim_server.web.views.session_form.fields import fields_of, practice_in_hand

SORTS = {"admitted": ("admitted_on", True)}
MARKS = {"1": "whole", "2": "first", "3": "continuing", "4": "last", "7": "corrected", "8": "void"}


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def episodes(request: HttpRequest) -> HttpResponse:
    """Episodes, the newest admission first, with the days that wait to be billed."""
    tenant = shared.in_view(request)
    marks, counts = shared.marks(request), episode_counts(tenant)
    order = shared.Sorting(request, SORTS, "admitted")
    rows, page = shared.one_page(
        request,
        episodes_in_reach(tenant, request.GET.dict()),
        order.field,
        noun="episodes",
        descending=order.descending,
    )
    record("episode.listed", "episode", count=len(rows))
    full = shared.also(request, DataClass.CLAIM, Access.FULL).practice_ids
    known = programmes()
    context = {
        "today": shared.today(request),
        "new_url": "/programmes/new" if full else "",
        "tabs": shared.tab_links(
            request,
            "state",
            [
                ("", "All", counts["open"] + counts["ended"]),
                ("waiting", "Days to bill", counts["waiting"]),
                ("open", "In the programme", counts["open"]),
                ("ended", "Ended", counts["ended"]),
            ],
        ),
        "filters": [
            shared.chooser(
                request, "program", "Programme", [(name, one.label) for name, one in known.items()]
            )
        ],
        "columns": shared.columns(
            ("Admitted", "", "admitted"),
            "Patient",
            "Programme",
            ("Attending", "col-opt"),
            ("Days", "num"),
            ("To bill", "num"),
            ("Last day", "col-opt"),
            "State",
            order=order,
        ),
        "rows": [
            {
                "url": f"/programmes/{row.pk}",
                "on": row.admitted_on,
                "practice": marks.get(row.practice_id),
                "patient": row.patient.initials,
                "program": known[row.program].label,
                "attending": row.attending.short_name,
                "days": row.days_total,
                "waiting": row.days_waiting,
                "last": row.last_day,
                "ended_on": row.ended_on,
            }
            for row in rows
        ],
        "empty": {
            "title": "No episodes",
            "text": "An episode is a patient's time in an intensive outpatient or partial hospitalization "
            "programme. Its days are billed together, by statement period.",
            "act": "Admit a patient" if full else "",
            "url": "/programmes/new" if full else "",
        },
        "page": page,
    }
    return render(request, "programmes/list.html", context)


@requires(DataClass.CLAIM, Access.FULL)
@require_http_methods(["GET", "POST"])
def new_episode(request: HttpRequest) -> HttpResponse:
    """Admit a patient to a programme."""
    tenant, others, chosen = practice_in_hand(request, shared.in_view(request))
    initial = {"admitted_on": shared.today(request), "admission_type": "3", "admission_source": "1"}
    initial["patient"] = request.GET.get("patient", "")
    form = EpisodeForm(request.POST or None, tenant=tenant, initial=initial)
    if request.method == "POST" and form.is_valid():
        practice = Practice.objects.get(pk=form.cleaned_data["patient"].practice_id)
        key = form.cleaned_data["request_key"] or str(new_id())
        try:
            with transaction.atomic():
                one = open_episode(
                    practice,
                    form.data_of(external_id=f"form-{key}"[:60]),
                    now=shared.now(),
                    actor_id=request.user.pk,
                )
        except EpisodeRefused as refused:
            if refused.code == "episode.key_taken":
                messages.info(request, "This episode is on file already; nothing was done twice.")
                return redirect("web:episodes")
            _mark(form, refused)
        else:
            messages.success(request, "Admitted. Record the days as they are attended.")
            return redirect("web:episode", one.pk)
    record("episode.form_opened", "episode")
    return _form(request, form, None, others, chosen)


@requires(DataClass.CLAIM, Access.FULL)
@require_http_methods(["GET", "POST"])
def edit_episode(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Correct an episode, or end it. Bills that have left stay as they were sent."""
    one = access_episode(request.tenant, episode_id)
    mark = dict(shared.marks(request)[one.practice_id], id=one.practice_id)
    tenant = shared.narrowed(request, request.tenant, mark["code"])
    form = EpisodeForm(request.POST or None, tenant=tenant, initial=initial_of(one), episode=one)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                bills = change_episode(
                    one, form.data_of(external_id=one.external_id), actor_id=request.user.pk
                )
        except EpisodeRefused as refused:
            _mark(form, refused)
        else:
            more = " Its bills follow when they are mended or corrected." if bills else ""
            messages.success(request, f"The episode is kept.{more}")
            return redirect("web:episode", one.pk)
    return _form(request, form, one, [], mark)


def _mark(form: EpisodeForm, refused: EpisodeRefused) -> None:
    name = {"admitted_clock": "admitted_at"}.get(refused.field, refused.field)
    form.add_error(name if name in form.fields else None, str(refused))


def _form(
    request: HttpRequest, form: EpisodeForm, one: Episode | None, others: list, chosen: dict
) -> HttpResponse:
    posted = request.method == "POST"
    context = {
        "today": shared.today(request),
        "heading": "Correct the episode" if one else "Admit to a programme",
        "episode": one,
        "others": others,
        "practice": chosen,
        "form": fields_of(form),
        "errors": list(form.non_field_errors()),
        "request_key": request.POST.get("request_key") or str(new_id()),
    }
    return render(request, "programmes/form.html", context, status=400 if posted and form.errors else 200)


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def episode(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """One episode: its facts, its days, what can be billed, and its bills."""
    one = access_episode(request.tenant, episode_id)
    record("episode.read", "episode", one.pk, practice_id=one.practice_id)
    return show_episode(request, one)


def show_episode(
    request: HttpRequest, one: Episode, *, day: DayForm | None = None, bill: BillForm | None = None
) -> HttpResponse:
    """The page, with forms as they were sent where something was refused."""
    marks, today = shared.marks(request), shared.today(request)
    programme = programmes()[one.program]
    days = days_of(one)
    waiting = [row for row in days if row.encounter_id is None]
    first = waiting[0].on if waiting else None
    last = waiting[-1].on if waiting else None
    plan = outlook(one, Period(first, last)) if first and last else None
    left = {row.on: row.why for row in plan.left} if plan else {}
    full = one.practice_id in shared.also(request, DataClass.CLAIM, Access.FULL).practice_ids
    signs = one.practice_id in shared.also(request, DataClass.NOTE_EXCERPT, Access.FULL).practice_ids
    of_bills = {row.encounter_id for row in days if row.encounter_id}
    found = list(
        claims(request.tenant)
        .filter(family__encounter_id__in=of_bills)
        .annotate(bill=F("family__encounter_id"))
        .order_by("date_of_service", "created_at")
    )
    numbers = {row.bill: row.claim_number for row in found if row.sequence == "P" and row.frequency == "1"}
    day = day or DayForm(
        initial={"on": next_weekday(min(today, one.ended_on or today), {row.on for row in days}, today)}
    )
    bill = bill or BillForm(initial={"first": first, "last": last})
    status = admission_codes("status")
    context = {
        "today": today,
        "episode": one,
        "practice": marks.get(one.practice_id),
        "programme": programme,
        "facts": _facts(one),
        "days": [
            {
                "id": row.pk,
                "on": row.on,
                "minutes": row.minutes,
                "services": ", ".join(row.services),
                "signed": row.note_signed_at is not None,
                "left": left.get(row.on, ""),
                "claim": numbers.get(row.encounter_id, ""),
                "bill_url": f"/sessions/{row.encounter_id}" if row.encounter_id else "",
            }
            for row in reversed(days)
        ],
        "waiting": len(waiting),
        "plan": plan,
        "plan_status": status[plan.patient_status].label if plan and plan.patient_status in status else "",
        "claims": [
            claim_row(row, marks)
            | {
                "bill_type": row.bill_type,
                "until": row.date_of_service_end,
                "word": MARKS.get(row.bill_type[-1:], ""),
                "bill_url": f"/programmes/bills/{row.bill}" if full and row.sequence == "P" else "",
            }
            for row in found
        ],
        "day_form": fields_of(day),
        "bill_form": fields_of(bill),
        "bill_errors": list(bill.non_field_errors()),
        "day_errors": list(day.non_field_errors()),
        "may_act": full,
        "may_sign": signs,
    }
    refused = bool(day.is_bound and day.errors) or bool(bill.is_bound and bill.errors)
    return render(request, "programmes/episode.html", context, status=400 if refused else 200)


def _facts(one: Episode) -> list[dict]:
    kinds, sources, ends = (admission_codes(kind) for kind in ("type", "source", "status"))
    clock = one.admitted_clock
    shown = [
        {"label": "Attending", "value": one.attending.short_name, "note": f"NPI {one.attending.npi}"},
        {
            "label": "Admitted",
            "value": f"{one.admitted_on:%-d %b %Y}" + (f", {clock[:2]}:{clock[2:]}" if clock else ""),
            "note": "" if clock else "Hour not known, so the day is not sent",
        },
        {"label": "Type of admission", "value": kinds[one.admission_type].label, "note": one.admission_type},
        {
            "label": "Point of origin",
            "value": sources[one.admission_source].label,
            "note": one.admission_source,
        },
        {"label": "Diagnoses", "codes": one.diagnoses},
        {"label": "Authorization", "value": one.authorization.number if one.authorization else "As in force"},
        {"label": "Place", "value": one.location.name},
        {
            "label": "Ended",
            "value": f"{one.ended_on:%-d %b %Y}" if one.ended_on else "Goes on",
            "note": ends[one.end_status].label if one.end_status in ends else "",
        },
    ]
    if one.conditions:
        shown.append({"label": "Condition codes", "codes": one.conditions})
    return shown
