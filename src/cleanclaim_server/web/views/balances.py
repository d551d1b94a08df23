"""What patients owe, one patient's account, and the payments they make."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from cleanclaim.ledger import LedgerError
from cleanclaim_server.audit import record
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.posting import refresh_patient_items
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.patients.access import access_patient
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.statements.access import access_patient_payment
from cleanclaim_server.statements.actions import (
    METHODS,
    NewPayment,
    PaymentRefused,
    apply_credit,
    record_payment,
    undo_payment,
)
from cleanclaim_server.statements.models import PatientPayment
from cleanclaim_server.statements.planning import due_statements
from cleanclaim_server.statements.queries import (
    BUCKETS,
    account_of,
    ageing,
    crediting_patients,
    credits_of,
    last_payments,
    open_claims_of_patient,
    owing_patients,
    patient_credit,
    patients_by_id,
    payments_of,
)
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.web.templatetags.numbers import money_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.bank.patients import payment_proof

SHOWN = 50
KINDS = {
    "remittance_claim": "Share set by the payer",
    "transfer": "Moved by a person",
    "patient_payment": "Paid",
    "apply_credit": "Paid from credit",
    "write_off": "Written off",
    "patient_refund": "Sent back",
}


class PaymentForm(forms.Form):
    """Money received from a patient. Allocations come beside it, as `claim-<id>`."""

    amount = forms.DecimalField(
        min_value=Decimal("0.01"),
        max_value=Decimal("100000"),
        max_digits=9,
        decimal_places=2,
        error_messages={
            "required": "Type the amount that was paid.",
            "invalid": "Type an amount such as 25.00.",
            "min_value": "A payment is more than nothing.",
            "max_value": "A payment is at most 100,000.00.",
        },
    )
    method = forms.ChoiceField(choices=list(METHODS.items()))
    reference = forms.CharField(required=False, max_length=40)
    received_on = forms.DateField(
        error_messages={
            "required": "Type the day on which it was received.",
            "invalid": "Type a day such as 2026-11-23.",
        }
    )
    request_key = forms.CharField(max_length=60)


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def balances(request: HttpRequest) -> HttpResponse:
    """Patients who owe, most first, by age of the visit. Patients are named by initials."""
    tenant, marks, day = shared.in_view(request), shared.marks(request), shared.today(request)
    words = request.GET.get("q", "").strip()[:40]
    age = request.GET.get("age", "")
    bucket = int(age) if age.isdecimal() and int(age) < len(BUCKETS) else None
    credit_view = request.GET.get("view") == "credit"
    parts = ageing(tenant, day)
    rows = (
        crediting_patients(tenant) if credit_view else owing_patients(tenant, day, words=words, bucket=bucket)
    )
    total = rows.count()
    start = _place(request, total)
    top = list(rows[start : start + SHOWN])
    ids = [row["patient_id"] for row in top]
    people, paid, credits = patients_by_id(tenant, ids), last_payments(tenant, ids), credits_of(tenant, ids)
    record("balance.listed", "patient", count=len(top))
    n_owing = (
        total if not credit_view and not words and bucket is None else owing_patients(tenant, day).count()
    )
    n_credit = total if credit_view else crediting_patients(tenant).count()
    context = {
        "today": day,
        "tabs": [
            {"label": "Owe", "n": n_owing, "url": "/balances", "current": not credit_view},
            {"label": "Have credit", "n": n_credit, "url": "/balances?view=credit", "current": credit_view},
        ],
        "credit_view": credit_view,
        "rows": [
            {
                "url": f"/balances/{row['patient_id']}",
                "practice": marks.get(row["practice_id"]),
                "initials": people[row["patient_id"]].initials,
                "chart_number": people[row["patient_id"]].chart_number,
                "owes_cents": None if credit_view else row["cents"],
                "visits": row.get("visits"),
                "credit_cents": row["cents"] if credit_view else credits.get(row["patient_id"], 0),
                "oldest_on": row.get("oldest_on"),
                "oldest_days": (day - row["oldest_on"]).days if row.get("oldest_on") else None,
                "last_payment_on": paid.get(row["patient_id"]),
            }
            for row in top
            if row["patient_id"] in people
        ],
        "ageing": {
            "total_cents": sum(parts),
            "parts": [
                {
                    "label": f"{first} to {last}" if last else f"Over {first - 1}",
                    "cents": cents,
                    "url": shared.link(request, age=None if bucket == place else place, view=None, at=None),
                    "current": bucket == place,
                }
                for place, ((first, last), cents) in enumerate(zip(BUCKETS, parts, strict=True))
            ],
        },
        "search": {"action": "/balances", "q": words, "placeholder": "Last name or chart number", "keep": []},
        "empty": {
            "title": "Nobody here",
            "text": "No patient has a credit." if credit_view else "No patient owes anything that fits.",
            "act": "Show all" if words or age else "",
            "url": "/balances",
        },
        "page": _page(request, start, len(top), total),
    }
    return render(request, "balances/list.html", context)


def _place(request: HttpRequest, total: int) -> int:
    text = request.GET.get("at", "")
    place = int(text) if text.isdecimal() and len(text) < 8 else 0
    return place if place < total else 0


def _page(request: HttpRequest, start: int, shown: int, total: int) -> dict:
    return {
        "first": start + 1 if total else 0,
        "last": start + shown,
        "total": total,
        "noun": "patients",
        "previous_url": shared.link(request, at=max(start - SHOWN, 0)) if start else "",
        "next_url": shared.link(request, at=start + SHOWN) if start + shown < total else "",
    }


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def balance(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What one patient owes, visit by visit, and what they paid."""
    one = access_patient(request.tenant, patient_id)
    record("balance.read", "patient", one.pk, practice_id=one.practice_id)
    return _account(request, one, {}, {})


def _account(
    request: HttpRequest, one: Patient, errors: dict[str, str], typed: dict[str, str], status: int = 200
) -> HttpResponse:
    tenant, day = request.tenant, shared.today(request)
    marks = shared.marks(request)
    owed = open_claims_of_patient(tenant, one.pk)
    moves: dict[UUID, list[dict]] = {}
    for move in account_of(tenant, one.pk):
        moves.setdefault(move["claim_id"], []).append(move)
    claims = {
        row["id"]: row
        for row in Claim.objects.filter(pk__in=moves, practice_id=one.practice_id).values(
            "id", "claim_number", "date_of_service", "codes", "payer__name"
        )
    }
    may_open = one.practice_id in shared.also(request, DataClass.CLAIM, Access.READ).practice_ids
    full = shared.also(request, DataClass.LEDGER, Access.FULL)
    may_take = one.practice_id in full.practice_ids
    visits = [_visit(claims[key], moves[key], owed.get(key, 0), day, may_open, typed) for key in claims]
    visits.sort(key=lambda row: (row["cents"] <= 0, row["on"], row["claim_number"]))
    payments = list(payments_of(tenant, one.pk)[:SHOWN])
    names = dict(
        User.objects.filter(pk__in={row.recorded_by for row in payments}).values_list("pk", "display_name")
    )
    credit = patient_credit(tenant, one.pk)
    owes = sum(cents for cents in owed.values() if cents > 0)
    context = {
        "today": day,
        "patient": {
            "name": one.full_name,
            "initials": one.initials,
            "chart_number": one.chart_number,
            "practice": marks[one.practice_id],
            "url": f"/patients/{one.pk}",
        },
        "states": [
            {"label": "Owes", "cents": owes, "note": f"on {sum(row['cents'] > 0 for row in visits)} visits"},
            {"label": "Credit", "cents": credit, "note": "paid, applied to nothing"},
            {
                "label": "Over 90 days",
                "cents": sum(row["cents"] for row in visits if row["cents"] > 0 and row["days"] > 90),
                "note": "since the visit",
            },
            {
                "label": "Last payment",
                "value": f"{payments[0].received_on:%d %b %Y}" if payments else "None yet",
                "note": "",
            },
        ],
        "patient_id": one.pk,
        "credit_plain": f"{max(credit, 0) // 100}.{max(credit, 0) % 100:02}",
        "statement": _statement(one, day),
        "visits": visits,
        "owes_cents": owes,
        "credit_cents": credit,
        "payments": [
            {
                "on": row.received_on,
                "cents": row.amount_cents,
                "method": METHODS.get(row.method, row.method),
                "reference": row.reference,
                "undone_at": row.undone_at,
                "undone_reason": row.undone_reason,
                "by": names.get(row.recorded_by, ""),
                "unapplied_cents": row.amount_cents - sum(part["amount_cents"] for part in row.allocations),
                "visits": len(row.allocations),
                "url": f"/balances/{one.pk}/payments/{row.pk}",
                "undo_url": f"/balances/{one.pk}/payments/{row.pk}/undo"
                if may_take and row.undone_at is None
                else None,
            }
            for row in payments
        ],
        "methods": list(METHODS.items()),
        "typed": {"received_on": day.isoformat(), "method": "check"} | typed,
        "errors": errors,
        "request_key": typed.get("request_key") or str(new_id()),
        "may_take": may_take,
        "pay_url": reverse("web:pay", args=[one.pk]),
        "apply_url": reverse("web:apply_credit", args=[one.pk])
        if may_take and credit > 0 and owes > 0
        else None,
    }
    return render(request, "balances/patient.html", context, status=status)


def _statement(one: Patient, day) -> dict | None:
    """Whether a statement is due, and in words why not; None when nothing is owed."""
    found = next(iter(due_statements(one.practice, day, patient_ids=[one.pk])), None)
    if found is None:
        return None
    return {
        "url": f"/statements/preview/{one.pk}",
        "due_cents": found.statement.total_cents if found.is_due else 0,
        "why": found.why,
    }


def _visit(claim: dict, moves: list[dict], cents: int, day, may_open: bool, typed: dict[str, str]) -> dict:
    return {
        "id": claim["id"],
        "claim_number": claim["claim_number"],
        "on": claim["date_of_service"],
        "url": f"/claims/{claim['id']}" if may_open else "",
        "codes": claim["codes"] if may_open else "",
        "payer": claim["payer__name"],
        "cents": cents,
        "days": (day - claim["date_of_service"]).days,
        "typed": typed.get(f"claim-{claim['id']}", ""),
        "moves": [
            {
                "on": move["on"],
                "word": _move_word(move),
                "code": move["code"],
                "cents": move["cents"],
                "url": f"/remittances/{move['remittance_id']}" if move["remittance_id"] else "",
            }
            for move in moves
        ],
    }


def _move_word(move: dict) -> str:
    word = KINDS.get(move["kind"], move["kind"].replace("_", " ").capitalize())
    return f"Taken back: {word.lower()}" if move["reversal"] else word


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def pay(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Record a payment: oldest visits first, or as typed beside the visits.

    Sending it twice is one payment.
    """
    one = access_patient(request.tenant, patient_id)
    form = PaymentForm(request.POST)
    chosen, errors = _allocations(request)
    if not form.is_valid():
        errors |= {key: str(messages_[0]) for key, messages_ in form.errors.items()}
    if errors:
        return _account(request, one, errors, request.POST.dict(), status=422)
    data, now, day = form.cleaned_data, shared.now(), shared.today(request)
    new = NewPayment(
        int(data["amount"] * 100),
        data["method"],
        data["received_on"],
        data["request_key"],
        data["reference"],
        chosen or None,
    )
    try:
        payment, is_new = record_payment(one, new, actor_id=request.user.pk, now=now, today=day)
    except (PaymentRefused, LedgerError) as error:
        key = "received_on" if getattr(error, "code", "") == "payment.date" else "amount"
        return _account(request, one, {key: _plain(error)}, request.POST.dict(), status=422)
    if not is_new:
        messages.info(request, "This payment is recorded already; nothing was done twice.")
        return redirect("web:balance", one.pk)
    refresh_patient_items(one.practice_id, {one.pk}, now=now, today=day)
    rest = payment.amount_cents - sum(part["amount_cents"] for part in payment.allocations)
    visits = len(payment.allocations)
    words = f"Recorded {money_text(payment.amount_cents)} on {visits} visit{'' if visits == 1 else 's'}"
    words += f"; {money_text(rest)} stays as credit." if rest else "."
    messages.success(request, words, extra_tags=f"undo:/balances/{one.pk}/payments/{payment.pk}/undo")
    return redirect("web:balance", one.pk)


def _allocations(request: HttpRequest) -> tuple[dict[UUID, int], dict[str, str]]:
    """Cents by claim as typed beside the visits; empty fields say nothing."""
    chosen: dict[UUID, int] = {}
    errors: dict[str, str] = {}
    field = forms.DecimalField(max_digits=9, decimal_places=2, min_value=0)
    for name, text in request.POST.items():
        if not name.startswith("claim-") or not text.strip():
            continue
        try:
            chosen[UUID(name[6:])] = int(field.clean(text.strip()) * 100)
        except (ValueError, forms.ValidationError):
            errors["allocations"] = (
                f"“{text[:12]}” is no amount; type one such as 25.00, or leave the field empty."
            )
    return {key: cents for key, cents in chosen.items() if cents}, errors


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def receipt(request: HttpRequest, patient_id: UUID, payment_id: UUID) -> HttpResponse:
    """One payment as the patient may have it on paper. It names no diagnosis and no procedure."""
    one, payment = _payment(request, patient_id, payment_id)
    numbers = dict(
        Claim.objects.filter(
            pk__in=[part["claim_id"] for part in payment.allocations], practice_id=one.practice_id
        ).values_list("id", "date_of_service")
    )
    record("patient_payment.read", "patient_payment", payment.pk, practice_id=one.practice_id)
    practice = one.practice
    rest = payment.amount_cents - sum(part["amount_cents"] for part in payment.allocations)
    context = {
        "today": shared.today(request),
        "patient": {
            "name": one.full_name,
            "initials": one.initials,
            "chart_number": one.chart_number,
            "url": f"/balances/{one.pk}",
        },
        "practice": {
            "name": practice.name,
            "lines": [
                practice.address_line1,
                practice.address_line2,
                f"{practice.city}, {practice.state} {practice.postal_code[:5]}",
            ],
            "phone": practice.phone,
        },
        "payment": {
            "number": str(payment.pk)[-12:].upper(),
            "on": payment.received_on,
            "cents": payment.amount_cents,
            "method": METHODS.get(payment.method, payment.method),
            "reference": payment.reference,
            "undone_at": payment.undone_at,
            "recorded_at": payment.recorded_at,
        },
        "parts": [
            {"on": numbers.get(UUID(part["claim_id"])), "cents": part["amount_cents"]}
            for part in payment.allocations
        ],
        "rest_cents": rest,
        "proof": payment_proof(request, payment),
    }
    return render(request, "balances/receipt.html", context)


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def undo_pay(request: HttpRequest, patient_id: UUID, payment_id: UUID) -> HttpResponse:
    """Take a payment back by the exact opposite; it stays in the list as undone."""
    one, payment = _payment(request, patient_id, payment_id)
    now, day = shared.now(), shared.today(request)
    try:
        with transaction.atomic():
            reason, bounced = request.POST.get("reason", ""), request.POST.get("bounced") == "1"
            undo_payment(
                payment, actor_id=request.user.pk, now=now, today=day, reason=reason, bounced=bounced
            )
            refresh_patient_items(one.practice_id, {one.pk}, now=now, today=day)
    except (PaymentRefused, LedgerError) as error:
        messages.error(request, f"Nothing was changed: {_plain(error)}")
    else:
        messages.success(
            request,
            f"The payment of {money_text(payment.amount_cents)} is taken back; the visits are open again.",
        )
    return redirect("web:balance", one.pk)


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def use_credit(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Use the patient's credit for what they owe, oldest visit first."""
    one = access_patient(request.tenant, patient_id)
    now, day = shared.now(), shared.today(request)
    key = request.POST.get("request_key", "")[:60] or str(new_id())
    used = apply_credit(one, actor_id=request.user.pk, now=now, today=day, request_key=key)
    if used:
        refresh_patient_items(one.practice_id, {one.pk}, now=now, today=day)
        messages.success(request, f"{money_text(sum(used.values()))} of credit applied, oldest visit first.")
    else:
        messages.info(request, "There was nothing to apply; nothing was changed.")
    return redirect("web:balance", one.pk)


def _payment(request: HttpRequest, patient_id: UUID, payment_id: UUID) -> tuple[Patient, PatientPayment]:
    payment = access_patient_payment(request.tenant, payment_id)
    if payment.patient_id != patient_id:
        raise Http404
    return access_patient(request.tenant, patient_id), payment


def _plain(error: Exception) -> str:
    return str(error).rsplit(" [", 1)[0] + "."
