"""Settings of a practice: who bills, under which numbers, from where."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from cleanclaim_server.audit import record
from cleanclaim_server.charges.models import ChargeRate
from cleanclaim_server.cycle.intake.bills import FACILITY_SETTING
from cleanclaim_server.identity.access import requires_set_up, set_up_reach
from cleanclaim_server.identity.roles import Access
from cleanclaim_server.practice import actions
from cleanclaim_server.practice.models import License, Location, Provider
from cleanclaim_server.tenancy.context import tenant_context
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.settings import forms as own
from cleanclaim_server.web.views.settings.shell import (
    ADDRESS,
    agency_only,
    form_page,
    keep,
    navigation,
    practice_of,
)


def _practice_layout() -> list:
    return [
        (
            "Who bills",
            [
                ("code", "Two letters", "text", 2, "Begin every claim number"),
                ("name", "Name, as payers know it", "text", 6),
                ("phone", "Phone", "text", 4),
                (
                    "is_person",
                    "A solo clinician bills as a person; the name above is the last name",
                    "check",
                    8,
                ),
                ("first_name", "First name", "text", 4),
            ],
        ),
        (
            "Numbers",
            [
                ("npi", "NPI", "text", 3),
                ("taxonomy", "Taxonomy", "list", 3, "", own.taxonomies()),
                ("tax_id_kind", "Tax id is an", "select", 3),
                ("tax_id", "Tax id", "text", 3),
            ],
        ),
        (
            "Programmes by the day",
            [
                (
                    "programme_facility",
                    "Type of bill of IOP and PHP days",
                    "select",
                    6,
                    "As licence and contracts say",
                )
            ],
        ),
        ("Billing address", [*ADDRESS, ("timezone", "Time zone", "select", 6)]),
    ]


PRACTICE_FIELDS = (
    "code",
    "name",
    "is_person",
    "first_name",
    "npi",
    "taxonomy",
    "tax_id_kind",
    "phone",
    "address_line1",
    "address_line2",
    "city",
    "state",
    "postal_code",
    "timezone",
)


def _values(form: own.PracticeForm, settings: dict) -> dict:
    """What the form says, with its policies put among the practice's others."""
    values = dict(form.cleaned_data)
    facility = values.pop("programme_facility", "")
    return values | {"settings": {**settings, FACILITY_SETTING: facility}}


@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def new_practice(request: HttpRequest) -> HttpResponse:
    """Set up a practice; its billing address becomes its first place."""
    no = agency_only(request)
    if no:
        return no
    one = actions.new_practice(request.user.agency)
    form = own.PracticeForm(request.POST or None, initial={"timezone": one.timezone, "tax_id_kind": "EI"})
    if request.method == "POST" and form.is_valid():
        with tenant_context(
            request.user.agency_id, [*request.tenant.practice_ids, one.pk], user_id=request.user.pk
        ):
            kept = keep(form, lambda: actions.save_practice(one, _values(form, {})))
            if kept is not None:
                place = {
                    key: form.cleaned_data[key]
                    for key in ("address_line1", "address_line2", "city", "state", "postal_code", "timezone")
                }
                actions.save_location(
                    Location(practice=one),
                    place | {"name": "Main office", "place_of_service": "11", "is_billing_address": True},
                )
                record("settings.added", "practice", one.pk, practice_id=one.pk)
        if kept is not None:
            messages.success(request, f"{one.name} is set up. Next: its clinicians and prices.")
            return redirect("web:set_up_practice", one.pk)
    lead = "The billing provider of its claims. Its billing address becomes the first place of session."
    return form_page(
        request,
        form,
        _practice_layout(),
        current="overview",
        title="New practice",
        button="Set up the practice",
        lead=lead,
    )


@requires_set_up(Access.READ)
@require_GET
def practice(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """One practice: its facts, places, clinicians and prices."""
    one = practice_of(request, practice_id)
    may_change = one.pk in set_up_reach(request.user, Access.FULL).practice_ids
    licenses: dict[UUID, list[License]] = {}
    for row in License.objects.filter(practice_id=one.pk).order_by("state", "number"):
        licenses.setdefault(row.provider_id, []).append(row)
    day = shared.today(request)
    record("settings.read", "practice", one.pk, practice_id=one.pk)
    context = navigation(request, str(one.pk)) | {
        "practice": one,
        "mark": {"code": one.code, "name": one.name, "hue": one.hue},
        "tax_id": f"ends in {one.tax_id[-4:]}" if one.tax_id else "",
        "may_change": may_change,
        "places": list(
            Location.objects.filter(practice_id=one.pk).order_by("-is_billing_address", "name", "id")
        ),
        "people": [
            {
                "row": row,
                "licenses": [
                    f"{item.state} {item.number}"
                    for item in licenses.get(row.pk, [])
                    if not item.ends_on or item.ends_on >= day
                ],
                "ended": sum(bool(item.ends_on and item.ends_on < day) for item in licenses.get(row.pk, [])),
            }
            for row in Provider.objects.filter(practice_id=one.pk)
            .select_related("supervisor")
            .order_by("-is_active", "last_name", "id")
        ],
        "prices": ChargeRate.objects.filter(practice_id=one.pk).count(),
    }
    return render(request, "settings/practice.html", context)


@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def edit_practice(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Change a practice's facts; its letters stay."""
    one = practice_of(request, practice_id)
    initial = {name: getattr(one, name) for name in PRACTICE_FIELDS}
    initial["programme_facility"] = one.settings.get(FACILITY_SETTING, "")
    form = own.PracticeForm(request.POST or None, initial=initial, has_tax_id=bool(one.tax_id))
    if (
        request.method == "POST"
        and form.is_valid()
        and keep(form, lambda: actions.save_practice(one, _values(form, one.settings))) is not None
    ):
        record("settings.changed", "practice", one.pk, practice_id=one.pk, fields=sorted(form.changed_data))
        messages.success(request, f"{one.name} is kept.")
        return redirect(shared.ours(request.GET.get("back", ""), f"/settings/practices/{one.pk}"))
    lead = (
        f"The tax id on file ends in {one.tax_id[-4:]}; leave the field empty to keep it."
        if one.tax_id
        else ""
    )
    return form_page(
        request,
        form,
        _practice_layout(),
        current=str(one.pk),
        title=one.name,
        button="Keep it",
        lead=lead,
        back=f"/settings/practices/{one.pk}",
    )
