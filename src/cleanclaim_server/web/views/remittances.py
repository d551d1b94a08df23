"""Remittances: the inbox, one remittance line by line, posting and its undoing; denials."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cleanclaim.money import dollars
from cleanclaim_server.audit import record
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.ledger.models import Entry, Leg
from cleanclaim_server.practice.access import access_practice
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import (
    InboxRemittance,
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceState,
)
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.queue_reads import NEVER

POSTABLE = (RemittanceState.READY, RemittanceState.UNDONE)
LINES_SHOWN = 200


def access_remittance(tenant: TenantContext, remittance_id: UUID) -> Remittance:
    """One remittance of a practice in reach.

    Raises:
        Http404: There is none in reach.
    """
    rows = Remittance.objects.select_related("file", "payer").defer("file__content")
    found = visible(rows, tenant).filter(pk=remittance_id).first()
    if found is None:
        raise Http404
    return found


def sees_whole_agency(tenant: TenantContext) -> bool:
    """Whether every practice is in reach: what has no practice yet opens only then."""
    everyone = set(Practice.objects.filter(agency_id=tenant.agency_id).values_list("id", flat=True))
    return everyone <= (tenant.practice_ids - tenant.own_only)


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def remittances(request: HttpRequest) -> HttpResponse:
    """The inbox: what was received, by state; what fits no practice stands apart."""
    tenant, marks = shared.in_view(request), shared.marks(request)
    everything = visible(Remittance.objects.all(), tenant)
    counts = dict(everything.order_by().values_list("state").annotate(n=Count("id")))
    rows = everything.select_related("file").defer("file__content")
    if request.GET.get("state") in RemittanceState.values:
        rows = rows.filter(state=request.GET["state"])
    found, page = shared.one_page(request, rows, "received_at", noun="remittances")
    strays = []
    if sees_whole_agency(request.tenant):
        unassigned = visible(InboxRemittance.objects.filter(state="unassigned"), request.tenant)
        strays = [
            {
                "id": row.pk, "payer": row.payer_name, "trace_number": row.trace_number, "cents": row.paid_cents,
                "paid_on": row.paid_on, "claims": row.claims_count, "payee_npi": row.payee_npi, "at": row.received_at,
                "file_url": f"/files/{row.file_id}", "assign_url": f"/remittances/inbox/{row.pk}/assign",
                "state": "unassigned",
            }  # fmt: skip
            for row in unassigned.defer("content").order_by("-received_at", "-id")[:50]
        ]
    record("remittance.listed", "remittance", count=len(found))
    context = {
        "today": shared.today(request),
        "tabs": shared.tab_links(
            request, "state",
            [("", "All", sum(counts.values()))]
            + [(one.value, one.label, counts[one.value]) for one in RemittanceState if one.value in counts],
        ),
        "filters": [],
        "totals": [], "upload_url": None,
        "empty": {"title": "No remittances", "text": "Nothing was received yet.", "act": "", "url": ""},
        "inbox": inbox_of(request, found, marks, counts, page) , "unassigned": strays,
        "practices": [mark for key, mark in marks.items() if key in request.tenant.practice_ids],
        "page": page,
    }  # fmt: skip
    return render(request, "remits/list.html", context)


def inbox_of(request: HttpRequest, rows, marks: dict, counts: dict, page: dict | None, current: UUID | None = None) -> dict:
    """The left list: filters by state, rows, pager."""
    filters = [("", "All", sum(counts.values()))]
    filters += [(one.value, one.label, counts[one.value]) for one in RemittanceState if one.value in counts]
    shown = [
        remittance_row(row, marks)
        | {"method_word": f"{row.method} {row.trace_number}".strip(), "posted": 0, "held": 0, "bad": 0, "lines": row.claims_count,
           "note": "", "note_tone": "soft", "note_icon": "", "current": row.pk == current}
        for row in rows
    ]  # fmt: skip
    return {"filters": shared.tab_links(request, "state", filters), "search": None, "rows": shown, "page": page}


def remittance_row(row: Remittance, marks: dict) -> dict:
    """One remittance of a list."""
    return {
        "id": row.pk, "url": f"/remittances/{row.pk}", "practice": marks.get(row.practice_id),
        "payer": row.payer_name, "trace_number": row.trace_number, "cents": row.paid_cents,
        "paid_cents": row.paid_cents, "paid_on": row.paid_on, "claims": row.claims_count, "state": row.state,
        "difference_cents": row.difference_cents, "at": row.received_at, "received_at": row.received_at,
        "posted_at": row.posted_at, "file": row.file.name, "file_url": f"/files/{row.file_id}",
        "method": row.method,
    }  # fmt: skip


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def remittance(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    """One payment: does it balance, which claims it answers, what was posted."""
    one, marks = access_remittance(request.tenant, remittance_id), shared.marks(request)
    mine = {"remittance_id": one.pk, "practice_id": one.practice_id}
    answered = list(
        RemittanceClaim.objects.filter(**mine)
        .select_related("claim")
        .defer("claim__frozen", "patient_name")
        .prefetch_related("lines__adjustments", "lines__claim_line", "adjustments")
        .order_by("number")[:LINES_SHOWN]
    )
    totals = RemittanceClaim.objects.filter(**mine).aggregate(n=Count("id"), unmatched=Count("id", filter=Q(claim=None)))
    plbs = list(ProviderAdjustment.objects.filter(**mine).order_by("position", "id"))
    entries = list(Entry.objects.filter(**mine).order_by("learned_at", "id").values_list("id", flat=True))
    legs = (
        Leg.objects.filter(entry_id__in=entries[-2000:], practice_id=one.practice_id)
        .order_by().values("account").annotate(cents=Sum("amount_cents"))
    )  # fmt: skip
    full = shared.also(request, DataClass.LEDGER, Access.FULL)
    may_post = one.practice_id in full.practice_ids
    record("remittance.read", "remittance", one.pk, practice_id=one.practice_id, claims=totals["n"])
    context = {
        "today": shared.today(request),
        "inbox": inbox_of(request, [one], marks, {}, None, one.pk),
        "remit": remittance_row(one, marks)
        | {"method_word": f"{one.method} {one.trace_number}".strip(), "lines": sum(len(row.lines.all()) for row in answered), "posted_by": "",
           "transaction": one.transaction, "plb_cents": one.plb_cents, "posting_number": one.posting_number,
           "claims_paid_cents": one.claims_paid_cents, "trace_payer_id": one.trace_payer_id},
        "tests": balance_tests(one, answered, complete=totals["n"] <= LINES_SHOWN),
        "findings": one.findings,
        "rows": [_answered(row, one) for row in answered],
        "total_claims": totals["n"],
        "unmatched": totals["unmatched"], "where": [], "assign": None, "held": [], "candidates": None, "proof": None,
        "difference": {"cents": one.difference_cents, "text": "The payment and its claims differ.", "where": ""} if one.difference_cents else None,
        "lines": [
            {"claim_number": row.claim_number, "claim_url": f"/claims/{row.claim_id}" if row.claim_id else None, "patient": "",
             "code": line.code, "charge_cents": line.charge_cents, "allowed_cents": line.allowed_cents,
             "paid_cents": line.paid_cents, "matched_by": row.matched_by.replace("_", " "), "denied": row.status == "4",
             "patient_cents": sum(each.amount_cents for each in line.adjustments.all() if each.group == "PR"),
             "adjustments": [{"code": f"{each.group}-{each.reason}", "cents": each.amount_cents, "meaning": ""} for each in line.adjustments.all()],
             "remarks": [{"code": code, "meaning": ""} for code in line.remarks]}
            for row in answered for line in row.lines.all()
        ],
        "plb": [
            {"meaning": "", "code": row.code, "reference": row.reference, "cents": -row.amount_cents} for row in plbs
        ],
        "entry": [
            {"account": row["account"].replace("_", " ").capitalize(),
             "debit_cents": row["cents"] if row["cents"] > 0 else None,
             "credit_cents": -row["cents"] if row["cents"] < 0 else None} for row in legs if row["cents"]
        ],
        "post": {"url": f"/remittances/{one.pk}/post", "label": "Post this remittance"} if may_post and one.state in POSTABLE else None,
        "undo": {"url": f"/remittances/{one.pk}/undo", "label": "Undo the posting", "note": "Every entry is reversed; nothing is deleted."} if may_post and one.state == RemittanceState.POSTED else None,
        "may_post": may_post,
    }  # fmt: skip
    return render(request, "remits/remit.html", context)


def balance_tests(one: Remittance, answered: list[RemittanceClaim], *, complete: bool) -> list[dict]:
    """The equations a remittance must meet: payment, claims, lines."""
    tests = [
        {
            "label": "Payment", "ok": one.claims_paid_cents - one.plb_cents == one.paid_cents,
            "equation": f"{dollars(one.claims_paid_cents)} claims - {dollars(one.plb_cents)} provider level"
                        f" = {dollars(one.claims_paid_cents - one.plb_cents)}; paid {dollars(one.paid_cents)}",
        }  # fmt: skip
    ]
    if not complete:
        return tests
    off_claims = [row for row in answered if not _claim_balances(row)]
    lines = [line for row in answered for line in row.lines.all()]
    off_lines = [line for line in lines if not _line_balances(line)]
    return tests + [
        {"label": "Claims", "ok": not off_claims,
         "equation": f"{len(answered) - len(off_claims)} of {len(answered)}: charge - adjustments = paid"},
        {"label": "Lines", "ok": not off_lines,
         "equation": f"{len(lines) - len(off_lines)} of {len(lines)}: charge - adjustments = paid"},
    ]  # fmt: skip


def _claim_balances(row: RemittanceClaim) -> bool:
    return row.charge_cents - sum(one.amount_cents for one in row.adjustments.all()) == row.paid_cents


def _line_balances(line) -> bool:
    return line.charge_cents - sum(one.amount_cents for one in line.adjustments.all()) == line.paid_cents


def _answered(row: RemittanceClaim, one: Remittance) -> dict:
    return {
        "id": row.pk, "number": row.number, "claim_number": row.claim_number, "status": row.status,
        "claim_url": f"/claims/{row.claim_id}" if row.claim_id else "", "matched": row.claim_id is not None,
        "matched_by": row.matched_by.replace("_", " "), "match_why": row.match_why,
        "codes": row.claim.codes if row.claim_id else "", "charge_cents": row.charge_cents,
        "paid_cents": row.paid_cents, "patient_cents": row.patient_cents, "remarks": row.remarks,
        "next_action": row.next_action.replace("_", " "), "payer_control_number": row.payer_control_number,
        "balances": _claim_balances(row), "match_url": f"/remittances/{one.pk}/claims/{row.pk}/match",
        "raw_url": f"/files/{one.file_id}/raw?transaction={one.transaction}&from={row.position}&to={row.position_end or row.position}",
        "lines": [
            {
                "number": line.number, "code": line.code, "modifiers": line.modifiers, "units": line.units,
                "service_on": line.service_on, "charge_cents": line.charge_cents, "paid_cents": line.paid_cents,
                "allowed_cents": line.allowed_cents, "matched": line.claim_line_id is not None,
                "expected_cents": line.claim_line.expected_cents if line.claim_line_id else None,
                "adjustments": [
                    {"code": f"{each.group}-{each.reason}", "cents": each.amount_cents} for each in line.adjustments.all()
                ],
                "remarks": line.remarks, "balances": _line_balances(line),
            }
            for line in row.lines.all()
        ],
    }  # fmt: skip


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def post(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    """Post a balanced remittance, whole."""
    one = access_remittance(request.tenant, remittance_id)
    if one.state not in POSTABLE:
        messages.error(request, "Only a balanced remittance that is not posted can be posted.")
    else:
        from cleanclaim_server.cycle.posting import post_remittance

        post_remittance(one.pk, now=shared.now(), actor_id=request.user.pk)
        messages.success(request, "Posted.", extra_tags=f"undo:/remittances/{one.pk}/undo")
    return redirect("web:remittance", one.pk)


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def undo(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    """Undo a posting by reversing entries; nothing is deleted."""
    one = access_remittance(request.tenant, remittance_id)
    if one.state != RemittanceState.POSTED:
        messages.error(request, "This remittance is not posted.")
    else:
        from cleanclaim_server.cycle.posting import undo_posting

        reason = request.POST.get("reason", "").strip()[:200] or "Undone from the page"
        undo_posting(one.pk, now=shared.now(), actor_id=request.user.pk, reason=reason)
        messages.success(request, "The posting is undone; the entries that reverse it are kept.")
    return redirect("web:remittance", one.pk)


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def assign(request: HttpRequest, inbox_id: UUID) -> HttpResponse:
    """Say which practice a payment belongs to."""
    one = visible(InboxRemittance.objects.filter(pk=inbox_id, state="unassigned").defer("content"), request.tenant).first()
    if one is None or not sees_whole_agency(request.tenant):
        raise Http404
    practice = access_practice(request.tenant, request.POST.get("practice", ""))
    from cleanclaim_server.cycle.posting import assign_remittance

    assign_remittance(one.pk, practice.pk, actor_id=request.user.pk, now=shared.now())
    return redirect("web:remittances")


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
