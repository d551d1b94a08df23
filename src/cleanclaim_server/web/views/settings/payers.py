"""Settings of the agency: payers and their plans."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cleanclaim_server.audit import record
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.coverage.models import Payer, Plan
from cleanclaim_server.coverage.payers import add_plan, save_payer
from cleanclaim_server.cycle.intake.bills import FACILITY_PROFILE
from cleanclaim_server.identity.access import requires_set_up
from cleanclaim_server.identity.roles import Access
from cleanclaim_server.web.views.settings import forms as own
from cleanclaim_server.web.views.settings.shell import (
    agency_only,
    drawn_fields,
    first_error,
    form_page,
    keep,
    navigation,
)


@requires_set_up(Access.READ)
@require_GET
def payers(request: HttpRequest) -> HttpResponse:
    """Payers with their plans."""
    rows = Payer.objects.filter(agency_id=request.user.agency_id).select_related("trading_partner")
    rows = rows.defer("trading_partner__config").annotate(n=Count("plans")).order_by("name", "id")
    record("settings.read", "payer")
    context = navigation(request, "payers") | {
        "rows": [{"row": row, "kind": own.KINDS.get(row.kind, row.kind)} for row in rows]
    }
    return render(request, "settings/payers.html", context)


def _values(form: own.PayerForm, profile: dict) -> dict:
    """What the form says; the facts of its contract go among the payer's others."""
    values = dict(form.cleaned_data)
    revenue, _, code = values.pop("php_pair", "").partition(":")
    facts = {"php_rev": revenue, "php_code": code, FACILITY_PROFILE: values.pop("bill_facility", "")}
    kept = {key: value for key, value in profile.items() if key not in facts}
    return values | {"profile": kept | {key: value for key, value in facts.items() if value}}


@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def payer(request: HttpRequest, payer_id: UUID | None = None) -> HttpResponse:
    """Add or change a payer."""
    no = agency_only(request)
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
    profile = row.profile or {}
    initial |= {
        "php_pair": f"{profile.get('php_rev', '')}:{profile.get('php_code', '')}".strip(":"),
        "bill_facility": profile.get(FACILITY_PROFILE, ""),
    }
    form = own.PayerForm(request.POST or None, initial=initial, partners=partners)
    if (
        request.method == "POST"
        and form.is_valid()
        and keep(form, lambda: save_payer(row, _values(form, profile))) is not None
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
        (
            "Programmes by the day",
            [
                ("php_pair", "A partial hospitalization day is", "select", 6, "By its contract"),
                ("bill_facility", "Type of bill", "select", 6, "Only where its contract wants another"),
            ],
        ),
    ]
    extra = (
        {
            "plans": list(Plan.objects.filter(payer=row).order_by("name", "state")),
            "plan_sections": drawn_fields(own.PlanForm(), PLAN),
            "plan_url": f"/settings/payers/{row.pk}/plans",
        }
        if payer_id
        else {}
    )
    return form_page(
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
    no = agency_only(request)
    if no:
        return no
    row = _payer(request, payer_id)
    form = own.PlanForm(request.POST)
    if form.is_valid() and keep(form, lambda: add_plan(row, form.cleaned_data)) is not None:
        record("settings.added", "plan", row.pk)
        messages.success(request, f"The plan {form.cleaned_data['name']} is added.")
    else:
        messages.error(request, f"Nothing was added: {first_error(form)}")
    return redirect("web:payer", row.pk)
