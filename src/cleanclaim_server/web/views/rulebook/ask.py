"""A question to the book: which rule answers, why, what lost, and the day that follows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim.rules import (
    ANCHORS,
    KINDS,
    PAYER_WORDS,
    AnchorMissing,
    Deadline,
    RemedyNotComputable,
    RuleBook,
    RuleConflict,
    RuleNotEncoded,
    UnitNotCountable,
    UnknownQuestion,
    context_for,
    deadline,
    late_payment,
    weigh,
)
from cleanclaim_server.audit import record
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.rulebook import words
from cleanclaim_server.web.views.rulebook.lists import asked_day, tabs

PAYERS = {
    "insured_plan": "Commercial, insured plan",
    "self_funded": "Commercial, self-funded (ERISA)",
    "commercial": "Commercial, funding not known",
    "marketplace": "Marketplace plan",
    "medicaid_ffs": "Medicaid agency",
    "medicaid_mco": "Medicaid plan",
    "medicaid": "Medicaid, programme not known",
    "medicare_ffs": "Medicare",
    "medicare_advantage": "Medicare Advantage",
    "tricare": "TRICARE",
    "self_pay": "Self-pay",
}
QUESTIONS = {
    "timely_filing": "Until when can a claim be filed?",
    "corrected_claim": "Until when can a corrected claim be filed?",
    "secondary_claim": "Until when can a later payer be billed?",
    "prompt_pay": "Until when must a clean claim be paid?",
    "authorization_decision": "Until when must an authorization be decided?",
    "appeal": "Until when can we appeal?",
    "external_review": "Until when can outside review be asked?",
    "dispute": "Until when can we dispute a payment?",
    "overpayment_appeal": "Until when can we contest a take-back?",
    "recoupment": "Until when can the payer take money back?",
    "overpayment_return": "Until when must an overpayment go back?",
    "records_retention": "How long is a record kept?",
    "good_faith_estimate": "Until when is the estimate due?",
}
FROM = {
    "timely_filing": "Date of service",
    "corrected_claim": "Date of service",
    "secondary_claim": "Date of service",
    "prompt_pay": "Received by the payer",
    "authorization_decision": "Request, complete with its papers",
    "appeal": "Date of the denial",
    "external_review": "Final denial",
    "dispute": "Date of the denial",
    "overpayment_appeal": "Date of the notice",
    "recoupment": "Date paid",
    "overpayment_return": "Date identified",
    "records_retention": "Last service",
    "good_faith_estimate": "Day of the request",
}
NARROWING = ("service", "provider_class", "network")


@requires(DataClass.RULES, Access.READ)
@require_GET
def ask(request: HttpRequest) -> HttpResponse:
    """The question form, and the answer when something is asked."""
    book, on = words.the_book(request), asked_day(request)
    asked = {
        key: request.GET.get(key, "").strip()[:80]
        for key in (
            "kind",
            "topic",
            "state",
            "payer",
            "plan",
            "medium",
            "amount",
            "billed",
            "billed",
            "paid_on",
            *NARROWING,
        )
    }
    answer = _answer(request, book, asked, on) if asked["kind"] or asked["topic"] else None
    record("rulebook.asked", "rule", answer["id"] if answer and answer["id"] else "")
    context = {
        "today": shared.today(request),
        "tabs": tabs(request, "ask", len(book.rules)),
        "asked": asked,
        "on": on,
        "kinds": [(key, QUESTIONS[key]) for key in KINDS],
        "topics": [(topic, words.topic_text(topic)) for topic in book.topics],
        "states": words.state_options(),
        "payers": PAYERS.items(),
        "plans": _plans(book),
        "narrowing": [
            {
                "name": key,
                "label": key.replace("_", " ").capitalize(),
                "value": asked[key],
                "options": _seen(book, key),
            }
            for key in NARROWING
        ],
        "from_label": FROM.get(asked["kind"], "Date"),
        "answer": answer,
    }
    return render(request, "rulebook/ask.html", context)


def _plans(book: RuleBook) -> list[str]:
    """Payers that have rules of their own, by their slug."""
    return sorted({rule.id.split(".")[1] for rule in book.rules if rule.id.startswith("payer.")})


def _seen(book: RuleBook, key: str) -> list[str]:
    return sorted({value for rule in book.rules for value in words.names(rule, key)})


def _facts(request: HttpRequest, asked: dict[str, str]) -> dict[str, str]:
    """Further dates that a rule counts from (`at_<anchor>` of the form), and what narrows the question."""
    facts = {key: asked[key] for key in NARROWING if asked[key]}
    for name in ANCHORS:
        if text := request.GET.get(f"at_{name}", ""):
            facts[name] = text
    return facts


def _answer(request: HttpRequest, book: RuleBook, asked: dict[str, str], on: date) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": "",
        "refusal": "",
        "wants": None,
        "deadline": None,
        "others": [],
        "steps": [],
        "owed": None,
        "sources": [],
        "assumes": (),
    }
    payer = asked["payer"] if asked["payer"] in PAYER_WORDS else "insured_plan"
    narrow = {key: asked[key] for key in NARROWING if asked[key]}
    topic = asked["topic"]
    context = context_for(payer, state=asked["state"], plan=asked["plan"], **narrow)
    try:
        if asked["kind"]:
            found = deadline(
                asked["kind"],
                payer_kind=payer,
                on=on,
                rules=book,
                state=asked["state"],
                medium="paper" if asked["medium"] == "paper" else "electronic",
                plan=asked["plan"],
                facts=_facts(request, asked),
            )
            topic = book.find(found.rule_id).topic
            shown |= _of_deadline(found, asked)
            if found.assumes and not context["program"]:
                context = {**context, "program": "insured_plan"}
        else:
            resolved = book.resolve(topic, context, on)
            shown |= {
                "id": resolved.rule_id,
                "value": words.value_text(
                    book.find(resolved.rule_id), words.value_on(book.find(resolved.rule_id), on)
                ),
                "enforceable": resolved.enforceable,
                "steps": resolved.steps,
                "sources": words.cited(resolved.sources),
                "note": resolved.note,
            }
    except RuleNotEncoded as refusal:
        topic = refusal.topic
        shown["refusal"] = "Not encoded. The book has no value for this question, and does not guess."
    except AnchorMissing as missing:
        topic = book.find(missing.rule_id).topic
        shown["wants"] = {
            "name": missing.anchor,
            "label": ANCHORS.get(missing.anchor, missing.anchor.replace("_", " ")),
        }
        shown["id"] = missing.rule_id
    except (UnitNotCountable, UnknownQuestion, RuleConflict) as problem:
        shown["refusal"] = f"{str(problem)[:1].upper()}{str(problem)[1:]}."
    shown["topic"] = words.topic_text(topic) if topic else ""
    shown["others"] = [_weighed(one) for one in weigh(book, topic, context, on)] if topic else []
    if shown["id"]:
        rule = book.find(shown["id"])
        shown |= {
            "title": rule.title,
            "url": f"/rule-book/rules/{rule.id}",
            "standing": words.standing_badge(words.standing(rule, words.value_on(rule, on))),
        }
    return shown


def _of_deadline(found: Deadline, asked: dict[str, str]) -> dict[str, Any]:
    return {
        "id": found.rule_id,
        "deadline": found,
        "what": KINDS[asked["kind"]].capitalize(),
        "value": f"{found.value} {found.unit.replace('_', ' ')}",
        "counted": found.counted_from or ANCHORS.get(found.anchored_at, ""),
        "enforceable": found.enforceable,
        "steps": list(dict.fromkeys((*found.assumes, *found.steps))),
        "sources": words.cited(found.sources),
        "note": found.note,
        "assumes": found.assumes,
        "owed": _owed(found, asked),
    }


def _owed(found: Deadline, asked: dict[str, str]) -> dict[str, Any] | None:
    """What a late payer owes, when an amount and a day of payment were given."""
    if found.remedy is None:
        return None
    said = {
        "kind": found.remedy.kind.replace("_", " "),
        "note": found.remedy.note,
        "cents": None,
        "steps": (),
    }
    if not (asked["amount"] and asked["paid_on"]):
        return said | {"why": "Give the amount and the day of payment to have it computed."}
    try:
        owed = late_payment(
            found.remedy,
            amount_cents=_cents(asked["amount"]),
            due=found.day,
            paid_on=date.fromisoformat(asked["paid_on"]),
            billed_cents=_cents(asked["billed"]) if asked["billed"] else None,
        )
    except RemedyNotComputable as problem:
        return said | {"why": f"{str(problem)[:1].upper()}{str(problem)[1:]}."}
    except (InvalidOperation, ValueError):
        needs = found.remedy.kind == "tiered_penalty" and not asked["billed"]
        why = "Give what was billed, too: the penalty is a part of it."
        return said | {"why": why if needs else "The amount or the day cannot be read."}
    return said | {
        "cents": owed.amount_cents,
        "steps": owed.steps,
        "enforceable": owed.enforceable,
        "why": "",
    }


def _cents(text: str) -> int:
    """Dollars as typed, in cents.

    Raises:
        ValueError, InvalidOperation: They are no amount, or have parts of a cent.
    """
    exact = Decimal(text.replace(",", "").lstrip("$")).scaleb(2)
    if not exact.is_finite() or exact != exact.to_integral_value() or not 0 <= exact < 10**12:
        raise ValueError("no amount")
    return int(exact)


VERDICTS = {
    "answers": ("Answers", "ok"),
    "less_specific": ("Wider", "line"),
    "no_value": ("No value that day", "override"),
    "not_encoded": ("Not encoded", "override"),
    "conflict": ("Conflict", "stop"),
    "not_for": ("Not for this", "line"),
}


def _weighed(one) -> dict[str, Any]:
    text, tone = VERDICTS[one.verdict]
    return {
        "url": f"/rule-book/rules/{one.rule.id}",
        "title": one.rule.title,
        "id": one.rule.id,
        "verdict": text,
        "tone": tone,
        "why": one.why,
        "value": words.value_text(one.rule, one.value),
    }
