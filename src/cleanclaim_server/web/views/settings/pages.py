"""The pages of the settings.

Reading needs contracts; changing needs them in full, or the administrator of users.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cleanclaim_server.audit import record
from cleanclaim_server.charges.actions import add_price, end_price
from cleanclaim_server.charges.models import ChargeRate
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.clearinghouse.ports import PortError, port_for
from cleanclaim_server.coverage.models import Payer, Plan
from cleanclaim_server.coverage.payers import add_plan, save_payer
from cleanclaim_server.identity.access import may_set_up_agency, refuse, requires_set_up, set_up_reach
from cleanclaim_server.identity.models import Grant
from cleanclaim_server.identity.roles import Access
from cleanclaim_server.practice import actions
from cleanclaim_server.practice.actions import SetUpRefused
from cleanclaim_server.practice.models import License, Location, Practice, Provider
from cleanclaim_server.tenancy.context import tenant_context
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.settings import forms as own

TEST_SECONDS = 8


# --- shared -----------------------------------------------------------------------------------------


def _navigation(request: HttpRequest, current: str) -> dict:
    """The left column: the agency's pages, then a line for each practice."""
    practices = list(visible(Practice.objects.all(), request.tenant).order_by("code"))
    agency = [
        {"label": "Set-up", "url": "/settings", "key": "overview"},
        {"label": "Agency", "url": "/settings/agency", "key": "agency"},
        {"label": "Payers and plans", "url": "/settings/payers", "key": "payers"},
        {"label": "Trading partners", "url": "/settings/partners", "key": "partners"},
    ]
    return {
        "today": shared.today(request),
        "section": "settings",
        "tabs": [item | {"current": item["key"] == current} for item in agency],
        "practice_tabs": [
            {
                "label": row.name,
                "url": f"/settings/practices/{row.pk}",
                "current": current == str(row.pk),
                "mark": {"code": row.code, "name": row.name, "hue": row.hue},
            }
            for row in practices
        ],
        "may_agency": may_set_up_agency(request.user),
    }


def _fields(form: forms.Form, layout: Sequence[tuple]) -> list[dict]:
    """Fields as `settings/form.html` draws them: (name, label, kind, span, hint) by section."""
    sections = []
    for title, rows in layout:
        drawn = []
        for name, label, kind, span, *more in rows:
            bound = form[name]
            error = "" if not bound.errors else str(bound.errors[0])
            secret = kind == "password"
            drawn.append(
                {
                    "name": name,
                    "label": label,
                    "kind": kind,
                    "span": span,
                    "hint": more[0] if more else "",
                    "value": "" if secret or (kind == "area" and not error) else bound.value(),
                    "error": error,
                    "options": [(str(value), text) for value, text in getattr(bound.field, "choices", [])],
                    "options_list": more[1] if len(more) > 1 else None,
                }
            )
        sections.append({"title": title, "fields": drawn})
    return sections


def _form(
    request: HttpRequest,
    form: forms.Form,
    layout: Sequence[tuple],
    *,
    current: str,
    title: str,
    button: str,
    lead: str = "",
    back: str = "/settings",
    extra: dict | None = None,
) -> HttpResponse:
    context = _navigation(request, current) | {
        "title": title,
        "lead": lead,
        "sections": _fields(form, layout),
        "button": button,
        "back": back,
        "general": [str(error) for error in form.non_field_errors()],
    }
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "settings/form.html", context | (extra or {}), status=status)


def _kept(form: forms.Form, save: Callable[[], Any]) -> Any:
    """Save, or put the refusal where the person looks. None when refused."""
    try:
        return save()
    except SetUpRefused as error:
        form.add_error(error.field if error.field in form.fields else None, f"{error.plain}.")
        return None


def _practice(request: HttpRequest, practice_id: UUID) -> Practice:
    found = visible(Practice.objects.filter(pk=practice_id), request.tenant).first()
    if found is None:
        raise Http404
    return found


def _agency_only(request: HttpRequest) -> HttpResponse | None:
    """What all practices share is changed by those who answer for all of them."""
    return (
        None if may_set_up_agency(request.user) else refuse(request, "contracts", "full, in every practice")
    )


# --- the list of what is set up ---------------------------------------------------------------------


@requires_set_up(Access.READ)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What is set up and what is missing before a first claim can leave."""
    tenant, user = request.tenant, request.user
    practices = list(visible(Practice.objects.all(), tenant).order_by("code"))
    ids = [row.pk for row in practices]

    def count(model) -> dict[UUID, int]:
        rows = model.objects.filter(practice_id__in=ids).order_by().values_list("practice_id")
        return dict(rows.annotate(n=Count("id")))

    places, people, prices = count(Location), count(Provider), count(ChargeRate)
    grants = dict(
        Grant.objects.filter(practice_id__in=ids)
        .order_by()
        .values_list("practice_id")
        .annotate(n=Count("user_id", distinct=True))
    )
    payers = Payer.objects.filter(agency_id=user.agency_id)
    partners = TradingPartner.objects.filter(agency_id=user.agency_id, is_active=True)
    routed = payers.filter(trading_partner__is_active=True).count()
    n_payers, n_partners = payers.count(), partners.count()
    n_plans = Plan.objects.filter(agency_id=user.agency_id).count()
    agency = user.agency
    record("settings.read", "agency", agency.pk)
    steps = [
        _step(
            bool(agency.contact_name and agency.contact_phone),
            "The agency's sender name and contact",
            agency.submitter_id,
            "/settings/agency",
        ),
        _step(
            bool(n_partners),
            "A trading partner carries files",
            f"{n_partners:,} active",
            "/settings/partners",
        ),
        _step(
            bool(n_payers and n_plans),
            "Payers and plans",
            f"{n_payers:,} payers, {n_plans:,} plans",
            "/settings/payers",
        ),
        _step(
            bool(n_payers) and routed == n_payers,
            "Every payer has a way",
            f"{routed:,} of {n_payers:,} by a trading partner",
            "/settings/payers",
        ),
        _step(bool(practices), "A practice", f"{len(practices):,} in reach", "/settings/practices/new"),
    ]
    context = _navigation(request, "overview") | {
        "steps": steps,
        "practices": [
            {
                "mark": {"code": row.code, "name": row.name, "hue": row.hue},
                "url": f"/settings/practices/{row.pk}",
                "steps": [
                    _step(
                        bool(places.get(row.pk)),
                        "Places",
                        f"{places.get(row.pk, 0):,}",
                        f"/settings/practices/{row.pk}#h-places",
                    ),
                    _step(
                        bool(people.get(row.pk)),
                        "Clinicians",
                        f"{people.get(row.pk, 0):,}",
                        f"/settings/practices/{row.pk}#h-people",
                    ),
                    _step(
                        bool(prices.get(row.pk)),
                        "Prices",
                        f"{prices.get(row.pk, 0):,}",
                        f"/settings/practices/{row.pk}/prices",
                    ),
                    _step(
                        bool(grants.get(row.pk)), "People with a role", f"{grants.get(row.pk, 0):,}", "/users"
                    ),
                ],
            }
            for row in practices
        ],
    }
    return render(request, "settings/overview.html", context)


def _step(ok: bool, text: str, note: str, url: str) -> dict:
    return {"ok": ok, "text": text, "note": note, "url": url}


# --- the agency and its practices -------------------------------------------------------------------

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
ADDRESS = [
    ("address_line1", "Street", "text", 8),
    ("address_line2", "Suite", "text", 4),
    ("city", "City", "text", 5),
    ("state", "State", "select", 3),
    ("postal_code", "Postal code", "text", 4, "Nine digits"),
]


@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def agency(request: HttpRequest) -> HttpResponse:
    """Who sends our files."""
    no = _agency_only(request)
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
    return _form(request, form, AGENCY, current="agency", title="Agency", button="Keep it")


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


@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def new_practice(request: HttpRequest) -> HttpResponse:
    """Set up a practice; its billing address becomes its first place."""
    no = _agency_only(request)
    if no:
        return no
    one = actions.new_practice(request.user.agency)
    form = own.PracticeForm(request.POST or None, initial={"timezone": one.timezone, "tax_id_kind": "EI"})
    if request.method == "POST" and form.is_valid():
        with tenant_context(
            request.user.agency_id, [*request.tenant.practice_ids, one.pk], user_id=request.user.pk
        ):
            kept = _kept(form, lambda: actions.save_practice(one, form.cleaned_data))
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
    return _form(
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
    one = _practice(request, practice_id)
    may_change = one.pk in set_up_reach(request.user, Access.FULL).practice_ids
    licenses: dict[UUID, list[License]] = {}
    for row in License.objects.filter(practice_id=one.pk).order_by("state", "number"):
        licenses.setdefault(row.provider_id, []).append(row)
    day = shared.today(request)
    record("settings.read", "practice", one.pk, practice_id=one.pk)
    context = _navigation(request, str(one.pk)) | {
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
    one = _practice(request, practice_id)
    initial = {name: getattr(one, name) for name in PRACTICE_FIELDS}
    form = own.PracticeForm(request.POST or None, initial=initial, has_tax_id=bool(one.tax_id))
    if (
        request.method == "POST"
        and form.is_valid()
        and _kept(form, lambda: actions.save_practice(one, form.cleaned_data)) is not None
    ):
        record("settings.changed", "practice", one.pk, practice_id=one.pk, fields=sorted(form.changed_data))
        messages.success(request, f"{one.name} is kept.")
        return redirect("web:set_up_practice", one.pk)
    lead = (
        f"The tax id on file ends in {one.tax_id[-4:]}; leave the field empty to keep it."
        if one.tax_id
        else ""
    )
    return _form(
        request,
        form,
        _practice_layout(),
        current=str(one.pk),
        title=one.name,
        button="Keep it",
        lead=lead,
        back=f"/settings/practices/{one.pk}",
    )


# --- places and clinicians --------------------------------------------------------------------------


@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def location(request: HttpRequest, practice_id: UUID, location_id: UUID | None = None) -> HttpResponse:
    """Add or change a place of session."""
    one = _practice(request, practice_id)
    row = Location(practice=one, timezone=one.timezone)
    if location_id is not None:
        row = Location.objects.filter(pk=location_id, practice_id=one.pk).first()
        if row is None:
            raise Http404
    names = (
        "name",
        "place_of_service",
        "npi",
        "is_billing_address",
        "address_line1",
        "address_line2",
        "city",
        "state",
        "postal_code",
        "timezone",
    )
    form = own.LocationForm(
        request.POST or None, initial={name: getattr(row, name) for name in names}, on=shared.today(request)
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and _kept(form, lambda: actions.save_location(row, form.cleaned_data)) is not None
    ):
        record(
            "settings.changed" if location_id else "settings.added", "location", row.pk, practice_id=one.pk
        )
        messages.success(request, f"{row.name} is kept.")
        return redirect("web:set_up_practice", one.pk)
    layout = [
        (
            "The place",
            [
                ("name", "Name", "text", 6),
                ("place_of_service", "Place of service", "select", 6),
                ("npi", "NPI of its own", "text", 6, "Only if it has one"),
                ("is_billing_address", "This is the billing address", "check", 6),
            ],
        ),
        ("Address", [*ADDRESS, ("timezone", "Time zone", "select", 6)]),
    ]
    return _form(
        request,
        form,
        layout,
        current=str(one.pk),
        title=row.name or "New place",
        button="Keep the place",
        back=f"/settings/practices/{one.pk}",
    )


@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def provider(request: HttpRequest, practice_id: UUID, provider_id: UUID | None = None) -> HttpResponse:
    """Add or change a clinician."""
    one = _practice(request, practice_id)
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
        and _kept(form, lambda: actions.save_provider(row, form.cleaned_data)) is not None
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
            "license_sections": _fields(own.LicenseForm(), LICENSE),
            "license_url": f"/settings/practices/{one.pk}/providers/{row.pk}/licenses",
        }
        if provider_id
        else {}
    )
    return _form(
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
    one = _practice(request, practice_id)
    row = _provider(one, provider_id)
    form = own.LicenseForm(request.POST)
    if form.is_valid() and _kept(form, lambda: actions.add_license(row, form.cleaned_data)) is not None:
        record("settings.added", "license", row.pk, practice_id=one.pk)
        messages.success(request, f"The licence in {form.cleaned_data['state']} is on file.")
    else:
        messages.error(request, f"Nothing was added: {_first_error(form)}")
    return redirect("web:set_up_provider", one.pk, row.pk)


@requires_set_up(Access.FULL)
@require_POST
def drop_license(
    request: HttpRequest, practice_id: UUID, provider_id: UUID, license_id: UUID
) -> HttpResponse:
    """Take a licence off that was entered by mistake."""
    one = _practice(request, practice_id)
    row = _provider(one, provider_id)
    if not actions.drop_license(row, license_id):
        raise Http404
    record("settings.removed", "license", license_id, practice_id=one.pk)
    messages.success(request, "The licence is taken off.")
    return redirect("web:set_up_provider", one.pk, row.pk)


def _first_error(form: forms.Form) -> str:
    for name, errors in form.errors.items():
        word = "" if name == "__all__" else f"{name.replace('_', ' ')}: "
        return f"{word}{errors[0]}"
    return "look at the fields."


# --- prices -----------------------------------------------------------------------------------------


@requires_set_up(Access.READ)
@require_GET
def prices(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """The charge master of one practice."""
    one = _practice(request, practice_id)
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
    context = _navigation(request, str(one.pk)) | {
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
        "sections": _fields(form, layout),
        "add_url": f"/settings/practices/{one.pk}/prices/add",
    }
    return render(request, "settings/prices.html", context, status=status)


@requires_set_up(Access.FULL)
@require_POST
def new_price(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Add a price; the one before ends the day before."""
    one = _practice(request, practice_id)
    form = own.PriceForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        values = {
            "code": data["code"],
            "modifier": data["modifier"],
            "amount_cents": int(data["amount"] * 100),
            "starts_on": data["starts_on"],
        }
        row = _kept(form, lambda: add_price(one.pk, values))
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
    one = _practice(request, practice_id)
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


# --- payers and trading partners: the agency's ------------------------------------------------------


@requires_set_up(Access.READ)
@require_GET
def payers(request: HttpRequest) -> HttpResponse:
    """Payers with their plans."""
    rows = Payer.objects.filter(agency_id=request.user.agency_id).select_related("trading_partner")
    rows = rows.defer("trading_partner__config").annotate(n=Count("plans")).order_by("name", "id")
    record("settings.read", "payer")
    context = _navigation(request, "payers") | {
        "rows": [{"row": row, "kind": own.KINDS.get(row.kind, row.kind)} for row in rows]
    }
    return render(request, "settings/payers.html", context)


@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def payer(request: HttpRequest, payer_id: UUID | None = None) -> HttpResponse:
    """Add or change a payer."""
    no = _agency_only(request)
    if no:
        return no
    row = (
        Payer(agency=request.user.agency, kind="commercial")
        if payer_id is None
        else _payer(request, payer_id)
    )
    partners = (
        TradingPartner.objects.filter(agency_id=request.user.agency_id, is_active=True)
        .defer("config")
        .order_by("name")
    )
    names = (
        "name",
        "payer_id",
        "kind",
        "claim_filing_code",
        "usual_answer_days",
        "crosses_over_to_secondary",
    )
    initial = {name: getattr(row, name) for name in names} | {
        "trading_partner": row.trading_partner_id
        or (partners[0].pk if payer_id is None and len(partners) == 1 else None)
    }
    form = own.PayerForm(request.POST or None, initial=initial, partners=partners)
    if (
        request.method == "POST"
        and form.is_valid()
        and _kept(form, lambda: save_payer(row, form.cleaned_data)) is not None
    ):
        record("settings.changed" if payer_id else "settings.added", "payer", row.pk)
        messages.success(
            request, f"{row.name} is kept." if payer_id else f"{row.name} is added. Add its plans."
        )
        return redirect("web:payer", row.pk)
    layout = [
        (
            "The payer",
            [
                ("name", "Name", "text", 6),
                ("payer_id", "Payer id", "text", 3, "As the clearinghouse lists it"),
                ("kind", "Kind", "select", 3),
            ],
        ),
        (
            "How claims go",
            [
                ("claim_filing_code", "Claim filing code", "select", 6, "SBR09"),
                ("trading_partner", "By", "select", 6, "Who carries its files"),
            ],
        ),
        (
            "What is usual",
            [
                ("usual_answer_days", "Answers within days", "text", 6),
                ("crosses_over_to_secondary", "Sends claims on to the next payer by itself", "check", 6),
            ],
        ),
    ]
    extra = (
        {
            "plans": list(Plan.objects.filter(payer=row).order_by("name", "state")),
            "plan_sections": _fields(own.PlanForm(), PLAN),
            "plan_url": f"/settings/payers/{row.pk}/plans",
        }
        if payer_id
        else {}
    )
    return _form(
        request,
        form,
        layout,
        current="payers",
        title=row.name or "New payer",
        button="Keep the payer",
        back="/settings/payers",
        extra=extra,
    )


PLAN = [
    ("", [("name", "Plan", "text", 5), ("state", "State", "select", 3), ("program", "Program", "text", 4)])
]


def _payer(request: HttpRequest, payer_id: UUID) -> Payer:
    found = Payer.objects.filter(pk=payer_id, agency_id=request.user.agency_id).first()
    if found is None:
        raise Http404
    return found


@requires_set_up(Access.FULL)
@require_POST
def new_plan(request: HttpRequest, payer_id: UUID) -> HttpResponse:
    """Add a plan of a payer."""
    no = _agency_only(request)
    if no:
        return no
    row = _payer(request, payer_id)
    form = own.PlanForm(request.POST)
    if form.is_valid() and _kept(form, lambda: add_plan(row, form.cleaned_data)) is not None:
        record("settings.added", "plan", row.pk)
        messages.success(request, f"The plan {form.cleaned_data['name']} is added.")
    else:
        messages.error(request, f"Nothing was added: {_first_error(form)}")
    return redirect("web:payer", row.pk)


@requires_set_up(Access.READ)
@require_GET
def partners(request: HttpRequest) -> HttpResponse:
    """Who carries our files. Their settings stay sealed."""
    rows = (
        TradingPartner.objects.filter(agency_id=request.user.agency_id)
        .defer("config")
        .annotate(n=Count("payers"))
        .order_by("name", "id")
    )
    record("settings.read", "trading_partner")
    words = {"sftp": "SFTP", "folder": "Folder", "simulator": "Simulator"}
    return render(
        request,
        "settings/partners.html",
        _navigation(request, "partners")
        | {"rows": [{"row": row, "transport": words.get(row.transport, row.transport)} for row in rows]},
    )


@sensitive_post_parameters("password", "private_key", "passphrase")
@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def partner(request: HttpRequest, partner_id: UUID | None = None) -> HttpResponse:
    """Add or change a trading partner; its secrets are sealed and never shown again."""
    no = _agency_only(request)
    if no:
        return no
    row = (
        TradingPartner(agency=request.user.agency, usage="T")
        if partner_id is None
        else _partner(request, partner_id)
    )
    if row.transport == "simulator":
        messages.info(request, "The simulator has no settings: it stands in for a clearinghouse in the demo.")
        return redirect("web:partners")
    kept = dict(row.config or {})
    names = (
        "name",
        "transport",
        "receiver_id",
        "receiver_qualifier",
        "receiver_name",
        "usage",
        "wants_ta1",
        "is_active",
    )
    shown = {key: kept.get(key) for key in (*own.PartnerForm.PLACES, *own.PartnerForm.SERVER)}
    form = own.PartnerForm(
        request.POST or None, initial={name: getattr(row, name) for name in names} | shown, kept=kept
    )
    if request.method == "POST" and form.is_valid():
        for name in names:
            setattr(row, name, form.cleaned_data[name])
        row.config = form.config()
        row.save()
        record(
            "settings.changed" if partner_id else "settings.added",
            "trading_partner",
            row.pk,
            transport=row.transport,
        )
        messages.success(request, f"{row.name} is kept. Test the connection before you send.")
        return redirect("web:partner", row.pk)
    secret = "On file; leave it empty to keep it" if kept.get("password") else ""
    layout = [
        (
            "The partner",
            [
                ("name", "Name", "text", 6),
                ("receiver_name", "Name in the file", "text", 6),
                ("receiver_id", "Receiver id", "text", 4, "ISA08"),
                ("receiver_qualifier", "Qualifier", "select", 2),
                ("usage", "Files are", "select", 3),
                ("is_active", "In use", "check", 3),
                ("wants_ta1", "Ask for a TA1", "check", 6),
            ],
        ),
        (
            "The way",
            [
                ("transport", "By", "select", 12),
                ("outbox", "Our files go to", "text", 6),
                ("inbox", "Their files lie in", "text", 6),
                ("archive", "Taken files move to", "text", 6),
                ("keeps_files", "It keeps what we gave it, so absence is a proof", "check", 6),
            ],
        ),
        (
            "SFTP only",
            [
                ("host", "Server", "text", 6),
                ("port", "Port", "text", 2),
                ("user", "User", "text", 4),
                (
                    "host_key",
                    "Host key",
                    "text",
                    12,
                    "ssh-ed25519 AAAA…, from the partner; an unknown key is refused",
                ),
                ("password", "Password", "password", 6, secret),
                ("passphrase", "Passphrase of the key", "password", 6),
                (
                    "private_key",
                    "Private key",
                    "area",
                    12,
                    "On file; leave it empty to keep it" if kept.get("private_key") else "OpenSSH text",
                ),
            ],
        ),
    ]
    extra = {"test_url": f"/settings/partners/{row.pk}/test", "partner": row} if partner_id else {}
    return _form(
        request,
        form,
        layout,
        current="partners",
        title=row.name or "New trading partner",
        button="Keep the partner",
        back="/settings/partners",
        extra=extra,
    )


def _partner(request: HttpRequest, partner_id: UUID) -> TradingPartner:
    found = TradingPartner.objects.filter(pk=partner_id, agency_id=request.user.agency_id).first()
    if found is None:
        raise Http404
    return found


@requires_set_up(Access.FULL)
@require_POST
def test_partner(request: HttpRequest, partner_id: UUID) -> HttpResponse:
    """Try the way to a partner, and say exactly what was tried. Nothing is sent and nothing is taken."""
    no = _agency_only(request)
    if no:
        return no
    row = _partner(request, partner_id)
    quick = {"timeout_seconds": TEST_SECONDS, "settle_seconds": 0.05}
    probe = TradingPartner(
        agency=row.agency, name=row.name, transport=row.transport, config={**(row.config or {}), **quick}
    )
    probe.id = row.id
    try:
        port = port_for(probe, now=shared.now())
        waiting = port.list_inbox()
        port.exists("cleanclaim-connection-test.txt")
    except PortError as error:
        record("partner.tested", "trading_partner", row.pk, result=error.code)
        messages.error(
            request,
            f"It does not work: {str(error).rsplit(' [', 1)[0]}. Nothing was sent or taken. ({error.code})",
        )
    else:
        record("partner.tested", "trading_partner", row.pk, result="ok", waiting=len(waiting))
        messages.success(
            request,
            f"Both folders can be read; {len(waiting)} files wait for us. Writing was not tried, so nothing "
            "was sent.",
        )
    return redirect("web:partner", row.pk)
