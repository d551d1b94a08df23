"""The palette's answer: claims, patients and remittances that begin with the words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim_server.audit import record
from cleanclaim_server.claims.queries import claims
from cleanclaim_server.identity.access import requires, tenant_for
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.patients.queries import find_patients
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.tenancy.context import enter
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.queue_reads import wide

FOUND = 12
EACH = 6  # of one kind, so that many claims do not push out the one patient


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The palette's answer: claims, patients, remittances that begin with the words."""
    words = " ".join(request.GET.get("q", "").split())[:60]
    results: list[dict] = []
    marks = shared.marks(request)
    if len(words) >= 2:
        for claim in claims(request.tenant, {"q": words}).order_by("-id")[:EACH]:
            note = f"{claim.payer.name}, {claim.codes}"
            results.append(
                _found("claim", claim.claim_number, note, f"/claims/{claim.pk}", marks[claim.practice_id])
            )
        people_ = tenant_for(request.user, DataClass.DEMOGRAPHICS, Access.READ)
        with enter(people_):
            for one in find_patients(people_, words).order_by("last_name", "first_name", "id")[:EACH]:
                mark = marks[one.practice_id]
                results.append(
                    _found("patient", one.full_name, one.chart_number, f"/patients/{one.pk}", mark)
                )
        money = tenant_for(request.user, DataClass.LEDGER, Access.READ)
        with enter(money):
            traces = visible(Remittance.objects.filter(trace_number__istartswith=words), wide(money))
            for one in traces.order_by("-id")[:EACH]:
                mark = marks[one.practice_id]
                results.append(
                    _found("remittance", one.trace_number, one.payer_name, f"/remittances/{one.pk}", mark)
                )
        record("search.made", "search", count=len(results))
    context = {"q": words, "results": results[:FOUND], "more": max(len(results) - FOUND, 0)}
    return render(request, "components/search_results.html", context)


def _found(kind: str, title: str, note: str, url: str, practice: dict) -> dict:
    return {"kind": kind, "title": title, "note": note, "url": url, "practice": practice}
