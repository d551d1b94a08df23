"""Every paid line beside what was due, by status: the rows behind each number of contracts and projects."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim.pricing.underpayment import overpayment_clock
from cleanclaim_server.audit import record
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.underpayments.models import LineComparison, Status
from cleanclaim_server.web.views import shared

SORTS = {"on": ("date_of_service", True), "short": ("short_cents", True)}
WORDS = {
    Status.UNKNOWN: "No rate answers for these lines, so nobody knows whether they were paid right.",
    Status.OVERPAID: "The payer allowed or paid more than the contract says. Money that is not ours must go "
    "back; for Medicare and Medicaid within 60 days of finding it.",
    Status.UNDERPAID: "Each of these lines is in a project.",
}
TONES = {Status.AGREED: "ok", Status.UNDERPAID: "stop", Status.OVERPAID: "override", Status.UNKNOWN: "tell"}


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def compared(request: HttpRequest) -> HttpResponse:
    """Compared lines of one status and payer."""
    whole, marks, day = shared.in_view(request), shared.marks(request), shared.today(request)
    code = request.GET.get("practice", "")
    tenant = shared.narrowed(request, whole, code) if code else whole
    every = visible(LineComparison.objects.filter(is_current=True), tenant)
    payer = _payer(request)
    if payer is not None:
        every = every.filter(payer=payer)
    counts = dict(every.order_by().values_list("status").annotate(n=Count("id")))
    status = request.GET.get("status", "")
    rows = every.filter(status=status) if status in Status.values else every
    order = shared.Sorting(request, SORTS, "on")
    rows = rows.select_related("claim__patient", "claim_line", "payer").defer("claim__frozen")
    found, page = shared.one_page(request, rows, order.field, noun="lines", descending=order.descending)
    record("comparison.listed", "line_comparison", count=len(found), status=status)
    mine = [mark for key, mark in marks.items() if key in whole.practice_ids]
    payers = Payer.objects.filter(agency_id=request.user.agency_id).order_by("name")
    context = {
        "today": day,
        "status": status,
        "words": WORDS.get(status, "Every line that a payer answered, beside what its contract says."),
        "tabs": shared.tab_links(
            request,
            "status",
            [("", "All", sum(counts.values()))]
            + [(one.value, one.label, counts[one]) for one in Status if counts.get(one)],
        ),
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
            shared.chooser(request, "payer", "Payer", [(str(one.pk), one.name) for one in payers]),
        ],
        "columns": shared.columns(
            "Line",
            "Patient",
            "Payer",
            ("Visit", "", "on"),
            ("Allowed ($)", "num"),
            ("Due ($)", "num"),
            ("Paid ($)", "num"),
            ("Missing ($)", "num", "short"),
            "Why",
            "Status",
            order=order,
        ),
        "whole": {
            "cents": abs(rows.aggregate(cents=Sum("short_cents"))["cents"] or 0),
            "count": page["total"],
        },
        "rows": [_row(request, row, marks, day) for row in found],
        "page": page,
    }
    return render(request, "underpaid/lines.html", context)


def _payer(request: HttpRequest) -> Payer | None:
    try:
        wanted = UUID(request.GET.get("payer", ""))
    except ValueError:
        return None
    return Payer.objects.filter(agency_id=request.user.agency_id, pk=wanted).first()


def _row(request: HttpRequest, row: LineComparison, marks: dict, day: date) -> dict:
    clock = None
    if row.status == Status.OVERPAID:
        clock = overpayment_clock(shared.day_of(request, row.compared_at), row.payer.kind)
    return {
        "url": f"/claims/{row.claim_id}",
        "claim_number": row.claim.claim_number,
        "code": row.claim_line.code,
        "modifiers": row.claim_line.modifiers,
        "patient": row.claim.patient.initials,
        "practice": marks.get(row.practice_id),
        "payer": row.payer.name,
        "on": row.date_of_service,
        "allowed_cents": row.allowed_cents,
        "due_cents": row.expected_allowed_cents,
        "paid_cents": row.paid_cents,
        "short_cents": row.short_cents,
        "why": row.why,
        "label": row.label,
        "status": row.status,
        "status_label": row.get_status_display(),
        "tone": TONES.get(Status(row.status), "line"),
        "due_on": clock.due_on if clock else None,
        "due_enforceable": bool(clock and clock.is_enforceable),
        "clock_why": clock.why if clock else "",
    }
