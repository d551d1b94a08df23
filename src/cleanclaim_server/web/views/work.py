"""The work queue, and what can be done to its items: take, give back, put off."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cleanclaim_server.audit import record
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.identity.access import refuse, requires, tenant_for
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.queue_reads import (
    claims_about,
    initials_about,
    item_row,
    next_items,
    open_items,
    page_of,
    queue_totals,
    scored,
)
from cleanclaim_server.work.actions import assign_item, snooze_item, take_item
from cleanclaim_server.work.models import Queue, WorkItem

SORTS = {
    "score": ("points", True),
    "due": ("sort_due", False),
    "cents": ("amount_cents", True),
    "age": ("opened_on", False),
}
ACTING = (DataClass.CLAIM, DataClass.LEDGER, DataClass.NOTE_EXCERPT, DataClass.USERS)
LONGEST_SNOOZE = 60


def may_work(request: HttpRequest) -> bool:
    """Whether the person acts on anything at all: those who only look on take no items."""
    known = getattr(request, "_may_work", None)
    if known is None:
        known = any(tenant_for(request.user, kind, Access.FULL).practice_ids for kind in ACTING)
        request._may_work = known
    return known


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def work(request: HttpRequest) -> HttpResponse:
    """The queue: filtered and sorted by the address, one page."""
    whole = shared.in_view(request)
    day, marks = shared.today(request), shared.marks(request)
    code = request.GET.get("practice", "")
    tenant = shared.narrowed(request, whole, code) if code else whole
    totals = queue_totals(tenant, day)
    queue = request.GET.get("queue", "")
    rows = scored(filtered(request, open_items(tenant, day), day), day)
    order = shared.Sorting(request, SORTS, "score")
    items, page = shared.one_page(request, rows, order.field, noun="items", descending=order.descending)
    record("work.listed", "work_item", queue=queue if queue in Queue.values else "", count=len(items))
    names, about, who = people(request, items), claims_about(tenant, items), initials_about(tenant, items)
    acts = may_work(request)
    shown = [
        item_row(item, marks, day, about.get(item.claim_id), who) | _owner(request, item, names)
        for item in items
    ]
    options = [(one.value, one.label, totals[one.value]["n"]) for one in Queue if one.value in totals]
    mine = [mark for key, mark in marks.items() if key in whole.practice_ids]
    context = {
        "today": day,
        "queue": queue,
        "queue_label": Queue(queue).label if queue in Queue.values else "Work queue",
        "tabs": shared.tab_links(
            request, "queue", [("", "All", sum(row["n"] for row in totals.values())), *options]
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
            shared.chooser(
                request,
                "due",
                "Due",
                [
                    ("today", "Today"),
                    ("week", "Within 7 days"),
                    ("past", "Past"),
                    ("unproven", "Not proven"),
                ],
            ),
            shared.chooser(request, "mine", "Owner", [("1", "Me"), ("0", "Nobody")]),
        ],
        "intro": "Best use of the next minute first: a near deadline with proof, then dollars, then age.",
        "columns": shared.columns(
            ("Score", "", "score"),
            "What it needs",
            "Practice, patient",
            "Claim",
            "Payer",
            ("Expected ($)", "num", "cents"),
            ("Deadline", "", "due"),
            ("Age (days)", "num col-opt", "age"),
            "Owner",
            order=order,
        ),
        "whole": {"count": page["total"], "cents": rows.aggregate(cents=Sum("amount_cents"))["cents"] or 0},
        "search": {
            "action": "/work",
            "q": request.GET.get("q", ""),
            "placeholder": "Claim number",
            "keep": shared.keep(request),
        },
        "bulk": _bulk(request, queue) if acts else [],
        "empty": {
            "title": "Nothing waits here",
            "text": "No open item matches these filters.",
            "act": "Show all",
            "url": "/work",
        },
        "rows": shown,
        "page": page,
        "next_url": f"/work/next?queue={queue}" if acts and totals else "",
    }
    return render(request, "work/queue.html", context)


def _owner(request: HttpRequest, item: WorkItem, names: dict[UUID, str]) -> dict:
    """Who has the item; a colleague's is locked."""
    if item.assigned_to is None:
        return {"owner": None, "locked_by": ""}
    name, me = names.get(item.assigned_to, "A colleague"), item.assigned_to == request.user.pk
    return {"owner": {"name": name, "me": me}, "locked_by": "" if me else name}


def _bulk(request: HttpRequest, queue: str) -> list[dict]:
    """What can be done to many items; sending where everything shown is ready."""
    acts = [
        {"label": "Take", "icon": "user-check", "url": "/work/take", "primary": False},
        {"label": "Snooze a week", "icon": "clock", "url": "/work/snooze", "primary": False},
    ]
    may_send = shared.also(request, DataClass.CLAIM, Access.FULL).practice_ids
    if queue == Queue.READY and may_send:
        acts.insert(0, {"label": "Send", "icon": "send", "url": "/work/send", "primary": True})
    return acts


def filtered(request: HttpRequest, rows, day: date):
    """Apply the filters of the address."""
    if request.GET.get("queue") in Queue.values:
        rows = rows.filter(queue=request.GET["queue"])
    due = request.GET.get("due", "")
    if due == "today":
        rows = rows.filter(due_on=day, due_enforceable=True)
    elif due == "week":
        rows = rows.filter(due_on__range=(day, day + timedelta(days=7)))
    elif due == "past":
        rows = rows.filter(due_on__lt=day)
    elif due == "unproven":
        rows = rows.filter(due_on__isnull=False, due_enforceable=False)
    elif due:
        try:
            on = date.fromisoformat(due)
        except ValueError:
            return rows.none()
        proven = rows.filter(due_enforceable=True)
        rows = proven.filter(due_on=on) if on > day else proven.filter(due_on__lte=day)
    if request.GET.get("mine") == "1":
        rows = rows.filter(assigned_to=request.user.pk)
    elif request.GET.get("mine") == "0":
        rows = rows.filter(assigned_to__isnull=True)
    words = request.GET.get("q", "").strip()[:20]
    if words:
        rows = rows.filter(
            Exists(Claim.objects.filter(pk=OuterRef("claim_id"), claim_number__istartswith=words))
        )
    return rows


def people(request: HttpRequest, items) -> dict[UUID, str]:
    """Names of those who hold the items."""
    ids = {item.assigned_to for item in items if item.assigned_to}
    if not ids:
        return {}
    rows = User.objects.filter(agency_id=request.user.agency_id, pk__in=ids)
    return dict(rows.values_list("pk", "display_name"))


@requires(DataClass.CLAIM, Access.READ)
@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Take the next item and open its page. Whoever is quicker gets it; the other gets the next."""
    if not may_work(request):
        return refuse(request, DataClass.CLAIM.value, "full")
    tenant, day = shared.in_view(request), shared.today(request)
    queue = request.POST.get("queue") or request.GET.get("queue") or ""
    for item in next_items(tenant, day, queue=queue if queue in Queue.values else ""):
        if take_item(item, user_id=request.user.pk):
            record("work.taken", "work_item", item.pk, practice_id=item.practice_id)
            return redirect(page_of(item))
    mine = (
        open_items(tenant, day).filter(assigned_to=request.user.pk).order_by("sort_due", "opened_on").first()
    )
    if mine is not None:
        messages.info(request, "Nothing is free; this one is yours already.")
        return redirect(page_of(mine))
    messages.info(request, "Nothing waits here.")
    return redirect("web:work")


def _item(request: HttpRequest, item_id: UUID) -> WorkItem:
    item = open_items(request.tenant, shared.today(request)).filter(pk=item_id).first()
    if item is None:
        raise Http404
    return item


@requires(DataClass.CLAIM, Access.READ)
@require_POST
def change_item(request: HttpRequest, item_id: UUID, change: str) -> HttpResponse:
    """Take an item (also from a colleague), give it back, or put it off for some days."""
    item, day = _item(request, item_id), shared.today(request)
    if not may_work(request):
        return refuse(request, DataClass.CLAIM.value, "full")
    if change == "snooze":
        until = day + timedelta(days=_days(request))
        snooze_item(item, until=until)
        messages.success(request, f"Put off until {until:%-d %b}. The deadline stays.")
    elif change == "take":
        assign_item(item, user_id=request.user.pk)
        messages.success(request, "It is yours.")
    else:
        assign_item(item, user_id=None)
        messages.info(request, "Given back to everybody.")
    record(f"work.{change}", "work_item", item.pk, practice_id=item.practice_id)
    return redirect(shared.back(request, "/work"))


def _days(request: HttpRequest) -> int:
    text = request.POST.get("days", "7")
    return min(max(int(text), 1), LONGEST_SNOOZE) if text.isdecimal() and len(text) < 4 else 7


@requires(DataClass.CLAIM, Access.READ)
@require_POST
def change_items(request: HttpRequest, change: str) -> HttpResponse:
    """Take or put off the chosen items; those of colleagues stay theirs."""
    if not may_work(request):
        return refuse(request, DataClass.CLAIM.value, "full")
    day, done = shared.today(request), 0
    for item in open_items(request.tenant, day).filter(pk__in=shared.chosen_ids(request)):
        if change == "take":
            done += take_item(item, user_id=request.user.pk)
        elif item.assigned_to in (None, request.user.pk):
            snooze_item(item, until=day + timedelta(days=_days(request)))
            done += 1
    record(f"work.{change}_many", "work_item", count=done)
    word = "taken" if change == "take" else "put off for a week"
    messages.success(request, f"{done} item{'s' if done != 1 else ''} {word}.")
    return redirect(shared.back(request, "/work?mine=1" if change == "take" else "/work"))
