"""Denials: denied money with its cause, the nearest answer first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.db.models import Count, DateField, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim_server.audit import record
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.denials.queries import denied_by_category, list_denials
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import payer_words, shared
from cleanclaim_server.web.views.queue_reads import NEVER

STATES = [
    ("open", "Waiting for us"),
    ("working", "In work"),
    ("won", "Won"),
    ("lost", "Lost"),
    ("written_off", "Written off"),
    ("reversed", "Reversed"),
    ("all", "All"),
]
SORTS = {
    "due": ("sort_due", False),
    "denied": ("denied_on", True),
    "cents": ("amount_cents", True),
    "payer": ("claim__payer__name", False),
}
CAUSES_SHOWN = 8


def money_of_claims(request: HttpRequest, tenant: TenantContext) -> TenantContext:
    """Those practices of the claims' reach in which the ledger is open too: a denial tells of payments."""
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    return replace(tenant, practice_ids=tenant.practice_ids & money.practice_ids)


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def denials(request: HttpRequest) -> HttpResponse:
    """Denied money by state and cause; each row opens its claim, where the next steps are."""
    marks, day = shared.marks(request), shared.today(request)
    tenant = money_of_claims(request, shared.in_view(request))
    code = request.GET.get("practice", "")
    narrowed = shared.narrowed(request, tenant, code) if code else tenant
    counts = dict(
        visible(Denial.objects.all(), narrowed).order_by().values_list("state").annotate(n=Count("id"))
    )
    state = request.GET.get("state", "open")
    rows = _filtered(request, narrowed, state)
    order = shared.Sorting(request, SORTS, "due")
    read = (lambda row: row.claim.payer.name) if order.field == "claim__payer__name" else None
    found, page = shared.one_page(
        request, rows, order.field, noun="denials", descending=order.descending, read=read
    )
    record("denial.listed", "denial", count=len(found))
    mine = [mark for key, mark in marks.items() if key in tenant.practice_ids]
    chosen = request.GET.get("cause", "")
    causes = denied_by_category(narrowed) if state == "open" else []
    context = {
        "today": day,
        "tabs": [
            {
                "label": label,
                "n": sum(counts.values()) if key == "all" else counts.get(key, 0),
                "url": shared.link(request, state=key, cause=None),
                "current": key == state,
            }
            for key, label in STATES
            if key in ("open", "working", "all") or counts.get(key)
        ],
        "filters": [
            *(
                [
                    shared.chooser(
                        request, "practice", "Practice", [(one["code"], one["name"]) for one in mine]
                    )
                ]
                if len(mine) > 1
                else []
            ),
            shared.chooser(
                request,
                "due",
                "Answer",
                [("month", "Within 30 days"), ("past", "Past"), ("none", "No limit known")],
            ),
        ],
        "by_cause": [
            {
                "label": row["category"].replace("_", " ").capitalize(),
                "n": row["items"],
                "cents": row["cents"],
                "url": shared.link(request, cause=None if row["category"] == chosen else row["category"]),
                "current": row["category"] == chosen,
            }
            for row in causes[:CAUSES_SHOWN]
        ],
        "search": {
            "action": "/denials",
            "q": request.GET.get("q", ""),
            "placeholder": "Claim number",
            "keep": shared.keep(request),
        },
        "columns": shared.columns(
            "Cause",
            "Patient",
            "Claim",
            ("Payer", "", "payer"),
            "Reason",
            ("Likeliest next step", "col-opt"),
            ("Denied", "", "denied"),
            ("Answer by", "", "due"),
            ("Amount ($)", "num", "cents"),
            order=order,
        ),
        "rows": [_row(row, marks) for row in found],
        "page": page,
        "bulk": [],
        "whole": {"count": page["total"], "cents": rows.aggregate(cents=Sum("amount_cents"))["cents"] or 0},
        "empty": {
            "title": "No denials",
            "text": "Nothing is in this state, or the filters leave nothing.",
            "act": "Show what waits",
            "url": "/denials",
        },
    }
    return render(request, "denials/list.html", context)


def _filtered(request: HttpRequest, tenant: TenantContext, state: str) -> QuerySet[Denial]:
    """The denials that the address asks for, with `sort_due`."""
    every = visible(Denial.objects.select_related("claim__payer"), tenant).defer("claim__frozen")
    rows = every if state == "all" else list_denials(tenant, state=state)
    rows = rows.order_by().select_related("claim__patient", "claim_line")
    if request.GET.get("cause"):
        rows = rows.filter(category=request.GET["cause"])
    if request.GET.get("q"):
        rows = rows.filter(claim__claim_number__istartswith=request.GET["q"].strip()[:20])
    day, due = shared.today(request), request.GET.get("due", "")
    if due == "past":
        rows = rows.filter(due_on__lt=day)
    elif due == "month":
        rows = rows.filter(due_on__range=(day, date.fromordinal(day.toordinal() + 30)))
    elif due == "none":
        rows = rows.filter(due_on__isnull=True)
    return rows.annotate(sort_due=Coalesce("due_on", Value(NEVER, output_field=DateField())))


def _row(row: Denial, marks: dict) -> dict:
    steps = [step["step"] for step in row.steps if step.get("kind") == "step"]
    return {
        "id": row.pk,
        "url": f"/claims/{row.claim_id}",
        "practice": marks.get(row.practice_id),
        "claim_number": row.claim.claim_number,
        "payer": row.claim.payer.name,
        "patient": row.claim.patient.initials,
        "cause": row.cause,
        "line": row.claim_line.number if row.claim_line_id else "",
        "codes": payer_words.coded(f"{row.group}-{row.reason}", *row.remarks),
        "step": steps[0] if steps else "Read the payer's policy and call.",
        "state": row.state,
        "due": row.due_on,
        "due_enforceable": row.due_enforceable,
        "denied_on": row.denied_on,
        "cents": row.amount_cents,
    }
