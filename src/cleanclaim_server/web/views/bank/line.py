"""One bank line: what the bank said, which payments it could be, and what was decided about it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from cleanclaim.bank import ExceptionKind
from cleanclaim_server.audit import record
from cleanclaim_server.bank.access import access_line
from cleanclaim_server.bank.models import LINE_REASONS, Line, Proposal, SetAside, Tie
from cleanclaim_server.bank.queries import announced_on, lines_of, open_payments, ties_of
from cleanclaim_server.cycle.banking.running import pools_of
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.bank.desk import thoughts_about
from cleanclaim_server.web.views.bank.patients import counted_by, patients_of
from cleanclaim_server.web.views.bank.words import (
    HOW,
    in_the_books,
    kind_word,
    reasons,
    text_of,
    thought,
    who,
)
from cleanclaim_server.web.views.remits.inbox import METHODS

CANDIDATES_SHOWN = 30
NEAR_DAYS = 45
OTHER_DAYS = 14
OTHERS_SHOWN = 20


@requires(DataClass.BANK, Access.LIMITED)
@require_GET
def bank_line(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """A line with its candidates; accepted with one click, or several payments picked that add up."""
    one = access_line(request.tenant, line_id)
    marks, day = shared.marks(request), shared.today(request)
    full = shared.also(request, DataClass.LEDGER, Access.FULL)
    may_decide = one.practice_id in full.practice_ids
    rows = thoughts_about([one.pk]).get(one.pk, [])
    said = thought(rows)
    proposed = [row.remittance for row in rows if row.remittance_id]
    record("bank.line_read", "bank_line", one.pk, practice_id=one.practice_id)
    may_match = may_decide and one.open_cents > 0 and one.amount_cents > 0
    find = request.GET.get("find", "").strip()[:40]
    sure = said["is_match"] or said["kind"] == ExceptionKind.AMOUNT_DIFFERS
    candidates = _candidates(one, proposed, find, pick=sure) if may_match else []
    patients = patients_of(request, one) if may_decide and one.amount_cents > 0 else None
    context = {
        "today": day,
        "line": {
            "cents": one.amount_cents,
            "open_cents": one.open_cents,
            "on": one.booked_on,
            "days": (day - one.booked_on).days,
            "kind": kind_word(one),
            "text": text_of(one),
            "references": [
                value
                for key, value in sorted((one.words or {}).items())
                if key.endswith("reference") and value
            ],
            "traces": one.traces,
            "check_number": one.check_number,
            "account": str(one.account),
            "practice": marks.get(one.practice_id),
            "file": one.file,
            "position": one.position,
        },
        "states": [
            {
                "label": "At the bank",
                "cents": one.amount_cents,
                "note": f"{one.booked_on.day} {one.booked_on:%b %Y}",
            },
            {"label": "Matched", "cents": one.tied_cents, "note": "tied to payments"},
            {"label": "Set aside", "cents": one.aside_cents, "note": "no insurance money"},
            {
                "label": "To match",
                "cents": one.open_cents,
                "note": said["word"] if one.open_cents else "nothing is left",
                "tone": "override" if one.open_cents else "ok",
            },
        ],
        "thought": said if one.open_cents else None,
        "proposal": _proposal(one, rows) if may_match and said["is_match"] else None,
        "candidates": candidates,
        "others": _others(request, one, rows) if may_match else [],
        "find": find,
        "may_match": may_match,
        "match_url": reverse("web:tie_line", args=[one.pk]),
        "accept_url": reverse("web:accept_lines"),
        "aside": {"url": reverse("web:line_aside", args=[one.pk]), "reasons": reasons(LINE_REASONS)}
        if may_decide and one.open_cents
        else None,
        "patients": patients,
        "patients_first": bool(patients and patients["why"] and not said["is_match"]),
        "ties": [tie_row(tie, may_decide) for tie in ties_of(line_id=one.pk)],
        "asides": asides_of(SetAside.objects.filter(line_id=one.pk, practice_id=one.practice_id), may_decide),
        "steps": _steps(request, one),
    }
    return render(request, "bank/line.html", context)


def _proposal(one: Line, rows: list[Proposal]) -> dict:
    payments = [row.remittance for row in rows if row.remittance_id]
    lines = [row.line_id for row in rows if row.line_id]
    return {
        "why": rows[0].why[0].upper() + rows[0].why[1:],
        "payments": [_payment(row, one) for row in payments],
        "lines": len(lines),
    }


def _payment(row: Remittance, one: Line) -> dict:
    days = (one.booked_on - announced_on(row)).days
    return {
        "id": row.pk,
        "url": f"/remittances/{row.pk}",
        "payer": row.payer_name or "Payer not named",
        "method": METHODS.get(row.method, row.method),
        "trace": row.trace_number,
        "on": announced_on(row),
        "near": "the same day"
        if not days
        else f"{abs(days)} day{'s' if abs(days) != 1 else ''} {'before' if days > 0 else 'after'}",
        "cents": row.paid_cents,
        "open_cents": getattr(row, "open_cents", row.paid_cents),
        "state": row.state,
    }


def _candidates(one: Line, proposed: list[Remittance], find: str, *, pick: bool) -> list[dict]:
    """Open payments that could be this money: the proposed ones, then equal amounts, then near days.

    Args:
        pick: Whether the proposed ones are picked from the start: where nothing else is meant.
    """
    pool = next((pool for pool in pools_of(one.practice_id) if one.account_id in pool.account_ids), None)
    payees = pool.payees if pool else frozenset()
    rows = [
        row
        for row in open_payments([one.practice_id])
        if not payees or (row.inbox and row.inbox.payee_npi in payees)
    ]
    if find:
        wanted = find.upper()
        rows = [row for row in rows if wanted in f"{row.payer_name} {row.trace_number}".upper()]
    else:
        since, until = one.booked_on - timedelta(days=NEAR_DAYS), one.booked_on + timedelta(days=NEAR_DAYS)
        rows = [row for row in rows if since <= announced_on(row) <= until]
    first = {row.pk for row in proposed}

    def order(row: Remittance) -> tuple:
        distance = abs((one.booked_on - announced_on(row)).days)
        return row.pk not in first, row.open_cents != one.open_cents, distance, str(row.pk)

    return [
        _payment(row, one) | {"picked": pick and row.pk in first, "same": row.open_cents == one.open_cents}
        for row in sorted(rows, key=order)[:CANDIDATES_SHOWN]
    ]


def _others(request: HttpRequest, one: Line, rows: list[Proposal]) -> list[dict]:
    """Other open credits of the account near the line: parts of the same payment."""
    picked = {row.line_id for row in rows if row.line_id and row.is_match}
    near = lines_of(request.tenant, "open", one.account_id).filter(
        booked_on__range=(
            one.booked_on - timedelta(days=OTHER_DAYS),
            one.booked_on + timedelta(days=OTHER_DAYS),
        ),
        amount_cents__gt=0,
    )
    return [
        {
            "id": line.pk,
            "on": line.booked_on,
            "text": text_of(line),
            "open_cents": line.open_cents,
            "picked": line.pk in picked,
        }
        for line in near.exclude(pk=one.pk).order_by("booked_on", "id")[:OTHERS_SHOWN]
    ]


def tie_row(tie: Tie, may_decide: bool) -> dict:
    """A match with its parts and its opposite."""
    undone = next(iter(tie.undone.all()), None)
    return {
        "how": HOW.get(tie.kind, tie.kind),
        "why": tie.why,
        "by": who(tie.made_by_name),
        "at": tie.made_at,
        "cents": tie.amount_cents,
        "parts": [
            {
                "payer": part.remittance.payer_name,
                "trace": part.remittance.trace_number,
                "url": f"/remittances/{part.remittance_id}",
                "line_url": f"/bank/lines/{part.line_id}",
                "line_on": part.line.booked_on,
                "account": str(part.line.account),
                "cents": part.amount_cents,
            }
            for part in tie.parts.all()
        ],
        "undone": {"by": who(undone.made_by_name), "at": undone.made_at, "why": undone.why}
        if undone
        else None,
        "undo_url": reverse("web:untie", args=[tie.pk]) if may_decide and not undone else "",
        "id": tie.pk,
    }


def asides_of(rows, may_decide: bool) -> list[dict]:
    """Settings aside of a line or a payment, newest first, with their opposites."""
    found = []
    listed = list(rows.prefetch_related("undone").order_by("-made_at", "-id"))
    counted = counted_by([row.pk for row in listed])
    for row in listed:
        undone = next(iter(row.undone.all()), None)
        found.append(
            {
                "id": row.pk,
                "reason": row.get_reason_display(),
                "books": in_the_books(row.reason) if row.pk not in counted else "",
                "patients": counted.get(row.pk),
                "why": row.why,
                "by": who(row.made_by_name),
                "at": row.made_at,
                "cents": row.amount_cents,
                "undone": {"by": who(undone.made_by_name), "at": undone.made_at, "why": undone.why}
                if undone
                else None,
                "undo_url": reverse("web:undo_set_aside", args=[row.pk]) if may_decide and not undone else "",
            }
        )
    return found


def _steps(request: HttpRequest, one: Line) -> dict:
    """The neighbours in the list of what is open, newest first."""
    rows = lines_of(request.tenant, "open", one.account_id)
    older = rows.filter(booked_on__lt=one.booked_on) | rows.filter(booked_on=one.booked_on, pk__lt=one.pk)
    newer = rows.filter(booked_on__gt=one.booked_on) | rows.filter(booked_on=one.booked_on, pk__gt=one.pk)
    after = older.order_by("-booked_on", "-id").values_list("pk", flat=True).first()
    before = newer.order_by("booked_on", "id").values_list("pk", flat=True).first()
    return {
        "next_url": f"/bank/lines/{after}" if after else "",
        "previous_url": f"/bank/lines/{before}" if before else "",
    }


def next_open(request: HttpRequest, one: Line) -> str:
    """Where to go on after a decision: the next open line of the account, else the list."""
    steps = _steps(request, one)
    return steps["next_url"] or steps["previous_url"] or reverse("web:bank")
