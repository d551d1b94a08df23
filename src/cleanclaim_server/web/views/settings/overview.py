"""The first page of the settings: what is set up, and what is missing before a claim can leave."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim_server.audit import record
from cleanclaim_server.charges.models import ChargeRate
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.coverage.models import Payer, Plan
from cleanclaim_server.identity.access import requires_set_up
from cleanclaim_server.identity.models import Grant
from cleanclaim_server.identity.roles import Access
from cleanclaim_server.practice.models import Location, Practice, Provider
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views.settings.shell import (
    navigation,
)


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
    context = navigation(request, "overview") | {
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
