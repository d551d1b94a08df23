"""What a person does on the page of an episode: record, sign and remove days, and bill a period."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.programmes import (
    BillRefused,
    DayInput,
    EpisodeRefused,
    Period,
    bill_period,
    record_days,
    remove_day,
    sign_day,
)
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.programmes.access import access_episode
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.programmes import changing, pages
from cleanclaim_server.web.views.programmes.forms import BillForm, DayForm, words


@requires(DataClass.CLAIM, Access.FULL)
@require_POST
def add_day(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Record one day attended."""
    one = access_episode(request.tenant, episode_id)
    form = DayForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        item = DayInput(
            data["on"],
            f"form-{one.pk.hex[-12:]}-{data['on']:%Y%m%d}",
            data["minutes"],
            words(data["services"]),
            note_signed_at=shared.now() if data["note_signed"] else None,
        )
        try:
            with transaction.atomic():
                done = record_days(
                    one, [item], now=shared.now(), today=shared.today(request), actor_id=request.user.pk
                )
        except EpisodeRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            if done.days:
                messages.success(request, f"{data['on']:%-d %b} is recorded.")
            else:
                messages.info(request, f"{data['on']:%-d %b} is on file already.")
            return redirect("web:episode", one.pk)
    return pages.show_episode(request, one, day=form)


@requires(DataClass.CLAIM, Access.FULL)
@require_POST
def drop_day(request: HttpRequest, episode_id: UUID, day_id: UUID) -> HttpResponse:
    """Take a day off that was recorded by mistake."""
    one = access_episode(request.tenant, episode_id)
    try:
        with transaction.atomic():
            remove_day(one, day_id, actor_id=request.user.pk)
    except EpisodeRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "The day is taken off.")
    return redirect("web:episode", one.pk)


@requires(DataClass.NOTE_EXCERPT, Access.FULL)
@require_POST
def sign(request: HttpRequest, episode_id: UUID, day_id: UUID) -> HttpResponse:
    """Say that the note of a day is signed."""
    one = access_episode(request.tenant, episode_id)
    try:
        with transaction.atomic():
            sign_day(one, day_id, now=shared.now(), actor_id=request.user.pk)
    except EpisodeRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "The note of this day is signed.")
    return redirect("web:episode", one.pk)


@requires(DataClass.CLAIM, Access.FULL)
@require_POST
def bill(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Bill the days of a period, and open the claim."""
    one = access_episode(request.tenant, episode_id)
    form = BillForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        period = Period(data["first"], data["last"], data["cycle"], data["patient_status"])
        try:
            with transaction.atomic():
                encounter, plan = bill_period(
                    one, period, now=shared.now(), today=shared.today(request), actor_id=request.user.pk
                )
        except BillRefused as refused:
            form.add_error(None, str(refused))
        else:
            claim = Claim.objects.defer("frozen").get(
                family__encounter=encounter, practice_id=one.practice_id, sequence="P", frequency="1"
            )
            days = f"{len(plan.days)} day" + ("" if len(plan.days) == 1 else "s")
            left = f" {len(plan.left)} stayed off." if plan.left else ""
            state = {"ready": "ready to send", "held": "held"}.get(claim.lifecycle, "built")
            messages.success(request, f"{days} billed.{left} Claim {claim.claim_number} is {state}.")
            return redirect("web:claim", claim.pk)
    return pages.show_episode(request, one, bill=form)


urlpatterns = [
    path("programmes", pages.episodes, name="episodes"),
    path("programmes/new", pages.new_episode, name="new_episode"),
    path("programmes/bills/<uuid:session_id>", changing.bill_page, name="programme_bill"),
    path("programmes/<uuid:episode_id>", pages.episode, name="episode"),
    path("programmes/<uuid:episode_id>/edit", pages.edit_episode, name="edit_episode"),
    path("programmes/<uuid:episode_id>/days", add_day, name="add_programme_day"),
    path("programmes/<uuid:episode_id>/days/<uuid:day_id>/remove", drop_day, name="drop_programme_day"),
    path("programmes/<uuid:episode_id>/days/<uuid:day_id>/sign", sign, name="sign_programme_day"),
    path("programmes/<uuid:episode_id>/bill", bill, name="bill_programme"),
]
