"""Claims: the list, and rejections.

The page of one claim is in `claim_page`, what it can do in `claim_acts`.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Count, DateField, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim import kpi
from cleanclaim_server.audit import record
from cleanclaim_server.claims.codes import REJECTED, HoldCause, Lifecycle, PayerState
from cleanclaim_server.claims.models import Acknowledgment, Claim
from cleanclaim_server.claims.queries import claims as claims_in_reach
from cleanclaim_server.claims.queries import (
    lifecycle_totals,
    open_holds,
    payer_state_totals,
    rejected_claims,
)
from cleanclaim_server.coverage.queries import payers_of
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.reporting.measures import DEFINITIONS, families_behind
from cleanclaim_server.statements.queries import balances_of_claims, paid_by_payers
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import payer_words, shared
from cleanclaim_server.web.views.mending import fix_url
from cleanclaim_server.web.views.rows import claim_row

NEVER = date(9999, 12, 31)
SORTS = {
    "visit": ("date_of_service", True),
    "claim": ("claim_number", False),
    "payer": ("payer__name", False),
    "charge": ("total_charge_cents", True),
    "expected": ("sort_expected", True),
}
REJECTION_SORTS = {
    "due": ("sort_due", False),
    "rejected": ("sort_rejected", True),
    "charge": ("total_charge_cents", True),
}


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def claims(request: HttpRequest) -> HttpResponse:
    """Claims by date of service, newest first, filtered and sorted by the address."""
    tenant, day = shared.in_view(request), shared.today(request)
    filters = request.GET.dict()
    filters |= _ages(filters.get("age", ""), day)
    rows = claims_in_reach(_practice(request, tenant), filters)
    rows, note = _behind(request, rows, tenant, day)
    rows = rows.annotate(sort_expected=Coalesce("expected_cents", -1))
    totals, payer_totals = lifecycle_totals(tenant), payer_state_totals(tenant)
    order = shared.Sorting(request, SORTS, "visit")
    full = shared.also(request, DataClass.CLAIM, Access.FULL)
    ready = claims_in_reach(_narrow(tenant, full), {"lifecycle": Lifecycle.READY.value})
    waiting = ready.aggregate(n=Count("id"), cents=Sum("total_charge_cents"))
    context = _list(request, tenant, rows, order) | {
        "note": note,
        "columns": shared.columns(
            ("Claim", "", "claim"),
            "Patient",
            ("Visit", "", "visit"),
            ("Payer", "", "payer"),
            ("Codes", "col-opt"),
            "Ours",
            "Payer says",
            ("Charge ($)", "num", "charge"),
            ("Expected ($)", "num", "expected"),
            ("Paid ($)", "num"),
            order=order,
        ),
        "tabs": shared.tab_links(
            request,
            "lifecycle",
            [("", "All", sum(row["n"] for row in totals.values()))]
            + [(one.value, one.label, totals[one.value]["n"]) for one in Lifecycle if one.value in totals],
        ),
        "filters": [
            *_practices(request, tenant),
            shared.chooser(
                request,
                "payer_state",
                "Payer says",
                [
                    (
                        "rejected",
                        "Rejected",
                        sum(payer_totals[s.value]["n"] for s in REJECTED if s.value in payer_totals),
                    )
                ]
                + [
                    (s.value, s.label, payer_totals[s.value]["n"])
                    for s in PayerState
                    if s.value in payer_totals
                ],
            ),
            shared.chooser(request, "payer", "Payer", [(str(one.pk), one.name) for one in payers_of(tenant)]),
            shared.chooser(request, "age", "Age of visit", [(key, f"{key} days") for key, *_ in kpi.BUCKETS]),
            shared.chooser(
                request,
                "kind",
                "Kind",
                [("professional", "Sessions (837P)"), ("institutional", "Programme days (837I)")],
            ),
            shared.chooser(request, "hold", "Held because", [(one.value, one.label) for one in HoldCause]),
        ],
        "search": {
            "action": "/claims",
            "q": request.GET.get("q", ""),
            "placeholder": "Claim or payer's number",
            "keep": shared.keep(request),
        },
        "ready": {"n": waiting["n"], "cents": waiting["cents"], "url": "/claims/send"}
        if waiting["n"]
        else None,
        "bulk": _bulk(request.GET.get("lifecycle", ""), full),
    }
    return render(request, "claims/list.html", context)


def _bulk(lifecycle: str, full: TenantContext) -> list[dict]:
    """What can be done to many claims at once, in the lists where it fits."""
    if not full.practice_ids:
        return []
    again = {"label": "Run the edits again", "icon": "refresh-cw", "url": "/claims/recheck"}
    return {
        "ready": [{"label": "Send the selected", "icon": "send", "url": "/claims/send"}, again],
        "held": [again],
        "draft": [again],
    }.get(lifecycle, [])


def _narrow(tenant: TenantContext, by: TenantContext) -> TenantContext:
    from dataclasses import replace

    return replace(tenant, practice_ids=tenant.practice_ids & by.practice_ids)


def _practice(request: HttpRequest, tenant: TenantContext) -> TenantContext:
    code = request.GET.get("practice", "")
    return shared.narrowed(request, tenant, code) if code else tenant


def _practices(request: HttpRequest, tenant: TenantContext) -> list[dict]:
    """The chooser of practices, where there is more than one to choose from."""
    mine = [mark for key, mark in shared.marks(request).items() if key in tenant.practice_ids]
    if len(mine) < 2:
        return []
    return [shared.chooser(request, "practice", "Practice", [(one["code"], one["name"]) for one in mine])]


def _ages(label: str, day: date) -> dict[str, str]:
    """An age bucket as dates of service."""
    for key, first, last in kpi.BUCKETS:
        if key == label:
            ages = {"to": (day - timedelta(days=first)).isoformat()} if first else {}
            return ages | ({"from": (day - timedelta(days=last)).isoformat()} if last is not None else {})
    return {}


def _behind(request: HttpRequest, rows: QuerySet, tenant: TenantContext, day: date) -> tuple[QuerySet, str]:
    """The claims behind a measure of the month, when the address names one."""
    code = request.GET.get("measure", "")
    if not code:
        return rows, ""
    try:
        first = date.fromisoformat(request.GET.get("month", "") + "-01")
    except ValueError:
        first = day.replace(day=1)
    money = _narrow(shared.also(request, DataClass.LEDGER, Access.READ), tenant)
    side = request.GET.get("side", "numerator")
    if code not in DEFINITIONS or not money.practice_ids:
        return rows.none(), "No measure of this name, or not for your role."
    rows = visible(rows.filter(family_id__in=families_behind(money, code, first, day, side=side)), money)
    what = {"denominator": "counted below", "rest": "not counted above"}.get(side, "behind")
    return rows, f"The claims {what} {DEFINITIONS[code].name.lower()}, {first:%B %Y}."


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def rejections(request: HttpRequest) -> HttpResponse:
    """Claims that never reached adjudication and are still ours to mend, the nearest filing limit first."""
    tenant = shared.in_view(request)
    everything = rejected_claims(tenant)
    by_state = dict(everything.order_by().values_list("payer_state").annotate(n=Count("id")))
    rows = rejected_claims(_practice(request, tenant)).select_related("family")
    if request.GET.get("by") in by_state:
        rows = rows.filter(payer_state=request.GET["by"])
    if request.GET.get("q"):
        rows = rows.filter(claim_number__istartswith=request.GET["q"].strip()[:20])
    rows = rows.annotate(
        sort_due=Coalesce("filing_limit_on", _never()), sort_rejected=Coalesce("payer_state_on", _never())
    )
    order = shared.Sorting(request, REJECTION_SORTS, "due")
    context = _list(request, tenant, rows, order)
    said = _said(tenant, [row["id"] for row in context["rows"]])
    context["rows"] = [row | _rejection(row, said.get(row["id"])) for row in context["rows"]]
    context["whole"] |= {"cents": context["whole"]["charge_cents"] or 0}
    context |= {
        "columns": shared.columns(
            "What was wrong",
            "Patient",
            "Claim",
            "Payer",
            ("Said by", "col-opt"),
            "Codes",
            ("Rejected", "col-opt", "rejected"),
            ("Filing limit", "", "due"),
            ("Charge ($)", "num", "charge"),
            order=order,
        ),
        "tabs": shared.tab_links(
            request,
            "by",
            [("", "All", sum(by_state.values()))]
            + [
                (
                    key,
                    PayerState(key).label.removeprefix("Rejected ").removeprefix("Rejected: ").capitalize(),
                    n,
                )
                for key, n in sorted(by_state.items())
            ],
        ),
        "filters": _practices(request, tenant),
        "search": {
            "action": "/rejections",
            "q": request.GET.get("q", ""),
            "placeholder": "Claim number",
            "keep": shared.keep(request),
        },
        "bulk": [{"label": "Build anew and check", "icon": "refresh-cw", "url": "/claims/mend"}]
        if shared.also(request, DataClass.CLAIM, Access.FULL).practice_ids
        else [],
        "empty": {
            "title": "No rejections",
            "text": "Every claim that left was taken, or its answer is still to come.",
            "act": "",
            "url": "",
        },
    }
    return render(request, "rejections/list.html", context)


def _never() -> Value:
    return Value(NEVER, output_field=DateField())


def _said(tenant: TenantContext, ids: list) -> dict:
    """The newest rejecting answer to each claim."""
    rows = visible(Acknowledgment.objects.filter(claim_id__in=ids, result="rejected"), tenant)
    newest = rows.order_by("claim_id", "received_at", "id").values(
        "claim_id", "codes", "meaning", "sender", "kind"
    )
    return {row["claim_id"]: row for row in newest}


def _rejection(row: dict, answer: dict | None) -> dict:
    """The words of one rejection: what was wrong, who said so, and the record that mends it."""
    meaning = (answer or {}).get("meaning") or "Rejected without a reason that we could read"
    codes = ((answer or {}).get("codes") or "").split()
    record_ = next((found for found in map(payer_words.mended_in, codes) if found), "")
    words = {
        "coverage": "Correct the member number or the policy",
        "patient": "Correct the patient's data",
        "session": "Correct the session",
        "authorization": "Record the authorization",
        "practice": "Correct the practice's or clinician's numbers",
    }
    of_file = row["payer_state"] == PayerState.REJECTED_FILE
    remedy = words.get(record_, "Read the answer, then build the claim anew")
    status = [code for code in codes if ":" in code]
    return {
        "title": "The whole file was refused" if of_file else payer_words.rejection(codes, meaning),
        "remedy": "Build the claim anew; it goes with the next batch" if of_file else remedy,
        "fix_url": "" if of_file else fix_url(row["claim"], record_),
        "stage": row["payer_state"],
        "rejected_on": row["payer_state_on"],
        "due": row["due_on"],
        "cents": row["charge_cents"],
        "codes": payer_words.coded(*status) or [{"code": code, "meaning": meaning} for code in codes if code],
    }


def _list(request: HttpRequest, tenant: TenantContext, rows: QuerySet, order: shared.Sorting) -> dict:
    marks = shared.marks(request)
    read = (lambda row: row.payer.name) if order.field == "payer__name" else None
    found, page = shared.one_page(
        request, rows, order.field, noun="claims", descending=order.descending, read=read
    )
    ids = [row.pk for row in found]
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    balances, paid, holds = (
        balances_of_claims(money, ids),
        paid_by_payers(money, ids),
        open_holds(tenant, ids),
    )
    record("claim.listed", "claim", count=len(found))

    def shown(row: Claim) -> dict:
        may = row.practice_id in money.practice_ids
        line = claim_row(row, marks, balances.get(row.pk, {}) if may else None, holds.get(row.pk))
        return line | {"paid_cents": paid.get(row.pk, 0) if may else None, "claim": row}

    return {
        "today": shared.today(request),
        "rows": [shown(row) for row in found],
        "page": page,
        "ready": None,
        "bulk": [],
        "note": "",
        "may_money": bool(money.practice_ids),
        "whole": {"count": page["total"], **rows.aggregate(charge_cents=Sum("total_charge_cents"))},
        "empty": {
            "title": "No claims",
            "text": "No claim matches these filters.",
            "act": "Show all",
            "url": request.path,
        },
    }
