"""The list of rules with its filters, and those that wait for somebody to read their source."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim.rules import Rule, RuleBook, may_confirm, outdated
from cleanclaim.rules.coverage import PROGRAMS
from cleanclaim_server.audit import record
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.rulebook.actions import may_confirm_for
from cleanclaim_server.rulebook.queries import confirmations
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.rulebook import words

ROWS = 50
# What a confirmation is worth: rules that can stop a claim or start a clock come before those that inform.
WEIGHT = (
    "timely_filing",
    "credential_modifiers",
    "telehealth",
    "prior_authorization",
    "prompt_pay",
    "appeal",
)


def asked_day(request: HttpRequest) -> date:
    """The day of the address, else today."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return shared.today(request)


@requires(DataClass.RULES, Access.READ)
@require_GET
def rule_book(request: HttpRequest) -> HttpResponse:
    """Rules of the book, filtered by place, topic, payer, confidence, day and words."""
    book, on = words.the_book(request), asked_day(request)
    wanted = {key: request.GET.get(key, "") for key in ("state", "topic", "program", "confidence")}
    text = request.GET.get("q", "").strip().lower()[:80]
    found = [rule for rule in book.rules if _fits(rule, wanted, text, on)]
    context = _page(request, found, on) | {
        "tabs": tabs(request, "rules", len(book.rules)),
        "filters": [
            shared.chooser(
                request,
                "state",
                "State",
                [("federal", "Federal"), ("payer", "A payer's own"), *words.state_options()],
            ),
            shared.chooser(request, "topic", "Topic", _topics(book.rules)),
            shared.chooser(
                request,
                "program",
                "Payer",
                [(key, said[:1].upper() + said[1:]) for key, (_, said) in PROGRAMS.items()],
            ),
            shared.chooser(request, "confidence", "Confidence", _confidences(found, on)),
        ],
        "on": on,
        "keep": [{"name": key, "value": value} for key, value in wanted.items() if value]
        + ([{"name": "q", "value": text}] if text else []),
        "search": {
            "action": "/rule-book",
            "q": request.GET.get("q", ""),
            "placeholder": "Words, law, rule id",
            "keep": shared.keep(request, without=("at",)),
        },
        "empty": {
            "title": "No rule fits",
            "text": "What the book does not hold it does not guess: see what is covered.",
            "act": "Show all",
            "url": "/rule-book",
        },
    }
    record("rulebook.listed", "rule", count=len(context["rows"]))
    return render(request, "rulebook/list.html", context)


@requires(DataClass.RULES, Access.READ)
@require_GET
def uncertain(request: HttpRequest) -> HttpResponse:
    """Values that nobody has read in a source: they inform and stop nothing until a person confirms them."""
    book, on = words.the_book(request), asked_day(request)
    state = request.GET.get("state", "")
    found = [
        rule
        for rule in book.rules
        if (value := words.value_on(rule, on)) is not None
        and may_confirm(rule, value)
        and _in_place(rule, state)
    ]
    found.sort(key=lambda rule: (_weight(rule), rule.id))
    old = outdated(book, confirmations(request.user.agency_id))
    context = _page(request, found, on) | {
        "tabs": tabs(request, "uncertain", len(book.rules)),
        "filters": [
            shared.chooser(request, "state", "State", [("federal", "Federal"), *words.state_options()])
        ],
        "may_confirm": may_confirm_for(request.user),
        "outdated": [
            {
                "rule_id": one.rule_id,
                "by": one.confirmed.by,
                "on": one.confirmed.on,
                "url": f"/rule-book/rules/{one.rule_id}",
            }
            for one in old
        ],
        "empty": {
            "title": "Nothing to confirm",
            "text": "Every value in force was seen in its source or confirmed.",
            "act": "",
            "url": "",
        },
    }
    record("rulebook.listed", "rule", count=len(context["rows"]))
    return render(request, "rulebook/uncertain.html", context)


def tabs(request: HttpRequest, current: str, total: int | None = None) -> list[dict]:
    """The four ways into the book."""
    pages = [
        ("rules", "Rules", "/rule-book", total),
        ("ask", "Ask", "/rule-book/ask", None),
        ("matrix", "What is covered", "/rule-book/matrix", None),
        ("uncertain", "To confirm", "/rule-book/uncertain", None),
    ]
    return [{"label": label, "n": n, "url": url, "current": key == current} for key, label, url, n in pages]


def _page(request: HttpRequest, found: list[Rule], on: date) -> dict[str, Any]:
    text = request.GET.get("at", "")
    start = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
    start = min(start, max(len(found) - 1, 0)) // ROWS * ROWS
    shown = found[start : start + ROWS]
    return {
        "today": shared.today(request),
        "rows": [row(rule, on, words.the_book(request)) for rule in shown],
        "page": {
            "first": start + 1 if shown else 0,
            "last": start + len(shown),
            "total": len(found),
            "noun": "rules",
            "previous_url": shared.link(request, at=start - ROWS or None) if start else "",
            "next_url": shared.link(request, at=start + ROWS) if start + ROWS < len(found) else "",
        },
    }


def row(rule: Rule, on: date, book: RuleBook) -> dict[str, Any]:
    """One rule of a list."""
    value = words.value_on(rule, on)
    return {
        "url": f"/rule-book/rules/{rule.id}",
        "id": rule.id,
        "title": rule.title,
        "topic": words.topic_text(rule.topic),
        "place": words.place(rule),
        "whom": words.whom(rule, book),
        "value": words.value_text(rule, value),
        "known": value.not_encoded if value is not None else "",
        "standing": words.standing_badge(words.standing(rule, value)),
        "from": value.starts if value else None,
        "to": value.ends if value else None,
        "confirmed": rule.verified.last_confirmed,
        "overdue": bool(rule.verified.next_check and rule.verified.next_check < on),
        "sources": words.cited(value.sources) if value else [],
        "disputed": value.disputed if value else "",
    }


def _fits(rule: Rule, wanted: dict[str, str], text: str, on: date) -> bool:
    if wanted["topic"] and rule.topic.split(".")[0] != wanted["topic"]:
        return False
    if not _in_place(rule, wanted["state"]) or not _for_program(rule, wanted["program"]):
        return False
    if wanted["confidence"] and words.standing(rule, words.value_on(rule, on)) != wanted["confidence"]:
        return False
    if not text:
        return True
    value = words.value_on(rule, on)
    laws = " ".join(f"{source.id} {source.at}" for source in value.sources) if value else ""
    return text in f"{rule.id} {rule.title} {words.topic_text(rule.topic)} {laws}".lower()


def _in_place(rule: Rule, state: str) -> bool:
    if not state:
        return True
    if state in ("federal", "payer"):
        return rule.id.startswith(f"{state}.")
    return state in words.names(rule, "state")


def _for_program(rule: Rule, program: str) -> bool:
    """Whether a rule can answer for a programme: it names it, or names none and does not exclude its kind."""
    if program not in PROGRAMS:
        return True
    programs, kinds = words.names(rule, "program"), words.names(rule, "payer_kind")
    return program in programs if programs else not kinds or PROGRAMS[program][0] in kinds


def _topics(rules: tuple[Rule, ...]) -> list[tuple[str, str, int]]:
    counts = Counter(rule.topic.split(".")[0] for rule in rules)
    return [(key, words.TOPICS.get(key, key), n) for key, n in counts.most_common()]


def _confidences(found: list[Rule], on: date) -> list[tuple[str, str, int]]:
    counts = Counter(words.standing(rule, words.value_on(rule, on)) for rule in found)
    return [(key, text, counts[key]) for key, (text, _, _) in words.CONFIDENCE.items()]


def _weight(rule: Rule) -> int:
    first = rule.topic.split(".")[0]
    return WEIGHT.index(first) if first in WEIGHT else len(WEIGHT)
