"""The page of the bank: totals that tie out, what is open by age, payments without money, payers, files."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from cleanclaim.bank import ExceptionKind
from cleanclaim.bank.alarms import BUCKETS, OLDEST
from cleanclaim_server.audit import record
from cleanclaim_server.bank.models import BankAccount, Proposal
from cleanclaim_server.bank.queries import (
    announced_on,
    lines_of,
    open_payments,
    standing_asides,
    standing_parts,
)
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.web.templatetags.numbers import date_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.bank.feeds import file_rows, payer_rows
from cleanclaim_server.web.views.bank.patients import count_waiting, patient_rows
from cleanclaim_server.web.views.bank.scope import Scope, scope_of
from cleanclaim_server.web.views.bank.words import HOW, deposit_state, kind_word, text_of, thought, who
from cleanclaim_server.web.views.remits.inbox import METHODS

VIEWS = ("open", "payments", "patients", "matched", "aside", "payers", "files")
STATES = {"open": "open", "matched": "tied", "aside": "aside"}
LABELS = {
    "open": "To match",
    "payments": "Payments without money",
    "patients": "Patient money",
    "matched": "Matched",
    "aside": "Set aside",
    "payers": "Payers",
    "files": "Files",
}
PAYMENTS_SHOWN = 100


@requires(DataClass.BANK, Access.LIMITED)
@require_GET
def bank(request: HttpRequest) -> HttpResponse:
    """What came to the bank and which payment it is; what needs a person first."""
    scope, day, marks = scope_of(request), shared.today(request), shared.marks(request)
    view = request.GET.get("view", "open")
    view = view if view in VIEWS else "open"
    waiting = _payments(scope, day)
    full = shared.also(request, DataClass.LEDGER, Access.FULL)
    open_days = list(lines_of(scope.tenant, "open", _chosen(scope)).values_list("booked_on", "open_cents"))
    counts = {"open": len(open_days), "payments": len(waiting), "patients": count_waiting(scope)}
    context = {
        "today": day,
        "view": view,
        "has_accounts": bool(scope.accounts),
        "states": _totals(scope, waiting, day),
        "tied_out": all(scope.totals[one.pk].difference == 0 for one in scope.shown),
        "tabs": [
            {
                "label": LABELS[key],
                "n": counts.get(key),
                "url": shared.link(request, view=None if key == "open" else key, age=None, at=None),
                "current": key == view,
            }
            for key in VIEWS
        ],
        "filters": _filters(request, scope, marks),
        "upload": _upload(scope, full, marks),
        "new_account_url": reverse("web:new_bank_account") if full.practice_ids else "",
        "account_url": reverse("web:bank_account", args=[scope.chosen.pk])
        if scope.chosen and scope.chosen.practice_id in full.practice_ids
        else "",
        "may_decide": bool(full.practice_ids),
        "accept_url": reverse("web:accept_lines"),
        "back": request.get_full_path(),
    }
    context |= _view(request, scope, view, day, marks, waiting, open_days)
    record("bank.listed", "bank_line", view=view, count=len(context.get("rows", ())))
    return render(request, "bank/desk.html", context)


def _chosen(scope: Scope) -> UUID | None:
    return scope.chosen.pk if scope.chosen else None


def _view(request, scope: Scope, view: str, day: date, marks: dict, waiting, open_days) -> dict:
    if view == "payments":
        return _payment_rows(request, scope, waiting, day, marks)
    if view == "patients":
        return patient_rows(request, scope, day, marks)
    if view == "payers":
        return {"rows": payer_rows(scope, day, marks)}
    if view == "files":
        return {"rows": file_rows(request, scope, marks)}
    found = _line_rows(request, scope, view, day, marks)
    if view == "open":
        found["ages"] = _ages(request, open_days, day)
    return found


# --- totals -----------------------------------------------------------------------------------------


def _totals(scope: Scope, waiting: list, day: date) -> list[dict]:
    parts = [scope.totals[one.pk] for one in scope.shown]
    last = [one.last_on for one in parts if one.last_on]
    said = sum(one.lines for one in parts)
    late = [row for row in waiting if row["late"]]
    return [
        {
            "label": "The bank's lines",
            "cents": said,
            "note": f"{sum(one.count for one in parts):,} lines, told until {date_text(min(last), day)}"
            if last
            else "no file yet",
        },
        {"label": "Matched", "cents": sum(one.tied for one in parts), "note": "tied to payments"},
        {"label": "Set aside", "cents": sum(one.aside for one in parts), "note": "no insurance money"},
        {
            "label": "To match",
            "cents": sum(one.open for one in parts),
            "note": f"{sum(one.open_count for one in parts):,} lines",
            "tone": "override" if any(one.open_count for one in parts) else "",
        },
        {
            "label": "Announced, not at the bank",
            "cents": sum(row["open_cents"] for row in waiting),
            "note": f"{len(waiting):,} payments, {len(late):,} late",
            "tone": "stop" if late else "",
        },
    ]


def _filters(request: HttpRequest, scope: Scope, marks: dict) -> list[dict]:
    found = []
    if len({one.practice_id for one in scope.accounts}) > 1:
        codes = {marks[one.practice_id]["code"]: marks[one.practice_id]["name"] for one in scope.accounts}
        found.append(shared.chooser(request, "practice", "Practice", sorted(codes.items())))
    if len(scope.accounts) > 1:
        found.append(
            shared.chooser(
                request,
                "account",
                "Account",
                [(str(one.pk), f"{marks[one.practice_id]['code']} {one}") for one in scope.accounts],
            )
        )
    return found


def _upload(scope: Scope, full: TenantContext, marks: dict) -> dict | None:
    mine = [one for one in scope.accounts if one.practice_id in full.practice_ids and one.is_active]
    if not mine:
        return None
    return {
        "url": reverse("web:add_bank_file"),
        "accounts": [
            {"id": one.pk, "label": f"{marks[one.practice_id]['code']} {one}", "on": one == scope.chosen}
            for one in mine
        ],
    }


def _ages(request: HttpRequest, open_days: list[tuple[date, int]], day: date) -> list[dict]:
    labels = [label for _, label in BUCKETS] + [OLDEST]
    sums: dict[str, list[int]] = {label: [] for label in labels}
    for booked_on, cents in open_days:
        sums[_bucket((day - booked_on).days)].append(cents)
    asked = request.GET.get("age", "")
    return [
        {
            "label": f"{label[0].upper()}{label[1:]}".replace("-", " to "),
            "n": len(sums[label]),
            "cents": sum(sums[label]),
            "url": shared.link(request, age=None if asked == str(place) else place),
            "current": asked == str(place),
        }
        for place, label in enumerate(labels)
    ]


def _bucket(days: int) -> str:
    return next((label for limit, label in BUCKETS if days <= limit), OLDEST)


# --- lines ------------------------------------------------------------------------------------------


def _line_rows(request: HttpRequest, scope: Scope, view: str, day: date, marks: dict) -> dict:
    rows = lines_of(scope.tenant, STATES[view], _chosen(scope))
    age = request.GET.get("age", "")
    if view == "open" and age.isdecimal() and int(age) <= len(BUCKETS):
        rows = _of_age(rows, int(age), day)
    found, page = shared.one_page(request, rows, "booked_on", noun="lines")
    ids = [line.pk for line in found]
    thoughts = thoughts_about(ids) if view == "open" else {}
    ties = _payments_of(ids) if view != "aside" else {}
    asides = _asides_of(ids) if view == "aside" else {}
    shown = []
    for line in found:
        shown.append(
            {
                "id": line.pk,
                "url": f"/bank/lines/{line.pk}",
                "practice": marks.get(line.practice_id),
                "account": str(line.account),
                "on": line.booked_on,
                "days": (day - line.booked_on).days,
                "text": text_of(line),
                "kind": kind_word(line),
                "cents": line.amount_cents,
                "open_cents": line.open_cents,
                "in_part": bool(line.open_cents) and line.open_cents != line.amount_cents,
                "thought": thought(thoughts.get(line.pk, [])),
                "payments": ties.get(line.pk, []),
                "aside": asides.get(line.pk),
            }
        )
    return {"rows": shown, "page": page, "several": len(scope.accounts) > 1}


def _of_age(rows, place: int, day: date):
    limits = [limit for limit, _ in BUCKETS]
    if place < len(limits):
        rows = rows.filter(booked_on__gte=day - timedelta(days=limits[place]))
    return rows.filter(booked_on__lt=day - timedelta(days=limits[place - 1])) if place else rows


def thoughts_about(line_ids: list[UUID]) -> dict[UUID, list[Proposal]]:
    """What the last run said of lines, each group whole; two queries."""
    mine = dict(Proposal.objects.filter(line_id__in=line_ids).order_by("id").values_list("line_id", "group"))
    groups: dict[UUID, list[Proposal]] = {}
    for row in Proposal.objects.filter(group__in=mine.values()).select_related("remittance").order_by("id"):
        groups.setdefault(row.group, []).append(row)
    return {line: groups.get(group, []) for line, group in mine.items()}


def _payments_of(line_ids: list[UUID]) -> dict[UUID, list[dict]]:
    found: dict[UUID, list[dict]] = {}
    rows = standing_parts().filter(line_id__in=line_ids).select_related("remittance", "tie")
    for part in rows.order_by("id"):
        found.setdefault(part.line_id, []).append(
            {
                "payer": part.remittance.payer_name,
                "trace": part.remittance.trace_number,
                "url": f"/remittances/{part.remittance_id}",
                "cents": part.amount_cents,
                "how": HOW.get(part.tie.kind, part.tie.kind),
                "by": who(part.tie.made_by_name),
            }
        )
    return found


def _asides_of(line_ids: list[UUID]) -> dict[UUID, dict]:
    rows = standing_asides().filter(line_id__in=line_ids).order_by("id")
    return {
        row.line_id: {"reason": row.get_reason_display(), "why": row.why, "by": who(row.made_by_name)}
        for row in rows
    }


# --- payments ---------------------------------------------------------------------------------------


def _payments(scope: Scope, day: date) -> list[dict]:
    """Payments announced since the bank first spoke whose money is not there, late ones first."""
    first = scope.first_on
    if not first:
        return []
    found = [
        row
        for row in open_payments(first, since=min(first.values()))
        if announced_on(row) >= first[row.practice_id]
        and (scope.chosen is None or _goes_to(row, scope.chosen, scope.accounts))
    ]
    said = {
        row.remittance_id: row
        for row in Proposal.objects.filter(practice_id__in=list(first), remittance__isnull=False)
    }
    shown = [
        {
            "row": row,
            "late": row.pk in said and said[row.pk].kind == ExceptionKind.MISSING_DEPOSIT,
            "state": deposit_state(said.get(row.pk)),
            "open_cents": row.open_cents,
            "days": (day - announced_on(row)).days,
        }
        for row in found
    ]
    return sorted(shown, key=lambda one: (not one["late"], -one["days"], str(one["row"].pk)))


def _goes_to(row, account: BankAccount, known: list[BankAccount]) -> bool:
    """Whether a payment could be paid into an account, as matching sees it."""
    npi = row.inbox.payee_npi if row.inbox else ""
    if row.practice_id != account.practice_id:
        return False
    if account.payees:
        return npi in account.payees
    return not any(npi in one.payees for one in known if one.practice_id == row.practice_id)


def _payment_rows(request: HttpRequest, scope: Scope, waiting: list[dict], day: date, marks: dict) -> dict:
    text = request.GET.get("at", "")
    start = int(text) if text.isdecimal() and len(text) < 7 and int(text) < len(waiting) else 0
    part = waiting[start : start + PAYMENTS_SHOWN]
    rows = [
        {
            "url": f"/remittances/{one['row'].pk}#h-bank",
            "practice": marks.get(one["row"].practice_id),
            "payer": one["row"].payer_name or "Payer not named",
            "method": METHODS.get(one["row"].method, one["row"].method),
            "trace": one["row"].trace_number,
            "on": announced_on(one["row"]),
            "days": one["days"],
            "state": one["state"],
            "cents": one["row"].paid_cents,
            "open_cents": one["open_cents"],
        }
        for one in part
    ]
    page = {
        "first": start + 1 if waiting else 0,
        "last": start + len(rows),
        "total": len(waiting),
        "noun": "payments",
        "previous_url": shared.link(request, at=max(start - PAYMENTS_SHOWN, 0)) if start else "",
        "next_url": shared.link(request, at=start + PAYMENTS_SHOWN)
        if start + PAYMENTS_SHOWN < len(waiting)
        else "",
    }
    return {"rows": rows, "page": page}
