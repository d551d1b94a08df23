"""Credit balances: who is owed what, since when and why; refunds by two people."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cleanclaim.ledger import LedgerError
from cleanclaim.ledger.credits import CAUSE_WORDS
from cleanclaim.sources import cited
from cleanclaim_server.audit import record
from cleanclaim_server.claims.access import access_claim
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.credits import actions
from cleanclaim_server.credits.access import access_refund
from cleanclaim_server.credits.actions import CreditRefused, NewRefund, Who
from cleanclaim_server.credits.models import DecisionKind, Refund
from cleanclaim_server.credits.queries import Credit, credits, refunds, refunds_waiting, totals
from cleanclaim_server.cycle.posting import refresh_patient_items
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.patients.access import access_patient
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.statements.queries import (
    crediting_patients,
    open_claims_of_patient,
    patients_by_id,
)
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.web.templatetags.numbers import money_text
from cleanclaim_server.web.views import shared

SHOWN = 50
"""Refunds of one visit."""
VIEWS = {"": "payer", "patients": "patient", "unapplied": "", "refunds": ""}


def who_of(request: HttpRequest) -> Who:
    """The person of this request, now."""
    return Who(request.user.pk, request.user.display_name, shared.now(), shared.today(request))


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def credit_list(request: HttpRequest) -> HttpResponse:
    """Credits, nearest deadline first. Patients are named by initials."""
    tenant, day, marks = shared.in_view(request), shared.today(request), shared.marks(request)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else ""
    sums, waiting = totals(tenant), refunds_waiting(tenant)
    unapplied = list(crediting_patients(tenant))
    record("credit.listed", "claim", view=view or "payers")
    rows: list[dict] = []
    page: dict | None = None
    if view == "refunds":
        found, page = shared.one_page(request, refunds(tenant), "asked_at", noun="refunds")
        rows = [_refund_row(one, marks) for one in found]
    elif view == "unapplied":
        some, page = shared.one_slice(request, unapplied, noun="patients")
        people = patients_by_id(tenant, [row["patient_id"] for row in some])
        rows = [_unapplied_row(row, people, marks) for row in some if row["patient_id"] in people]
    else:
        found = credits(tenant, VIEWS[view], day)
        some, page = shared.one_slice(request, found, noun="credits")
        rows = [_row(one, marks, day) for one in some]
    context = {
        "today": day,
        "view": view,
        "tabs": [
            {"label": label, "n": n, "url": shared.link(request, view=key, at=None), "current": key == view}
            for key, label, n in (
                ("", "Owed to payers", sums["payer"][0]),
                ("patients", "Owed to patients", sums["patient"][0]),
                ("unapplied", "On no visit", len(unapplied)),
                ("refunds", "Refunds", waiting[0]),
            )
        ],
        "sums": {
            "payer": sums["payer"][1],
            "patient": sums["patient"][1] + sum(row["cents"] for row in unapplied),
            "waiting": waiting[1],
        },
        "overdue": [row for row in rows if row.get("late")],
        "rows": rows,
        "page": page,
    }
    return render(request, "credits/list.html", context)


def plain_amount(cents: int) -> str:
    """As a person types it: `1234.50`."""
    return f"{cents // 100}.{cents % 100:02}"


def _row(one: Credit, marks: dict, day: date) -> dict:
    claim = one.claim
    due = one.clock.on if one.clock else None
    return {
        "url": f"/credits/{claim.pk}",
        "practice": marks.get(claim.practice_id),
        "patient": claim.patient.initials,
        "payer": claim.payer.name,
        "claim_number": claim.claim_number,
        "cause": CAUSE_WORDS[one.cause],
        "cents": one.cents,
        "left_cents": one.cents - one.asked_cents,
        "plain": plain_amount(max(one.cents - one.asked_cents, 0)),
        "known_on": one.known_on,
        "days": (day - one.known_on).days,
        "due": due,
        "enforceable": bool(one.clock and one.clock.enforceable),
        "late": bool(due and due < day and not one.offset_since),
        "why": one.clock.why if one.clock else "",
        "asked_cents": one.asked_cents,
        "offset_since": one.offset_since,
        "looking": bool(one.clock and one.clock.suspended_until),
    }


def _unapplied_row(row: dict, people: dict, marks: dict) -> dict:
    person = people[row["patient_id"]]
    return {
        "url": f"/balances/{person.pk}",
        "practice": marks.get(row["practice_id"]),
        "patient": person.initials,
        "chart_number": person.chart_number,
        "cents": row["cents"],
    }


def _refund_row(one: Refund, marks: dict) -> dict:
    return {
        "url": f"/refunds/{one.pk}",
        "number": one.number,
        "practice": marks.get(one.practice_id),
        "patient": one.patient.initials,
        "payee": one.get_payee_display(),
        "claim_number": one.claim.claim_number if one.claim else "",
        "cents": one.amount_cents,
        "state": one.state,
        "asked_by": one.asked_by_name,
        "asked_at": one.asked_at,
        "approved_by": one.approved_by_name,
    }


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def credit(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """The credits of one visit: what is owed to whom, why, until when, and what can be done."""
    return _page(request, access_claim(request.tenant, claim_id))


def _page(request: HttpRequest, claim: Claim, errors: dict[str, str] | None = None, status: int = 200):
    tenant, day = request.tenant, shared.today(request)
    found = {side: credits(tenant, side, day, claim_ids=[claim.pk]) for side in ("payer", "patient")}
    may = claim.practice_id in shared.also(request, DataClass.LEDGER, Access.FULL).practice_ids
    owed = open_claims_of_patient(tenant, claim.patient_id)
    record("credit.read", "claim", claim.pk, practice_id=claim.practice_id)
    payer = found["payer"][0] if found["payer"] else None
    patient = found["patient"][0] if found["patient"] else None
    clock = payer.clock if payer else None
    context = {
        "today": day,
        "claim": claim,
        "practice": shared.marks(request)[claim.practice_id],
        "initials": claim.patient.initials,
        "payer": _row(payer, {}, day) if payer else None,
        "sources": [cited(text) for text in clock.sources] if clock else [],
        "clock": clock,
        "decisions": payer.decisions if payer else [],
        "kinds": [(kind.value, kind.label) for kind in DecisionKind],
        "patient": _row(patient, {}, day) if patient else None,
        "other_owed": sum(cents for key, cents in owed.items() if cents > 0 and key != claim.pk),
        "refunds": [_refund_row(one, {}) for one in refunds(tenant).filter(claim_id=claim.pk)[:SHOWN]],
        "may": may,
        "may_open": claim.practice_id in shared.also(request, DataClass.CLAIM, Access.READ).practice_ids,
        "request_key": request.POST.get("request_key") or str(new_id()),
        "typed": {"on": day.isoformat()} | request.POST.dict(),
        "errors": errors or {},
    }
    return render(request, "credits/credit.html", context, status=status)


class RefundForm(forms.Form):
    """How much goes back, to whom, and why."""

    amount = forms.DecimalField(min_value=Decimal("0.01"), max_value=Decimal("1000000"), decimal_places=2)
    payee = forms.ChoiceField(choices=[("payer", "payer"), ("patient", "patient")])
    reason = forms.CharField(max_length=200)
    request_key = forms.CharField(max_length=60)


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def refund_credit(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Ask for a refund of the credit on a visit."""
    claim = access_claim(request.tenant, claim_id)
    asked = _ask(request, claim.patient, claim)
    if isinstance(asked, Refund):
        return redirect("web:refund", asked.pk)
    return _page(request, claim, {"refund": asked}, 422)


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def refund_patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask for a refund of a patient's money that is on no visit."""
    one = access_patient(request.tenant, patient_id)
    asked = _ask(request, one, None)
    if isinstance(asked, Refund):
        return redirect("web:refund", asked.pk)
    messages.error(request, f"Nothing was asked for: {asked}")
    return redirect("web:balance", one.pk)


def _ask(request: HttpRequest, patient: Patient, claim: Claim | None) -> Refund | str:
    form = RefundForm(request.POST.dict() | ({} if claim else {"payee": "patient"}))
    if not form.is_valid():
        return "Type an amount such as 25.00 and say why."
    data = form.cleaned_data
    new = NewRefund(data["payee"], int(data["amount"] * 100), data["reason"], data["request_key"], claim)
    try:
        made, is_new = actions.ask_refund(patient, new, who_of(request))
    except (CreditRefused, LedgerError) as error:
        return str(error)
    if is_new:
        messages.success(request, f"{money_text(made.amount_cents)} asked for; another person approves it.")
    else:
        messages.info(request, "This refund is asked for already; nothing was done twice.")
    return made


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def move(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Move the patient's credit on this visit to the oldest visits that owe."""
    claim = access_claim(request.tenant, claim_id)
    key = request.POST.get("request_key", "")[:60] or str(new_id())
    try:
        moved = actions.move_credit(claim.patient, claim, {}, key=key, who=who_of(request))
    except (CreditRefused, LedgerError) as error:
        return _page(request, claim, {"move": str(error)}, 422)
    refresh_patient_items(
        claim.practice_id, {claim.patient_id}, now=shared.now(), today=shared.today(request)
    )
    if moved:
        messages.success(request, f"{money_text(moved)} moved to the oldest visits that owe.")
    else:
        messages.info(request, "There was nothing to move; nothing was changed.")
    return redirect("web:credit", claim.pk)


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def say(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Record what is known about a payer's credit."""
    claim = access_claim(request.tenant, claim_id)
    try:
        on = date.fromisoformat(request.POST.get("on", ""))
        actions.decide(
            claim,
            request.POST.get("kind", ""),
            on=on,
            reason=request.POST.get("reason", ""),
            who=who_of(request),
        )
    except CreditRefused as error:
        return _page(request, claim, {"say": str(error)}, 422)
    except ValueError:
        return _page(request, claim, {"say": "Type a day such as 2026-11-23."}, 422)
    messages.success(request, "Recorded.")
    return redirect("web:credit", claim.pk)


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def refund(request: HttpRequest, refund_id: UUID) -> HttpResponse:
    """One refund: who asked, who approved, and its entry."""
    return _refund_page(request, access_refund(request.tenant, refund_id))


def _refund_page(request: HttpRequest, one: Refund, error: str = "", status: int = 200) -> HttpResponse:
    may = one.practice_id in shared.also(request, DataClass.APPROVALS, Access.FULL).practice_ids
    own = one.asked_by == request.user.pk
    record("refund.read", "refund", one.pk, practice_id=one.practice_id)
    context = {
        "today": shared.today(request),
        "refund": one,
        "row": _refund_row(one, shared.marks(request)),
        "payer": one.claim.payer.name if one.payee == "payer" and one.claim else "",
        "person": one.patient.full_name,
        "credit_url": f"/credits/{one.claim_id}" if one.claim_id else f"/balances/{one.patient_id}",
        "may_approve": may and not own and one.state == "asked",
        "own": own,
        "may_withdraw": own and one.state == "asked",
        "may_void": may and one.state == "sent",
        "methods": list(actions.METHODS.items()),
        "typed": {"method": "check"} | request.POST.dict(),
        "error": error,
    }
    return render(request, "credits/refund.html", context, status=status)


@requires(DataClass.APPROVALS, Access.FULL)
@require_POST
def approve(request: HttpRequest, refund_id: UUID) -> HttpResponse:
    """Approve and book a refund that somebody else asked for."""
    one = access_refund(request.tenant, refund_id)
    method, reference = request.POST.get("method", ""), request.POST.get("reference", "")
    return _act(
        request, one, f"{money_text(one.amount_cents)} approved and booked.",
        lambda: actions.approve_refund(one, method=method, reference=reference, who=who_of(request)),
    )  # fmt: skip


@requires(DataClass.APPROVALS, Access.FULL)
@require_POST
def decline(request: HttpRequest, refund_id: UUID) -> HttpResponse:
    """Say no to a refund that waits."""
    one = access_refund(request.tenant, refund_id)
    reason = request.POST.get("reason", "")
    return _act(
        request, one, "Not approved; nothing was booked.",
        lambda: actions.decline_refund(one, reason=reason, who=who_of(request)),
    )  # fmt: skip


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def withdraw(request: HttpRequest, refund_id: UUID) -> HttpResponse:
    """Withdraw a refund that one asked for oneself."""
    one = access_refund(request.tenant, refund_id)
    if one.asked_by != request.user.pk:
        raise Http404
    return _act(
        request, one, "Withdrawn; nothing was booked.",
        lambda: actions.decline_refund(one, reason="Withdrawn by who asked", who=who_of(request)),
    )  # fmt: skip


@requires(DataClass.APPROVALS, Access.FULL)
@require_POST
def void(request: HttpRequest, refund_id: UUID) -> HttpResponse:
    """Take a sent refund back; the credit is there again."""
    one = access_refund(request.tenant, refund_id)
    reason = request.POST.get("reason", "")
    return _act(
        request, one, "Taken back; the credit is there again.",
        lambda: actions.void_refund(one, reason=reason, who=who_of(request)),
    )  # fmt: skip


def _act(request: HttpRequest, one: Refund, done: str, act) -> HttpResponse:
    try:
        act()
    except (CreditRefused, LedgerError) as error:
        return _refund_page(request, access_refund(request.tenant, one.pk), str(error), 422)
    refresh_patient_items(one.practice_id, {one.patient_id}, now=shared.now(), today=shared.today(request))
    messages.success(request, done)
    return redirect("web:refund", one.pk)
