"""The list of contracts: for which paid lines is it known what was due."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cleanclaim_server.audit import record
from cleanclaim_server.charges.models import ContractRate
from cleanclaim_server.contracts.access import practices_to_write
from cleanclaim_server.contracts.actions import ContractRefused, start_contract
from cleanclaim_server.contracts.queries import contracts_in_reach
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.underpayments.queries import Coverage, coverage
from cleanclaim_server.web.views import shared

LOOK_BACK_DAYS = 365
SHOWN = 200
NOTHING = Coverage()
VIEWS = [("", "All"), ("with", "With a contract"), ("plain", "Plain amounts"), ("none", "Without")]


@requires(DataClass.CONTRACTS, Access.READ)
@require_GET
def contracts(request: HttpRequest) -> HttpResponse:
    """Contracts by payer and practice, those with most money missing first."""
    tenant, marks, day = shared.in_view(request), shared.marks(request), shared.today(request)
    code = request.GET.get("practice", "")
    narrowed = shared.narrowed(request, tenant, code) if code else tenant
    versions = contracts_in_reach(narrowed)
    plain = visible(ContractRate.objects.all(), narrowed).order_by()
    plain = {
        (one, two): n for one, two, n in plain.values_list("practice_id", "payer_id").annotate(n=Count("id"))
    }
    covered = coverage(narrowed, day - timedelta(days=LOOK_BACK_DAYS))
    money = shared.also(request, DataClass.LEDGER, Access.READ).practice_ids
    payers = {one.pk: one for one in Payer.objects.filter(agency_id=request.user.agency_id)}
    may_write = practices_to_write(request.user)
    words = request.GET.get("q", "").strip().casefold()[:50]
    every = [
        _row(
            key,
            versions.get(key),
            plain.get(key, 0),
            covered.get(key, NOTHING),
            payers,
            marks,
            money,
            may_write,
        )
        for key in {*versions, *plain, *covered}
        if key[1] in payers
    ]
    found = [row for row in every if not words or words in row["payer"].casefold()]
    view = request.GET.get("view", "")
    shown = [row for row in found if not view or row["state"] == view]
    shown.sort(key=lambda row: (-row["short_cents"], -row["unknown"], row["payer"], str(row["practice"])))
    record("contract.listed", "payer_contract", count=len(shown))
    lines, priced = sum(row["lines"] for row in found), sum(row["priced"] for row in found)
    mine = [mark for key, mark in marks.items() if key in tenant.practice_ids]
    context = {
        "today": day,
        "tabs": shared.tab_links(
            request,
            "view",
            [(key, label, sum(1 for row in found if not key or row["state"] == key)) for key, label in VIEWS],
        ),
        "filters": [
            shared.chooser(request, "practice", "Practice", [(one["code"], one["name"]) for one in mine])
        ]
        if len(mine) > 1
        else [],
        "search": {
            "action": "/contracts",
            "q": request.GET.get("q", ""),
            "placeholder": "Payer",
            "keep": shared.keep(request),
        },
        "columns": shared.columns(
            "Payer",
            "Practice",
            "Contract",
            ("Rates", "num"),
            ("Paid lines, 12 months", "num"),
            ("With a rate", "num"),
            ("Unknown", "num"),
            ("Below contract", "num"),
            ("Missing ($)", "num"),
            "",
        ),
        "whole": {"lines": lines, "priced": priced},
        "rows": shown[:SHOWN],
        "more": max(len(shown) - SHOWN, 0),
        "start_url": "/contracts/start",
    }
    return render(request, "contracts/list.html", context)


def _row(
    key: tuple[UUID, UUID],
    version,
    plain: int,
    covered: Coverage,
    payers: dict,
    marks: dict,
    money,
    may_write,
) -> dict:
    practice_id, payer_id = key
    mark = marks.get(practice_id)
    may_money = practice_id in money
    state = "with" if version else "plain" if plain else "none"
    return {
        "state": state,
        "url": f"/contracts/{version.contract_id}" if version else "",
        "payer": payers[payer_id].name,
        "payer_id": payer_id,
        "practice": mark,
        "practice_id": practice_id,
        "version": version,
        "rates": version.rates_count if version else plain,
        "lines": covered.lines if may_money else 0,
        "priced": covered.priced if may_money else 0,
        "unknown": covered.unknown if may_money else 0,
        "underpaid": covered.underpaid if may_money else 0,
        "short_cents": covered.short_cents if may_money else 0,
        "may_money": may_money,
        "may_start": not version and practice_id in may_write,
        "lines_url": f"/underpayments/lines?payer={payer_id}&practice={mark['code'] if mark else ''}",
    }


@requires(DataClass.CONTRACTS, Access.FULL)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin the contract of a payer with a practice."""
    practice = Practice.objects.filter(
        agency_id=request.user.agency_id,
        pk__in=request.tenant.practice_ids,
        pk=_id(request.POST.get("practice")),
    ).first()
    payer = Payer.objects.filter(agency_id=request.user.agency_id, pk=_id(request.POST.get("payer"))).first()
    if practice is None or payer is None:
        raise Http404
    try:
        made = start_contract(practice, payer, acting_user=request.user, now=shared.now())
    except ContractRefused as refused:
        messages.error(request, str(refused))
        return redirect("web:contracts")
    messages.success(request, f"The contract with {payer.name} is begun. Add its rates, or learn them.")
    return redirect("web:contract", made.pk)


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
