"""Today, the work queue, the practices at a glance, the search of the palette, and the practice switcher."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from cleanclaim_server.audit import record
from cleanclaim_server.claims.queries import claims
from cleanclaim_server.identity.access import requires, requires_sign_in, tenant_for
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.patients.queries import find_patients
from cleanclaim_server.practice.queries import providers_of
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.reporting.board import board_money, board_quality
from cleanclaim_server.tenancy.context import enter
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.queue_reads import (
    STRIP_DAYS,
    deadline_counts,
    item_row,
    next_item,
    open_items,
    page_of,
    practice_totals,
    queue_totals,
    wide,
)
from cleanclaim_server.web.views.shared import columns
from cleanclaim_server.work.models import Queue, WorkItem

ICONS = {
    Queue.UNSIGNED: "pencil", Queue.SESSION: "clock", Queue.READY: "send", Queue.STOPPED: "octagon-x",
    Queue.REJECTED: "unplug", Queue.SILENT: "hourglass", Queue.REMITTANCE: "banknote",
    Queue.UNMATCHED: "circle-help", Queue.DENIED: "gavel", Queue.PATIENT: "receipt-text",
    Queue.UNSURE: "circle-alert", Queue.CREDIT: "undo-2", Queue.FILE: "files", Queue.UNDERPAID: "scale",
}  # fmt: skip
SORTS = {
    "due": ("sort_due", False, "Deadline"),
    "cents": ("amount_cents", True, "Dollars"),
    "age": ("opened_on", False, "Age"),
}
FIRST_ITEMS = 8
FOUND = 12


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """What waits, what is due in fourteen days, and where to begin."""
    tenant, day, marks = shared.in_view(request), shared.today(request), shared.marks(request)
    totals = queue_totals(tenant, day)
    first = open_items(tenant, day).order_by("-due_enforceable", "sort_due", "-amount_cents", "opened_on", "id")
    rows = [item_row(item, marks, day) for item in first[:FIRST_ITEMS]]
    record("work.listed", "work_item", count=len(rows))
    context = {
        "today": day,
        "tiles": [tile(queue, totals.get(queue.value), day) for queue in Queue],
        "days": strip(deadline_counts(tenant, day), day),
        "first": rows,
        "total": {
            "count": sum(row["n"] for row in totals.values()),
            "cents": sum(row["cents"] or 0 for row in totals.values()),
            "due_today": sum(row["due_today"] for row in totals.values()),
        },
        "start_url": rows[0]["url"] if rows else None,
        "queue_url": "/work",
        "unproven": {"n": sum(row["unproven"] for row in totals.values()), "url": "/work?sort=due"},
        "changed": [],
        "changed_since": None,
    }
    return render(request, "today/today.html", context)


def tile(queue: Queue, row: dict | None, day) -> dict:
    """One queue as `components/tiles.html` shows it."""
    nearest = row and row["nearest"]
    return {
        "key": queue.value,
        "label": queue.label,
        "icon": ICONS[queue],
        "url": f"/work?queue={queue.value}",
        "count": row["n"] if row else 0,
        "cents": row["cents"] if row else 0,
        "oldest_days": (day - row["oldest"]).days if row else None,
        "due_today": row["due_today"] if row else 0,
        "nearest": nearest or None,
        "due_note": f"Next due {nearest.day} {nearest:%b}" if nearest and not row["due_today"] else "",
    }


def strip(rows: list[dict], day) -> list[dict]:
    """Fourteen days with their pins; what is past stands on the first."""
    days = [day + timedelta(days=offset) for offset in range(STRIP_DAYS)]
    pins: dict = {one: [] for one in days}
    for row in rows:
        on = max(row["due_on"], day)
        tone = "stop" if on == day else "override" if (on - day).days <= 7 else "tell"
        pins[on].append(
            {
                "label": Queue(row["queue"]).label, "n": row["n"], "cents": row["cents"], "tone": tone,
                "url": f"/work?queue={row['queue']}&due={on.isoformat()}", "note": "",
            }  # fmt: skip
        )
    return [{"date": one, "off": one.weekday() >= 5, "holiday": "", "pins": pins[one]} for one in days]


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def work(request: HttpRequest) -> HttpResponse:
    """The queue: filtered, sorted, one page."""
    tenant, day, marks = shared.in_view(request), shared.today(request), shared.marks(request)
    totals = queue_totals(tenant, day)
    queue = request.GET.get("queue", "")
    rows = filtered(request, open_items(tenant, day), day)
    sort = request.GET.get("sort") if request.GET.get("sort") in SORTS else "due"
    field, descending, _ = SORTS[sort]
    following = next_item(tenant, day, taker=request.user.pk, queue=queue if queue in Queue.values else "")
    items, page = shared.one_page(request, rows, field, noun="items", descending=descending)
    record("work.listed", "work_item", queue=queue if queue in Queue.values else "", count=len(items))
    names = people(request, items)
    about = {row.pk: row for row in claims(tenant).filter(pk__in=[item.claim_id for item in items if item.claim_id])}
    shown = [
        item_row(item, marks, day, about.get(item.claim_id))
        | {"owner": {"name": names[item.assigned_to], "me": item.assigned_to == request.user.pk}
           if item.assigned_to in names else None}
        for item in items
    ]  # fmt: skip
    options = [(one.value, one.label, totals[one.value]["n"]) for one in Queue if one.value in totals]
    context = {
        "today": day,
        "queue": queue,
        "queue_label": Queue(queue).label if queue in Queue.values else "Work queue",
        "tabs": shared.tab_links(
            request, "queue", [("", "All", sum(row["n"] for row in totals.values())), *options]
        ),
        "filters": [
            shared.chooser(request, "queue", "Queue", options),
            shared.chooser(request, "due", "Due", [("today", "Today"), ("week", "Within 7 days"), ("past", "Past")]),
            shared.chooser(request, "mine", "Assigned", [("1", "To me"), ("0", "To nobody")]),
            shared.chooser(request, "sort", "Sort", [(key, one[2]) for key, one in SORTS.items()]),
        ],
        "intro": "Nearest provable deadline first, then the dollars that depend on it.",
        "columns": columns(("Score", "num"), "What it needs", "Practice and patient", "Claim", "Payer",
                           ("Expected ($)", "num"), "Deadline", ("Age (days)", "num"), "Owner"),
        "whole": {"count": page["total"], "cents": rows.aggregate(cents=Sum("amount_cents"))["cents"] or 0},
        "search": None,
        "bulk": [],
        "empty": {"title": "Nothing waits here", "text": "No open item matches these filters.", "act": "Show all", "url": "/work"},
        "rows": shown,
        "page": page,
        "sort": sort,
        "next_url": page_of(following) if following else None,
    }
    return render(request, "work/queue.html", context)


def filtered(request: HttpRequest, rows, day):
    """Apply the filters of the address."""
    if request.GET.get("queue") in Queue.values:
        rows = rows.filter(queue=request.GET["queue"])
    due = request.GET.get("due", "")
    if due == "today":
        rows = rows.filter(due_on=day)
    elif due == "week":
        rows = rows.filter(due_on__range=(day, day + timedelta(days=7)))
    elif due == "past":
        rows = rows.filter(due_on__lt=day)
    elif due:
        from datetime import date

        try:
            on = date.fromisoformat(due)
        except ValueError:
            return rows.none()
        rows = rows.filter(due_on=on) if on > day else rows.filter(due_on__lte=day, due_enforceable=True)
    if request.GET.get("mine") == "1":
        rows = rows.filter(assigned_to=request.user.pk)
    elif request.GET.get("mine") == "0":
        rows = rows.filter(assigned_to__isnull=True)
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
    """Take the next item: it is mine, and its page opens."""
    tenant, day = shared.in_view(request), shared.today(request)
    queue = request.POST.get("queue") or request.GET.get("queue") or ""
    item = next_item(tenant, day, taker=request.user.pk, queue=queue if queue in Queue.values else "")
    if item is None:
        return redirect("web:work")
    if item.assigned_to is None:
        free = WorkItem.objects.filter(pk=item.pk, practice_id=item.practice_id, assigned_to__isnull=True)
        free.update(assigned_to=request.user.pk)
    record("work.taken", "work_item", item.pk, practice_id=item.practice_id)
    return redirect(page_of(item))


def _item(request: HttpRequest, item_id: UUID) -> WorkItem:
    item = open_items(request.tenant, shared.today(request)).filter(pk=item_id).first()
    if item is None:
        raise Http404
    return item


@requires(DataClass.CLAIM, Access.READ)
@require_POST
def change_item(request: HttpRequest, item_id: UUID, change: str) -> HttpResponse:
    """Take an item, give it back, or put it off for some days."""
    item, day = _item(request, item_id), shared.today(request)
    if change == "snooze":
        days = request.POST.get("days", "7")
        item.snoozed_until = day + timedelta(days=min(max(int(days), 1), 60) if days.isdigit() else 7)
    else:
        item.assigned_to = request.user.pk if change == "take" else None
    item.save(update_fields=["snoozed_until", "assigned_to"])
    record(f"work.{change}", "work_item", item.pk, practice_id=item.practice_id)
    back = request.POST.get("back", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "/work")


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def practices(request: HttpRequest) -> HttpResponse:
    """Every practice in reach, side by side."""
    day, marks = shared.today(request), shared.marks(request)
    found: dict[UUID, dict] = {key: {} for key in marks if key in request.tenant.practice_ids}
    for row in practice_totals(request.tenant, day):
        found[row["practice_id"]][row["queue"]] = row
    record("practice.listed", "practice", count=len(found))
    shown = []
    clinicians = dict(
        providers_of(request.tenant).order_by().values_list("practice_id").annotate(n=Count("id"))
    )
    for key, queues in found.items():
        todo = [
            {"label": one.label, "n": queues[one.value]["n"], "url": f"/switch?to={marks[key]['code']}",
             "tone": "stop" if queues[one.value]["due_today"] else ""}
            for one in Queue if one.value in queues
        ]
        shown.append(
            {
                **marks[key], "url": f"/switch?to={marks[key]['code']}", "states": "",
                "clinicians": clinicians.get(key, 0),
                "open_cents": sum(row["cents"] or 0 for row in queues.values()), "cash_cents": None,
                "denial": {"n": None, "d": 0}, "clean": {"n": None, "d": 0}, "days_ar": None, "todo": todo,
                "items": sum(row["n"] for row in queues.values()),
                "due_today": sum(row["due_today"] for row in queues.values()),
            }
        )  # fmt: skip
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    for row in board_money(money, day):
        mine = next((one for one in shown if one["code"] == marks[row["practice_id"]]["code"]), None)
        if mine:
            mine.update(open_cents=row["open_cents"], cash_cents=row["cash_cents"])
    for row in board_quality(request.tenant):
        mine = next((one for one in shown if one["code"] == marks[row["practice_id"]]["code"]), None)
        if mine:
            mine.update(denial={"n": row["denied"], "d": row["decided"]}, clean={"n": row["clean"], "d": row["checked"]})
    total = {
        "practices": len(shown), "clinicians": sum(one["clinicians"] for one in shown),
        "open_cents": sum(one["open_cents"] for one in shown),
        "cash_cents": sum(one["cash_cents"] or 0 for one in shown),
        "items": sum(one["items"] for one in shown), "due_today": sum(one["due_today"] for one in shown),
    }
    context = {"today": day, "month": day.replace(day=1), "total": total, "practices": shown, "measures_url": "/month"}
    return render(request, "agency/board.html", context)


@requires_sign_in
@require_GET
def switch(request: HttpRequest) -> HttpResponse:
    """Work for one practice (`to`, its code) or for all; a preference of the session, never a right."""
    code = request.GET.get("to", "")
    if code in {mark["code"] for mark in shared.marks(request).values()}:
        request.session[shared.SWITCH] = code
    else:
        request.session.pop(shared.SWITCH, None)
    return redirect("web:today")


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The palette's answer: claims, patients, remittances that begin with the words."""
    words = " ".join(request.GET.get("q", "").split())[:60]
    results: list[dict] = []
    marks = shared.marks(request)
    if len(words) >= 2:
        for claim in claims(request.tenant, {"q": words}).order_by("-id")[:FOUND]:
            note = f"{claim.payer.name}, {claim.codes}"
            results.append(_found("claim", claim.claim_number, note, f"/claims/{claim.pk}", marks[claim.practice_id]))
        people_ = tenant_for(request.user, DataClass.DEMOGRAPHICS, Access.READ)
        with enter(people_):
            for one in find_patients(people_, words).order_by("last_name", "first_name", "id")[:FOUND]:
                mark = marks[one.practice_id]
                results.append(_found("patient", one.full_name, one.chart_number, f"/patients/{one.pk}", mark))
        money = tenant_for(request.user, DataClass.LEDGER, Access.READ)
        with enter(money):
            traces = visible(Remittance.objects.filter(trace_number__istartswith=words), wide(money))
            for one in traces.order_by("-id")[:FOUND]:
                mark = marks[one.practice_id]
                results.append(
                    _found("remittance", one.trace_number, one.payer_name, f"/remittances/{one.pk}", mark)
                )
        record("search.made", "search", count=len(results))
    context = {"q": words, "results": results[:FOUND], "more": max(len(results) - FOUND, 0)}
    return render(request, "components/search_results.html", context)


def _found(kind: str, title: str, note: str, url: str, practice: dict) -> dict:
    return {"kind": kind, "title": title, "note": note, "url": url, "practice": practice}
