"""Decisions about the bank, each one click and each with its opposite."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from cleanclaim.ledger import LedgerError
from cleanclaim_server.bank.access import access_aside, access_line, access_tie
from cleanclaim_server.bank.actions import BankRefused, Decider
from cleanclaim_server.bank.models import Line
from cleanclaim_server.cycle.banking import (
    accept_proposals,
    count_patients,
    match_by_hand,
    put_aside,
    take_back,
)
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.remittances.access import access_remittance
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.templatetags.numbers import count_text, money_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.bank.line import next_open
from cleanclaim_server.web.views.bank.patients import as_cents
from cleanclaim_server.web.views.bank.words import in_the_books


def decider(request: HttpRequest) -> Decider:
    return Decider(request.user.pk, request.user.display_name)


def _do(request: HttpRequest, act: Callable[[], str]) -> bool:
    """Decide in a savepoint; say what was done, or why not."""
    try:
        with transaction.atomic():
            said = act()
    except (BankRefused, LedgerError) as error:
        messages.error(request, f"Nothing was changed. {error}.")
        return False
    messages.success(request, said)
    return True


def _when(request: HttpRequest) -> dict:
    return {"by": decider(request), "now": shared.now(), "today": shared.today(request)}


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def accept_lines(request: HttpRequest) -> HttpResponse:
    """Accept what is proposed for one line or for many; lines without a proposed match stay."""
    ids = shared.chosen_ids(request)
    lines = list(visible(Line.objects.filter(pk__in=ids), request.tenant).order_by("practice_id", "id"))
    made = cents = 0
    for practice_id in dict.fromkeys(line.practice_id for line in lines):
        mine = [line.pk for line in lines if line.practice_id == practice_id]
        one = accept_proposals(practice_id, mine, **_when(request))
        made, cents = made + one[0], cents + one[1]
    if made:
        messages.success(
            request, f"{count_text(made, 'match', 'matches')} accepted, {money_text(cents)} moved to cash."
        )
    elif lines:
        messages.warning(request, "Nothing was accepted: no match is proposed for it any more. Look again.")
    else:
        messages.warning(request, "Choose a line first.")
    after = lines[0] if len(lines) == 1 and "next" in request.POST else None
    return redirect(next_open(request, after) if after else shared.back(request, "/bank"))


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def tie_line(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Match a line, and others beside it, with the payments picked."""
    one = access_line(request.tenant, line_id)
    lines = {one.pk, *shared.chosen_ids(request, "line")}
    payments = shared.chosen_ids(request, "payment")

    def act() -> str:
        why = request.POST.get("why", "")
        made = match_by_hand(one.practice_id, lines, payments, why=why, **_when(request))
        return f"Matched {money_text(made.amount_cents)} with {count_text(len(payments), 'payment')}."

    done = _do(request, act)
    left = access_line(request.tenant, line_id).open_cents
    return redirect(next_open(request, one) if done and not left else f"/bank/lines/{one.pk}")


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def count_line(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Say which patient payments a line is: a deposit slip, or a settlement of cards."""
    one = access_line(request.tenant, line_id)
    payments = shared.chosen_ids(request, "payment")

    def act() -> str:
        try:
            fee = as_cents(request.POST.get("fee", ""))
        except ValueError:
            raise BankRefused(
                "bank.fee_unreadable", "The processor's part is no amount such as 2.35"
            ) from None
        made = count_patients(one, payments, fee_cents=fee, why=request.POST.get("why", ""), **_when(request))
        kept = f", {money_text(fee)} kept by the processor" if fee else ""
        return f"{money_text(made.amount_cents)} are {count_text(len(payments), 'patient payment')}{kept}."

    done = _do(request, act)
    left = access_line(request.tenant, line_id).open_cents
    return redirect(next_open(request, one) if done and not left else f"/bank/lines/{one.pk}")


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def line_aside(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Say that what is left of a line is no insurance money."""
    one = access_line(request.tenant, line_id)
    reason, why = request.POST.get("reason", ""), request.POST.get("why", "")

    def act() -> str:
        made = put_aside(one, reason=reason, why=why, **_when(request))
        said = f"{money_text(made.amount_cents)} set aside: {made.get_reason_display().lower()}."
        return f"{said} {in_the_books(reason)}"

    done = _do(request, act)
    return redirect(next_open(request, one) if done else f"/bank/lines/{one.pk}")


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def payment_aside(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    """Say that no deposit, or no more of it, is expected for a payment."""
    one = access_remittance(request.tenant, remittance_id)
    reason, why = request.POST.get("reason", ""), request.POST.get("why", "")

    def act() -> str:
        made = put_aside(one, reason=reason, why=why, **_when(request))
        return f"No deposit of {money_text(made.amount_cents)} is awaited any more."

    _do(request, act)
    return redirect(f"/remittances/{one.pk}#h-bank")


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def untie(request: HttpRequest, tie_id: UUID) -> HttpResponse:
    """Take a match back: both sides are open again, and the ledger gets the opposite."""
    one = access_tie(request.tenant, tie_id)
    line = one.parts.order_by("id").values_list("line_id", flat=True).first()

    def act() -> str:
        take_back(one, why=request.POST.get("why", ""), **_when(request))
        return f"Taken back: {money_text(one.amount_cents)} is to be matched again."

    _do(request, act)
    return redirect(shared.back(request, f"/bank/lines/{line}"))


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def undo_set_aside(request: HttpRequest, aside_id: UUID) -> HttpResponse:
    """Take a setting aside back."""
    one = access_aside(request.tenant, aside_id)
    own = f"/bank/lines/{one.line_id}" if one.line_id else f"/remittances/{one.remittance_id}#h-bank"

    def act() -> str:
        take_back(one, why=request.POST.get("why", ""), **_when(request))
        return f"Taken back: {money_text(one.amount_cents)} is open again."

    _do(request, act)
    return redirect(own)
