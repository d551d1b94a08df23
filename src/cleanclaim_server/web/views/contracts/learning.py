"""Rates that payments show and the contract does not hold: looked at, and confirmed once by a person."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cleanclaim.pricing.contracts import Proposal, rate_name
from cleanclaim_server.audit import record
from cleanclaim_server.contracts.access import access_contract
from cleanclaim_server.contracts.actions import (
    ContractRefused,
    confirm_learnt,
    dismiss_learnt,
    newest_version,
)
from cleanclaim_server.cycle.underpayments import proposals
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.contracts.editing import _number, told
from cleanclaim_server.web.views.contracts.grid import head_of, plans_of


@requires(DataClass.CONTRACTS, Access.FULL)
@require_http_methods(["GET", "POST"])
def learnt(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """Proposals with their evidence; POST confirms those that are ticked, or dismisses them for good."""
    one = access_contract(request.tenant, contract_id)
    day = shared.today(request)
    found = {proposal.rate.id: proposal for proposal in proposals(one, today=day)}
    if request.method == "POST":
        chosen = [found[key] for key in request.POST.getlist("rate") if key in found]
        try:
            if request.POST.get("act") == "dismiss":
                gone = dismiss_learnt(
                    one,
                    chosen,
                    reason=request.POST.get("reason", ""),
                    acting_user=request.user,
                    now=shared.now(),
                )
                rates = "rate is" if gone == 1 else "rates are"
                messages.success(request, f"{gone} {rates} not proposed again at that amount.")
                return redirect("web:learnt_rates", one.pk)
            version = confirm_learnt(
                one,
                chosen,
                based_on=_number(request, "based_on"),
                acting_user=request.user,
                now=shared.now(),
                today=day,
            )
        except ContractRefused as refused:
            messages.error(request, str(refused))
            return redirect("web:learnt_rates", one.pk)
        told(request, one, version.number)
        return redirect("web:contract_version", one.pk, version.pk)
    record(
        "contract.learnt_read", "payer_contract", one.pk, practice_id=one.practice_id, proposals=len(found)
    )
    plans = plans_of(one)
    rows = sorted(found.values(), key=lambda proposal: (-proposal.agreeing, proposal.rate.id))
    context = head_of(request, one) | {
        "newest": newest_version(one),
        "rows": [_row(proposal, plans) for proposal in rows],
        "dismissed": one.dismissed.order_by("-made_at", "name"),
    }
    return render(request, "contracts/learnt.html", context)


def _row(proposal: Proposal, plans: dict[str, str]) -> dict:
    rate, others = proposal.rate, dict(proposal.others)
    amounts = [*others, rate.amount_cents]
    name = rate_name(rate)
    if rate.plan_id:
        name = name.replace("one plan", plans.get(rate.plan_id, "one plan"))
    return {
        "id": rate.id,
        "name": name,
        "cents": rate.amount_cents,
        "seen": proposal.seen,
        "agreeing": proposal.agreeing,
        "low_cents": min(amounts),
        "high_cents": max(amounts),
        "spread": len(others),
        "starts": rate.starts,
        "last_on": proposal.last_on,
        "known_cents": proposal.known_cents,
        "known": bool(proposal.known_rate_id),
        # A payer that pays less than the contract says has not changed the contract.
        "is_lower": proposal.known_cents is not None and rate.amount_cents < proposal.known_cents,
    }
