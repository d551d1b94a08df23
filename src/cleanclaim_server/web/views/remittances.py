"""Denials: denied money with its cause, the nearest deadline first."""

from __future__ import annotations

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim_server.audit import record
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.queue_reads import NEVER


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def denials(request: HttpRequest) -> HttpResponse:
    """Denied money with its cause, the nearest deadline first."""
    from django.db.models import DateField, Value
    from django.db.models.functions import Coalesce

    tenant, marks = shared.in_view(request), shared.marks(request)
    everything = visible(Denial.objects.all(), money_of_claims(request, tenant))
    counts = dict(everything.order_by().values_list("state").annotate(n=Count("id")))
    state = request.GET.get("state", "open")
    rows = everything.select_related("claim__patient", "claim__payer", "claim_line").defer("claim__frozen")
    rows = rows.annotate(sort_due=Coalesce("due_on", Value(NEVER, output_field=DateField())))
    if state != "all":
        rows = rows.filter(state=state)
    found, page = shared.one_page(request, rows, "sort_due", noun="denials", descending=False)
    record("denial.listed", "denial", count=len(found))
    context = {
        "today": shared.today(request),
        "tabs": [
            {"label": label, "n": sum(counts.values()) if key == "all" else counts.get(key, 0),
             "url": shared.link(request, state=key), "current": key == state}
            for key, label in [("open", "Open"), ("working", "In work"), ("won", "Won"), ("lost", "Lost"),
                               ("written_off", "Written off"), ("reversed", "Reversed"), ("all", "All")]
        ],
        "filters": [],
        "rows": [
            {
                "id": row.pk, "url": f"/claims/{row.claim_id}", "practice": marks.get(row.practice_id),
                "claim_number": row.claim.claim_number, "payer": row.claim.payer.name,
                "patient": row.claim.patient.initials, "date_of_service": row.claim.date_of_service,
                "code": row.claim_line.code if row.claim_line_id else "", "cents": row.amount_cents,
                "codes": [{"code": f"{row.group}-{row.reason}", "meaning": ""}], "due": row.due_on, "line": "",
                "step": row.action_code.replace("_", " "), "remarks": row.remarks, "cause": row.cause,
                "category": row.category.replace("_", " "), "action": row.action_code.replace("_", " "),
                "steps": row.steps, "state": row.state, "due_on": row.due_on, "denied_on": row.denied_on,
                "due_enforceable": row.due_enforceable,
            }
            for row in found
        ],
        "page": page, "by_cause": [], "bulk": [], "search": None,
        "columns": shared.columns("Cause", "Patient", "Claim", "Payer", "Reason", "Likeliest next step", "Denied", "Deadline", ("Amount ($)", "num")),
        "whole": {"count": page["total"], "cents": rows.aggregate(cents=Sum("amount_cents"))["cents"] or 0},
        "empty": {"title": "No denials", "text": "Nothing is in this state.", "act": "", "url": ""},
    }  # fmt: skip
    return render(request, "denials/list.html", context)


def money_of_claims(request: HttpRequest, tenant: TenantContext) -> TenantContext:
    """Those practices of the claims' reach in which the ledger is open too: a denial tells of payments."""
    from dataclasses import replace

    money = shared.also(request, DataClass.LEDGER, Access.READ)
    return replace(tenant, practice_ids=tenant.practice_ids & money.practice_ids)
