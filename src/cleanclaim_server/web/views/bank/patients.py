"""Patient money on the pages of the bank, and the proof of one payment of a patient."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from cleanclaim.ledger import CHART, Account
from cleanclaim_server.bank.models import Line
from cleanclaim_server.bank.queries import covered_until, first_told
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.banking.policy import policy_of
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.ledger.models import Entry, Leg
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.statements.actions import METHODS
from cleanclaim_server.statements.deposits import (
    CARD,
    counted_cents,
    not_at_the_bank,
    proposed,
    standing_parts,
    to_be_counted,
)
from cleanclaim_server.statements.models import PatientPayment
from cleanclaim_server.web.templatetags.numbers import count_text, money_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.bank.scope import Scope

SHOWN = 100
TO_COUNT_SHOWN = 6
NEAR_DAYS = 31


def as_cents(text: str) -> int:
    """Dollars as typed, in cents; nothing typed is 0.

    Raises:
        ValueError: No amount, or with parts of a cent.

    Examples:
        >>> as_cents("2.35"), as_cents("")
        (235, 0)
    """
    plain = text.strip().lstrip("$").replace(",", "")
    if not plain:
        return 0
    try:
        cents = Decimal(plain) * 100
    except InvalidOperation:
        raise ValueError(text) from None
    if not cents.is_finite() or cents != cents.to_integral_value():
        raise ValueError(text)
    return int(cents)


def _who(payment: PatientPayment) -> str:
    return f"{payment.patient.initials} {payment.patient.chart_number}"


def _receipt(payment: PatientPayment) -> str:
    return reverse("web:receipt", args=[payment.patient_id, payment.pk])


def _row(payment: PatientPayment) -> dict:
    return {
        "id": payment.pk,
        "url": _receipt(payment),
        "who": _who(payment),
        "method": METHODS.get(payment.method, payment.method),
        "reference": payment.reference,
        "on": payment.received_on,
        "cents": payment.amount_cents,
    }


def patients_of(request: HttpRequest, line: Line) -> dict | None:
    """The payments that a line could be, the proposed ones picked; None when there are none near its day."""
    base = counted_cents(line)
    if base <= 0:
        return None
    waiting = not_at_the_bank([line.practice_id])
    picked = proposed(line, waiting)
    keys = set(picked.keys) if picked else set()
    near = [
        one
        for one in waiting
        if str(one.pk) in keys or 0 <= (line.booked_on - one.received_on).days <= NEAR_DAYS
    ]
    near.sort(key=lambda one: (str(one.pk) not in keys, -one.received_on.toordinal(), str(one.pk)))
    if not near:
        return None
    shown = near[:SHOWN]
    return {
        "url": reverse("web:count_line", args=[line.pk]),
        "base_cents": base,
        "why": f"it looks like {picked.why}" if picked else "",
        "rows": [_row(one) | {"picked": str(one.pk) in keys} for one in shown],
        "more": len(near) - len(shown),
        "cards": any(one.method == CARD for one in shown),
    }


def counted_by(aside_ids: Iterable[UUID]) -> dict[UUID, dict]:
    """The payments of settings aside that are counted: {parts: [{who, url, cents}], fee_cents}."""
    rows = standing_parts().filter(deposit__aside_id__in=list(aside_ids))
    found: dict[UUID, dict] = {}
    for part in rows.select_related("deposit", "payment__patient").order_by("payment__received_on", "id"):
        one = found.setdefault(part.deposit.aside_id, {"parts": [], "fee_cents": part.deposit.fee_cents})
        one["parts"].append(
            {"who": _who(part.payment), "url": _receipt(part.payment), "cents": part.amount_cents}
        )
    return found


def _waiting(scope: Scope) -> list[PatientPayment]:
    return not_at_the_bank(scope.first_on, since=scope.first_on) if scope.first_on else []


def count_waiting(scope: Scope) -> int:
    """How many patient payments have no bank line."""
    return len(_waiting(scope))


def patient_rows(request: HttpRequest, scope: Scope, day, marks: dict) -> dict:
    """Patient payments without a bank line, oldest first; who may not read them sees days and amounts."""
    waiting = _waiting(scope)
    may = shared.also(request, DataClass.LEDGER, Access.READ).practice_ids
    text = request.GET.get("at", "")
    start = int(text) if text.isdecimal() and len(text) < 7 and int(text) < len(waiting) else 0
    part = waiting[start : start + SHOWN]
    limits = {
        one.pk: policy_of(one).patient_due_days
        for one in Practice.objects.filter(pk__in={row.practice_id for row in part})
    }
    told = {key: covered_until(key) for key in limits}
    rows = []
    for one in part:
        until = told[one.practice_id]
        late = until is not None and (min(day, until) - one.received_on).days >= limits[one.practice_id]
        shown = _row(one) if one.practice_id in may else _row(one) | {"url": "", "who": "", "reference": ""}
        rows.append(
            shown
            | {
                "practice": marks.get(one.practice_id),
                "days": (day - one.received_on).days,
                "state": {"word": "Never arrived", "tone": "stop", "icon": "clock-alert"}
                if late
                else {"word": "On its way", "tone": "tell", "icon": "hourglass"},
            }
        )
    page = {
        "first": start + 1 if waiting else 0,
        "last": start + len(rows),
        "total": len(waiting),
        "noun": "payments",
        "previous_url": shared.link(request, at=max(start - SHOWN, 0) or None) if start else "",
        "next_url": shared.link(request, at=start + SHOWN) if start + SHOWN < len(waiting) else "",
    }
    return {"rows": rows, "page": page, "to_count": _to_count(scope, marks)}


def _to_count(scope: Scope, marks: dict) -> list[dict]:
    """Lines that are patients' money by their words or by a person, and are not counted yet; newest first."""
    asides = to_be_counted(scope.first_on).select_related("line__account").defer("line__words")
    return [
        {
            "url": f"/bank/lines/{one.line_id}#h-patients",
            "practice": marks.get(one.practice_id),
            "account": str(one.line.account),
            "reason": one.get_reason_display(),
            "on": one.line.booked_on,
            "cents": one.amount_cents,
        }
        for one in asides.order_by("-line__booked_on", "-id")[:TO_COUNT_SHOWN]
    ]


# --- proof ------------------------------------------------------------------------------------------


def payment_proof(request: HttpRequest, payment: PatientPayment) -> dict:
    """Each cent of a patient's payment: the entries that booked it, and the bank line that brought it."""
    part = (
        standing_parts()
        .filter(payment=payment, practice_id=payment.practice_id)
        .select_related("deposit__aside__line__account")
        .first()
    )
    keys = {
        f"patient-payment:{payment.pk}": "The payment",
        f"patient-payment:{payment.pk}:reversal": "Taken back",
    }
    if part is not None:
        keys[f"bank-patients:{part.deposit_id}"] = "The whole deposit"
    return {"bank": _bank(request, payment, part), "entries": _entries(payment, keys)}


def _bank(request: HttpRequest, payment: PatientPayment, part) -> dict:
    if part is not None:
        line, deposit = part.deposit.aside.line, part.deposit
        may = payment.practice_id in shared.also(request, DataClass.BANK, Access.LIMITED).practice_ids
        fee = f", {money_text(deposit.fee_cents)} kept by the processor" if deposit.fee_cents else ""
        return {
            "word": "At the bank",
            "tone": "ok",
            "icon": "circle-check",
            "line": f"{money_text(line.amount_cents)} on {line.booked_on.day} {line.booked_on:%b %Y}, "
            f"{line.account}{fee}",
            "url": f"/bank/lines/{line.pk}" if may else "",
        }
    found = {"tone": "soft", "icon": "landmark", "line": "", "url": ""}
    first = first_told(payment.practice_id)
    if payment.undone_at is not None:
        return found | {"word": "Taken back: no deposit is awaited"}
    if first is None:
        return found | {"word": "Not known: no bank statement is loaded"}
    if payment.received_on < first:
        return found | {
            "word": f"Not known: taken in before the first statement of {first.day} {first:%b %Y}"
        }
    days = max((shared.today(request) - payment.received_on).days, 0)
    return found | {
        "word": f"No bank line yet for {count_text(days, 'day')}", "tone": "override", "icon": "hourglass"
    }  # fmt: skip


def _entries(payment: PatientPayment, keys: dict[str, str]) -> list[dict]:
    entries = list(
        Entry.objects.filter(practice_id=payment.practice_id, idempotency_key__in=list(keys)).order_by(
            "learned_at", "id"
        )
    )
    legs: dict[UUID, list[Leg]] = {}
    rows = Leg.objects.filter(practice_id=payment.practice_id, entry_id__in=[one.pk for one in entries])
    for leg in rows.order_by("entry_id", "number"):
        legs.setdefault(leg.entry_id, []).append(leg)
    claims = {leg.claim_id for mine in legs.values() for leg in mine if leg.claim_id}
    days = dict(
        Claim.objects.filter(pk__in=claims, practice_id=payment.practice_id).values_list(
            "id", "date_of_service"
        )
    )
    return [
        {
            "title": keys[one.idempotency_key],
            "on": one.happened_on,
            "legs": [
                {
                    "account": CHART[Account(leg.account)].title,
                    "on": days.get(leg.claim_id),
                    "debit_cents": leg.amount_cents if leg.amount_cents > 0 else None,
                    "credit_cents": -leg.amount_cents if leg.amount_cents < 0 else None,
                }
                for leg in legs.get(one.pk, ())
            ],
        }
        for one in entries
    ]
