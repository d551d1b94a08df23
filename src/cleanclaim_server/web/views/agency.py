"""The practices side by side."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from cleanclaim_server.audit import record
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.queries import clinicians_by_practice, states_of_practices
from cleanclaim_server.reporting.board import board_days, board_money, board_quality
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.queue_reads import practice_totals
from cleanclaim_server.work.models import Queue


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def practices(request: HttpRequest) -> HttpResponse:
    """Every practice in reach: money, quality, and what waits; each figure opens its rows there."""
    day, marks, tenant = shared.today(request), shared.marks(request), request.tenant
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    queues: dict[UUID, dict] = {key: {} for key in marks if key in tenant.practice_ids}
    for row in practice_totals(tenant, day):
        queues[row["practice_id"]][row["queue"]] = row
    clinicians, states = clinicians_by_practice(tenant), states_of_practices(tenant)
    cash = {row["practice_id"]: row for row in board_money(money, day)}
    quality = {row["practice_id"]: row for row in board_quality(tenant)}
    days = board_days(money, day)
    record("practice.listed", "practice", count=len(queues))
    shown = []
    for key, waiting in queues.items():
        code, mine, owed = marks[key]["code"], quality.get(key, {}), cash.get(key, {})
        shown.append(
            {
                **marks[key],
                "url": _to(code, "/"),
                "states": ", ".join(sorted(states.get(key, ()))),
                "clinicians": clinicians.get(key, 0),
                "may_money": key in money.practice_ids,
                "open_cents": owed.get("open_cents"),
                "cash_cents": owed.get("cash_cents"),
                "days_ar": days.get(key),
                "denial": {"n": mine.get("denied"), "d": mine.get("decided", 0)},
                "clean": {"n": mine.get("clean"), "d": mine.get("checked", 0)},
                "claims_url": _to(code, "/claims"),
                "month_url": _to(code, "/month"),
                "denials_url": _to(code, "/denials"),
                "remits_url": _to(code, "/remittances"),
                "todo": [
                    {
                        "label": one.label,
                        "n": waiting[one.value]["n"],
                        "url": _to(code, f"/work?queue={one.value}"),
                        "tone": "stop" if waiting[one.value]["due_today"] else "",
                    }
                    for one in Queue
                    if one.value in waiting
                ],
                "items": sum(row["n"] for row in waiting.values()),
                "due_today": sum(row["due_today"] for row in waiting.values()),
            }
        )
    known = [one for one in shown if one["open_cents"] is not None]
    total = {
        "practices": len(shown),
        "clinicians": sum(one["clinicians"] for one in shown),
        "open_cents": sum(one["open_cents"] for one in known) if known else None,
        "cash_cents": sum(one["cash_cents"] for one in known) if known else None,
        "items": sum(one["items"] for one in shown),
        "due_today": sum(one["due_today"] for one in shown),
    }
    context = {
        "today": day,
        "month": day.replace(day=1),
        "total": total,
        "practices": shown,
        "measures_url": "/month",
        "may_money": bool(known),
    }
    return render(request, "agency/board.html", context)


def _to(code: str, page: str) -> str:
    """Work for one practice from here on, and open a page of it."""
    return f"/switch?{urlencode({'to': code, 'then': page})}"
