"""Closing the month: the list of what is open, the act, and the frozen books with what came later."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from cleanclaim.ledger import CHART, Account, AccountClass
from cleanclaim_server.audit import record
from cleanclaim_server.cycle.closing import (
    CHECKS,
    CloseRefused,
    OpenThing,
    Standing,
    close_books,
    next_to_close,
    standing_of,
)
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.ledger.closing import (
    corrections_of,
    document_hash,
    has_moved,
    periods_of,
    trial_balance_as_of,
)
from cleanclaim_server.ledger.models import Period
from cleanclaim_server.practice.access import access_practice_of
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.month import month_start

MONTHS = 12
TO = {
    "remittance.not_posted": "/remittances?state=held",
    "remittance.unmatched": "/work?queue=unmatched",
    "ledger.suspense": "/remittances",
    "claim.unsure": "/work?queue=unsure",
    "bank.untied": "/bank?view=open",
    "session.unsigned": "/work?queue=unsigned",
    "session.uncoded": "/work?queue=session",
    "claim.unsent": "/claims",
    "refund.asked": "/credits?view=refunds",
    "credit.payer": "/credits",
}
"""Where the rows behind a check are."""
CLASSES = {
    AccountClass.ASSET: "What is owned and owed to us",
    AccountClass.LIABILITY: "What is owed to others",
    AccountClass.REVENUE: "Income",
    AccountClass.CONTRA_REVENUE: "Adjustments",
    AccountClass.EXPENSE: "Expenses",
}
KINDS = {
    "reversal": "Taken back",
    "charge": "Charge that came late",
    "remittance_claim": "Payment that came late",
    "patient_payment": "Patient payment that came late",
}


def asked(request: HttpRequest, otherwise: date) -> date:
    """The month that the address or the form names."""
    text = request.GET.get("month", "") or request.POST.get("month", "")
    try:
        return date.fromisoformat(text + "-01")
    except ValueError:
        return otherwise


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def closes(request: HttpRequest) -> HttpResponse:
    """A month in every practice in view: closed, ready to close, or what is open in it."""
    tenant, day, marks = shared.in_view(request), shared.today(request), shared.marks(request)
    last = month_start(day, 1)
    month = min(asked(request, last), day.replace(day=1))
    keys = [key for key in marks if key in tenant.practice_ids]
    standings = standing_of(keys, month, today=day)
    record("close.listed", "period", month=month, count=len(keys))
    rows = [_row(standings[key], marks[key]) for key in keys]
    context = {
        "today": day,
        "month": month,
        "months": [
            {"label": f"{one:%b}", "url": f"/month/close?month={one:%Y-%m}", "current": one == month}
            for one in sorted(month_start(day, back) for back in range(1, 7))
        ],
        "month_url": f"/month?month={month:%Y-%m}",
        "rows": rows,
        "closed": sum(row["closed"] for row in rows),
        "may_close": sum(row["ready"] for row in rows),
        "open_cents": sum(row["cents"] for row in rows),
    }
    return render(request, "closing/list.html", context)


def _row(standing: Standing, mark: dict) -> dict:
    stops = [one for one in standing.things if one.needs_reason]
    rest = [one for one in standing.things if one.count and not one.needs_reason]
    return {
        "practice": mark,
        "url": f"/month/close/{standing.practice_id}?month={standing.month:%Y-%m}",
        "closed": standing.is_closed,
        "ready": not standing.refusal,
        "refusal": standing.refusal,
        "closed_at": standing.period.closed_at if standing.period else None,
        "by": standing.period.closed_by_name if standing.period else "",
        "hash": standing.period.trial_balance_hash[:12] if standing.period else "",
        "money": 0 if standing.is_closed else sum(one.count for one in stops),
        "work": 0 if standing.is_closed else sum(one.count for one in rest),
        "cents": 0 if standing.is_closed else standing.open_cents,
    }


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def close(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """One practice's month: the list before the close, the frozen books after it."""
    practice = access_practice_of(request.tenant, practice_id)
    return _page(request, practice, {})


def _page(
    request: HttpRequest, practice: Practice, errors: dict[str, str], status: int = 200
) -> HttpResponse:
    day = shared.today(request)
    month = asked(request, next_to_close(practice.pk) or month_start(day, 1))
    standing = standing_of([practice.pk], month, today=day)[practice.pk]
    may = practice.pk in shared.also(request, DataClass.APPROVALS, Access.FULL).practice_ids
    period = standing.period
    record("close.read", "period", period.pk if period else "", practice_id=practice.pk, month=month)
    context = {
        "today": day,
        "practice": shared.marks(request)[practice.pk],
        "month": month,
        "key": f"{month:%Y-%m}",
        "standing": standing,
        "things": [_thing(one) for one in standing.things],
        "frozen": _frozen(period) if period else None,
        "later": _later(practice.pk, month) if standing.is_closed else [],
        "history": [
            {
                "month": one.month, "url": f"{request.path}?month={one.month:%Y-%m}", "at": one.closed_at,
                "by": one.closed_by_name, "entries": one.entries, "hash": one.trial_balance_hash[:12],
                "current": one.month == month,
            }
            for one in periods_of([practice.pk])[:MONTHS]
        ],
        "may_close": may and not standing.refusal,
        "may": may,
        "errors": errors,
        "typed": request.POST.get("reason", ""),
        "freeze_url": reverse("web:freeze", args=[practice.pk]),
        "books_url": f"{reverse('web:closed_books', args=[practice.pk])}?month={month:%Y-%m}",
        "back_url": f"/month/close?month={month:%Y-%m}",
    }  # fmt: skip
    return render(request, "closing/month.html", context, status=status)


def _thing(one: OpenThing) -> dict:
    return {
        "words": one.check.words,
        "why": one.check.why,
        "count": one.count,
        "cents": None if one.check.code == "session.uncoded" else one.cents,
        "tone": "" if not one.count else "override" if one.needs_reason else "tell",
        "url": TO[one.check.code] if one.count else "",
    }


def _frozen(period: Period) -> dict:
    accounts = []
    for kind, words in CLASSES.items():
        rows = [
            {
                "title": CHART[account].title,
                "meaning": CHART[account].meaning,
                "moved": period.movements.get(account.value, 0),
                "cents": period.closing_balances.get(account.value, 0),
            }
            for account in Account
            if CHART[account].kind is kind
            and (account.value in period.closing_balances or account.value in period.movements)
        ]
        accounts += [{"words": words, "rows": rows}] if rows else []
    return {
        "at": period.closed_at,
        "by": period.closed_by_name,
        "reason": period.reason,
        "entries": period.entries,
        "hash": period.trial_balance_hash,
        "entries_hash": period.entries_hash,
        "moved": has_moved(period),
        "accounts": accounts,
        "left_open": [
            {"words": _words(one["code"]), "count": one["count"], "cents": one["cents"]}
            for one in period.left_open
        ],
    }


def _words(code: str) -> str:
    return next((one.words for one in CHECKS if one.code == code), code)


def _later(practice_id: UUID, month: date) -> list[dict]:
    return [
        {
            "on": row.happened_on,
            "about": row.belongs_on or (row.reverses.happened_on if row.reverses else None),
            "what": KINDS.get(row.kind, row.kind.replace("_", " ").capitalize()),
            "of": row.reverses.kind.replace("_", " ") if row.reverses else "",
            "reason": row.reason if row.actor_id else "",
            "url": f"/remittances/{row.remittance_id}" if row.remittance_id else "",
        }
        for row in corrections_of(practice_id, month)
    ]


@requires(DataClass.APPROVALS, Access.FULL)
@require_POST
def freeze(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Close the month for ever. What is open in money needs a reason."""
    practice = access_practice_of(request.tenant, practice_id)
    month = asked(request, date.min)
    if month == date.min or request.POST.get("sure") != "1":
        return _page(request, practice, {"sure": "Say that you mean it: a closed month stays closed."}, 422)
    try:
        period = close_books(
            practice.pk, month, now=shared.now(), today=shared.today(request), actor_id=request.user.pk,
            actor_name=request.user.display_name, reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except CloseRefused as error:
        field = "reason" if error.code == "close.reason_missing" else "sure"
        return _page(request, practice, {field: str(error)}, 422)
    words = (
        f"{month:%B %Y} is closed: {period.entries:,} entries, frozen as {period.trial_balance_hash[:12]}."
    )
    messages.success(request, words)
    return redirect(f"{reverse('web:close', args=[practice.pk])}?month={month:%Y-%m}")


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def closed_books(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """The trial balance at the end of a closed month, as known when it closed: the same bytes for ever."""
    practice = access_practice_of(request.tenant, practice_id)
    month = asked(request, date.min)
    period = next((one for one in periods_of([practice.pk]) if one.month == month), None)
    if period is None:
        raise Http404
    report = trial_balance_as_of(practice.pk, period.closed_through, known_at=period.closed_at)
    mark = document_hash(report)
    record("close.exported", "period", period.pk, practice_id=practice.pk, hash=mark)
    answer = HttpResponse(report.document, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="books-{practice.code}-{month:%Y-%m}.json"'
    answer["X-Content-Digest"] = f"sha256 {mark}"
    return answer
