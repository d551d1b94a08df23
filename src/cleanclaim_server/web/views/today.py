"""Today: what waits, what is due, what changed, and where to begin; and the practice switcher."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cleanclaim_server.audit import record
from cleanclaim_server.identity.access import requires, requires_sign_in
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.reporting.changes import changes_since, last_working_day
from cleanclaim_server.web.templatetags.numbers import date_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.queue_reads import (
    STRIP_DAYS,
    agency_files,
    claims_about,
    deadline_counts,
    initials_about,
    item_row,
    open_items,
    queue_totals,
    scored,
)
from cleanclaim_server.web.views.work import may_work
from cleanclaim_server.work.models import Queue

ICONS = {
    Queue.UNSIGNED: "pencil",
    Queue.SESSION: "clock",
    Queue.READY: "send",
    Queue.STOPPED: "octagon-x",
    Queue.REJECTED: "unplug",
    Queue.SILENT: "hourglass",
    Queue.REMITTANCE: "banknote",
    Queue.UNMATCHED: "circle-help",
    Queue.DENIED: "gavel",
    Queue.PATIENT: "receipt-text",
    Queue.UNSURE: "circle-alert",
    Queue.CREDIT: "undo-2",
    Queue.FILE: "files",
    Queue.UNDERPAID: "scale",
    Queue.BANK: "landmark",
    Queue.ELIGIBILITY: "user-check",
}
ALWAYS = {
    Queue.UNSIGNED,
    Queue.READY,
    Queue.STOPPED,
    Queue.REJECTED,
    Queue.SILENT,
    Queue.REMITTANCE,
    Queue.DENIED,
    Queue.PATIENT,
}
"""Queues whose emptiness is news; the others show only when something waits."""
PRICELESS = {Queue.SESSION, Queue.FILE, Queue.ELIGIBILITY}
"""Queues of things that have no price yet."""
FIRST_ITEMS = 8
SEEN = "changes_seen_at"  # session key: when the person last marked the changes as seen


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """What waits, what is due in fourteen days, what changed, and where to begin."""
    tenant, day, marks = shared.in_view(request), shared.today(request), shared.marks(request)
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    money = shared.narrowed_to(money, tenant)
    totals: dict[str, dict] = queue_totals(tenant, day)
    queued = sum(row["n"] for row in totals.values())
    if files := agency_files(tenant, day):  # these are no items of the queue
        totals[Queue.FILE.value] = files
    ordered = scored(open_items(tenant, day), day).order_by("-points", "sort_due", "opened_on", "id")
    first = list(ordered[:FIRST_ITEMS])
    about, people = claims_about(tenant, first), initials_about(tenant, first)
    rows = [item_row(item, marks, day, about.get(item.claim_id), people) for item in first]
    record("work.listed", "work_item", count=len(rows))
    since, due = _since(request, day), deadline_counts(tenant, day)
    shown = [queue for queue in Queue if queue in ALWAYS or queue.value in totals]
    context = {
        "today": day,
        "tiles": [tile(queue, totals.get(queue.value), day) for queue in shown],
        "rest": [queue.label for queue in Queue if queue not in shown],
        "days": strip(due, day) if due else [],
        "first": rows,
        "total": {
            "queued": queued,
            "count": sum(row["n"] for row in totals.values()),
            "cents": sum(row["cents"] or 0 for row in totals.values()),
            "due_today": sum(row["due_today"] for row in totals.values()),
        },
        "next_url": "/work/next" if rows and may_work(request) else "",
        "queue_url": "/work",
        "unproven": {"n": sum(row["unproven"] for row in totals.values()), "url": "/work?due=unproven"},
        "changed": changes_since(tenant, money, since),
        "changed_since": since,
        "changed_word": f"{since:%A}, {since.day} {since:%B}" if since.time() == time(0) else "",
        "seen_url": "/seen",
    }
    return render(request, "today/today.html", context)


def _since(request: HttpRequest, day: date) -> datetime:
    """When the person last looked, else the last working day's first minute; never more than a week back."""
    zone = ZoneInfo(request.user.agency.timezone)
    fresh = datetime.combine(last_working_day(day), time(0), zone)
    try:
        seen = datetime.fromisoformat(request.session.get(SEEN, ""))
    except ValueError:
        return fresh
    return max(seen, shared.now() - timedelta(days=7))


@requires_sign_in
@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """The changes up to now were looked at; a preference of the session."""
    request.session[SEEN] = shared.now().isoformat()
    messages.info(request, "Marked as seen. New changes will stand here.")
    return redirect("web:today")


def tile(queue: Queue, row: dict | None, day: date) -> dict:
    """One queue as `components/tiles.html` shows it."""
    nearest = row and row["nearest"]
    return {
        "key": queue.value,
        "label": (row or {}).get("label", queue.label),
        "icon": ICONS[queue],
        "url": row["url"] if row and "url" in row else f"/work?queue={queue.value}",
        "count": row["n"] if row else 0,
        "cents": None if row and queue in PRICELESS else row["cents"] if row else 0,
        "oldest_days": (day - row["oldest"]).days if row else None,
        "due_today": row["due_today"] if row else 0,
        "due_note": f"Next due {date_text(nearest, day)}" if row and nearest and not row["due_today"] else "",
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
                "label": Queue(row["queue"]).label,
                "n": row["n"],
                "cents": row["cents"],
                "tone": tone,
                "url": f"/work?queue={row['queue']}&due={on.isoformat()}",
                "note": "",
            }
        )
    return [{"date": one, "off": one.weekday() >= 5, "holiday": "", "pins": pins[one]} for one in days]


@requires_sign_in
@require_GET
def switch(request: HttpRequest) -> HttpResponse:
    """Work for one practice (`to`, its code) or for all, then open `then`; a preference, never a right."""
    code = request.GET.get("to", "")
    if code in {mark["code"] for mark in shared.marks(request).values()}:
        request.session[shared.SWITCH] = code
    else:
        request.session.pop(shared.SWITCH, None)
    return redirect(shared.ours(request.GET.get("then", ""), "/"))
