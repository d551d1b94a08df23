"""A payment's money at the bank: seen, seen in part, awaited, late, or not known."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.urls import reverse

from cleanclaim_server.bank.models import PAYMENT_REASONS, Proposal, SetAside
from cleanclaim_server.bank.queries import (
    EXPECTING,
    announced_on,
    covered_until,
    deposits_of,
    first_told,
    payments_with_open,
    ties_of,
)
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.web.templatetags.numbers import count_text, money_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.bank.line import asides_of, tie_row
from cleanclaim_server.web.views.bank.words import reasons


def deposit_of(request: HttpRequest, one: Remittance, may_decide: bool) -> dict:
    """What the remittance page shows of the bank: cents seen, a sentence, what was decided, what can be done.

    Whoever may not see bank lines sees days and amounts, and no way to them.
    """
    row = payments_with_open(Remittance.objects.filter(pk=one.pk)).get()
    seen = deposits_of([one.pk]).get(one.pk, [])
    may_see = one.practice_id in shared.also(request, DataClass.BANK, Access.LIMITED).practice_ids
    expected = one.state in EXPECTING and one.paid_cents > 0 and not one.part
    word, tone = (
        ("in the other practice’s deposit", "")
        if one.part
        else _word(row, seen, expected, shared.today(request))
    )
    proposed = Proposal.objects.filter(
        practice_id=one.practice_id, remittance_id=one.pk, is_match=True
    ).first()
    return {
        "cents": row.tied_cents if seen else None,
        "word": word,
        "tone": tone,
        "is_whole": bool(seen) and not row.open_cents,
        "facts": [
            f"{money_text(part.amount_cents)} on {part.booked_on.day} {part.booked_on:%b %Y}, {part.account}"
            for part in seen
        ],
        "open_cents": row.open_cents if expected else 0,
        "ties": [tie_row(tie, may_decide) for tie in ties_of(remittance_id=one.pk)] if may_see else [],
        "asides": asides_of(SetAside.objects.filter(remittance_id=one.pk), may_decide) if may_see else [],
        "proposal_url": _line_of(proposed) if proposed and may_see else "",
        "aside": {
            "url": reverse("web:payment_aside", args=[one.pk]),
            "reasons": reasons(PAYMENT_REASONS),
            "cents": row.open_cents,
        }
        if may_decide and expected and row.open_cents > 0 and may_see
        else None,
    }


def _line_of(proposed: Proposal) -> str:
    rows = Proposal.objects.filter(group=proposed.group, line__isnull=False)
    line = rows.order_by("id").values_list("line_id", flat=True).first()
    return f"/bank/lines/{line}" if line else ""


def _word(row: Remittance, seen: list, expected: bool, today: date) -> tuple[str, str]:
    if seen and not row.open_cents:
        last = seen[-1].booked_on
        return f"seen on {last.day} {last:%b %Y}", "ok"
    if seen:
        return f"{money_text(row.open_cents)} of it not seen", "override"
    if not expected:
        return ("no deposit belongs to it" if not row.paid_cents else "not awaited: it is not this one"), ""
    if row.aside_cents and not row.open_cents:
        return "no deposit is awaited", ""
    until, first = covered_until(row.practice_id), first_told(row.practice_id)
    day = announced_on(row)
    if until is None or first is None:
        return "until a bank file is loaded", ""
    if day < first:
        return f"announced before the first statement of {first.day} {first:%b %Y}", ""
    days = max((today - day).days, 0)
    told = f", told until {until.day} {until:%b}" if until < today else ""
    return f"no bank line yet for {count_text(days, 'day')}{told}", "override"
