"""One rule: its values over time with their sources, and the word of people about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from cleanclaim.rules import ANCHORS, Remedy, Rule, RuleBook, RuleValue, fingerprint, may_confirm
from cleanclaim_server.audit import record
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.rulebook.actions import (
    ConfirmationRefused,
    confirm_value,
    may_confirm_for,
    withdraw_value,
)
from cleanclaim_server.rulebook.queries import history
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.rulebook import words

DATED_BY = {
    "date_of_service": "the date of service",
    "notice_date": "the date of the notice",
    "received_on": "the day of receipt",
    "last_service_date": "the day of the last service",
    "event_date": "the day of the event",
    "payment_date": "the day of payment",
    "anchor_date": "the day it is counted from",
}


@requires(DataClass.RULES, Access.READ)
@require_GET
def book_rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """One rule of the book."""
    rule = _rule(request, rule_id)
    today = shared.today(request)
    may = may_confirm_for(request.user)
    record("rulebook.read", "rule", rule.id)
    context = {
        "today": today,
        "rule": rule,
        "topic": words.topic_text(rule.topic),
        "facts": _facts(rule, words.the_book(request)),
        "values": [_value(rule, value, today, may) for value in reversed(rule.values)],
        "exceptions": [
            {"what": one.what, "cited": f"{one.source} {one.at}".strip()}
            for one in rule.exceptions_not_encoded
        ],
        "last_confirmed": rule.verified.last_confirmed,
        "next_check": rule.verified.next_check,
        "overdue": bool(rule.verified.next_check and rule.verified.next_check < today),
        "history": history(request.user.agency_id, rule.id),
        "ask_url": _ask_url(rule),
        "may_confirm": may,
    }
    return render(request, "rulebook/rule.html", context)


@requires(DataClass.RULES, Access.FULL)
@require_POST
def confirm(request: HttpRequest, rule_id: str) -> HttpResponse:
    """A person says that they read a value, and where; it may stop claims from now on."""
    rule = _rule(request, rule_id)

    def act() -> str:
        confirm_value(
            rule.id,
            _day(request, "starts"),
            request.POST.get("mark", ""),
            source=request.POST.get("source", ""),
            read_on=_day(request, "read_on"),
            acting_user=request.user,
            now=shared.now(),
            today=shared.today(request),
        )
        return "Confirmed with your name. Claims are checked by it from now on."

    return _done(request, rule, act)


@requires(DataClass.RULES, Access.FULL)
@require_POST
def withdraw(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Take a confirmation back."""
    rule = _rule(request, rule_id)

    def act() -> str:
        withdraw_value(
            rule.id,
            _day(request, "starts"),
            request.POST.get("mark", ""),
            reason=request.POST.get("source", ""),
            acting_user=request.user,
            now=shared.now(),
            today=shared.today(request),
        )
        return "Taken back. The value informs and stops no claim."

    return _done(request, rule, act)


def _done(request: HttpRequest, rule: Rule, act: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, act())
    except ConfirmationRefused as refused:
        messages.error(request, str(refused))
    return redirect(shared.back(request, f"/rule-book/rules/{rule.id}"))


def _day(request: HttpRequest, name: str) -> date:
    try:
        return date.fromisoformat(request.POST.get(name, ""))
    except ValueError:
        raise ConfirmationRefused("Give the day as a date.") from None


def _rule(request: HttpRequest, rule_id: str) -> Rule:
    try:
        return words.the_book(request).find(rule_id)
    except KeyError:
        raise Http404 from None


def _facts(rule: Rule, book: RuleBook) -> list[dict[str, str]]:
    facts = [
        {"label": "Place", "value": words.place(rule)},
        {"label": "For", "value": words.whom(rule, book)},
        {"label": "Chosen by", "value": DATED_BY.get(rule.dated_by, rule.dated_by.replace("_", " "))},
    ]
    if ids := words.names(rule, "payer_id"):
        facts.insert(2, {"label": "Payer id", "value": ", ".join(ids)})
    if rule.unit not in ("text", "code"):
        said = " and ".join(ANCHORS[name] for name in (rule.anchor, *rule.anchors))
        which = f"the {rule.anchor_choice} of " if rule.anchors else ""
        facts.append({"label": "Counted from", "value": rule.counted_from or which + said})
    for label, value in (
        ("Ends when", rule.satisfied_by),
        ("What must happen", rule.act),
        ("Who acts", rule.whose),
        ("Holidays", rule.calendar.replace("_", " ")),
        ("On a weekend", "moves to the next working day" if rule.rolls_over else ""),
    ):
        if value:
            facts.append({"label": label, "value": value})
    return facts


def _rate_said(remedy: Remedy) -> str:
    if remedy.annual_rate_pct:
        return f", {remedy.annual_rate_pct}% a year"
    if not remedy.rates:
        return ""
    last = remedy.rates[-1]
    read = next((one for one in reversed(remedy.rates) if one.confidence == "seen"), None)
    doubt = (
        "" if read is last else f"; read in its source through {read.last_day.isoformat()}" if read else ""
    )
    return (
        f", at the rate of the day of payment ({last.annual_rate_pct}% a year through "
        f"{last.last_day.isoformat()}{doubt})"
    )


def _value(rule: Rule, value: RuleValue, today: date, may: bool) -> dict[str, Any]:
    later = [one for one in rule.values if one.starts > value.starts]
    remedy = value.remedy
    return {
        "starts": value.starts,
        "starts_known": value.starts_basis in ("stated", "known_start"),
        "ends": value.ends,
        "text": words.value_text(rule, value),
        "known": value.not_encoded,
        "standing": words.standing_badge(words.standing(rule, value)),
        "in_force": value.covers(today),
        "superseded_on": later[0].starts if later else None,
        "note": value.note,
        "disputed": value.disputed,
        "details": [(key.replace("_", " "), said) for key, said in sorted(value.details.items())],
        "remedy": {
            "text": remedy.kind.replace("_", " ") + _rate_said(remedy),
            "note": remedy.note,
            "standing": words.standing_badge(
                remedy.confidence if remedy.kind != "not_encoded" else "not_encoded"
            ),
        }
        if remedy
        else None,
        "sources": words.cited(value.sources),
        "confirmed": value.confirmed,
        "mark": fingerprint(rule, value),
        "may_confirm": may and may_confirm(rule, value),
        "may_withdraw": may and value.confirmed is not None,
    }


def _ask_url(rule: Rule) -> str:
    """The question that this rule answers, filled in."""
    asked = {"topic": rule.topic}
    for key, name in (
        ("state", "state"),
        ("program", "payer"),
        ("payer_id", "plan"),
        ("service", "service"),
        ("provider_class", "provider_class"),
        ("network", "network"),
    ):
        if found := words.names(rule, key):
            asked[name] = found[0]
    if "payer" not in asked and (kinds := words.names(rule, "payer_kind")):
        asked["payer"] = kinds[0]
    return f"/rule-book/ask?{urlencode(asked)}"
