"""Settings of a practice: what it charges."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cleanclaim_server.audit import record
from cleanclaim_server.charges.actions import add_price, end_price
from cleanclaim_server.charges.models import ChargeRate
from cleanclaim_server.identity.access import requires_set_up, set_up_reach
from cleanclaim_server.identity.roles import Access
from cleanclaim_server.practice.actions import SetUpRefused
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.settings import forms as own
from cleanclaim_server.web.views.settings.shell import (
    drawn_fields,
    keep,
    navigation,
    practice_of,
)


@requires_set_up(Access.READ)
@require_GET
def prices(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """The charge master of one practice."""
    one = practice_of(request, practice_id)
    record("settings.read", "charge_rate", one.pk, practice_id=one.pk)
    return _prices(request, one, own.PriceForm(initial={"starts_on": shared.today(request).isoformat()}))


def _prices(request: HttpRequest, one: Practice, form: own.PriceForm, status: int = 200) -> HttpResponse:
    day = shared.today(request)
    may_change = one.pk in set_up_reach(request.user, Access.FULL).practice_ids
    layout = [
        (
            "",
            [
                ("code", "Code", "text", 3),
                ("modifier", "Modifier", "text", 2),
                ("amount", "Price, $", "text", 3),
                ("starts_on", "From", "date", 4),
            ],
        )
    ]
    context = navigation(request, str(one.pk)) | {
        "practice": one,
        "mark": {"code": one.code, "name": one.name, "hue": one.hue},
        "may_change": may_change,
        "rows": [
            {
                "row": row,
                "state": "later"
                if row.starts_on > day
                else "ended"
                if row.ends_on and row.ends_on < day
                else "now",
                "end_url": f"/settings/practices/{one.pk}/prices/{row.pk}/end",
            }
            for row in ChargeRate.objects.filter(practice_id=one.pk).order_by(
                "code", "modifier", "-starts_on"
            )
        ],
        "sections": drawn_fields(form, layout),
        "add_url": f"/settings/practices/{one.pk}/prices/add",
    }
    return render(request, "settings/prices.html", context, status=status)


@requires_set_up(Access.FULL)
@require_POST
def new_price(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Add a price; the one before ends the day before."""
    one = practice_of(request, practice_id)
    form = own.PriceForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        values = {
            "code": data["code"],
            "modifier": data["modifier"],
            "amount_cents": int(data["amount"] * 100),
            "starts_on": data["starts_on"],
        }
        row = keep(form, lambda: add_price(one.pk, values))
        if row is not None:
            record(
                "settings.added",
                "charge_rate",
                row.pk,
                practice_id=one.pk,
                code=row.code,
                cents=row.amount_cents,
            )
            messages.success(request, f"{row.code} has its price from {row.starts_on:%d %b %Y}.")
            return redirect("web:prices", one.pk)
    return _prices(request, one, form, status=422)


@requires_set_up(Access.FULL)
@require_POST
def stop_price(request: HttpRequest, practice_id: UUID, rate_id: UUID) -> HttpResponse:
    """Let a price end today."""
    one = practice_of(request, practice_id)
    row = ChargeRate.objects.filter(pk=rate_id, practice_id=one.pk).first()
    if row is None:
        raise Http404
    try:
        end_price(row, shared.today(request))
    except SetUpRefused as error:
        messages.error(request, f"Nothing was changed: {error.plain}.")
    else:
        record("settings.changed", "charge_rate", row.pk, practice_id=one.pk, code=row.code)
        messages.success(request, f"The price of {row.code} ends today.")
    return redirect("web:prices", one.pk)
