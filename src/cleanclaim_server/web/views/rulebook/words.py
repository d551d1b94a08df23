"""Rules in plain words: values, whom they are for, sources, confidence."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest

from cleanclaim.findings import Source
from cleanclaim.rules import Rule, RuleBook, RuleValue
from cleanclaim.rules.coverage import PROGRAMS, STATES
from cleanclaim.sources import document
from cleanclaim_server.rulebook.queries import book_of

TOPICS = {
    "timely_filing": "Timely filing",
    "prompt_pay": "Prompt pay",
    "appeal": "Appeals and disputes",
    "telehealth": "Telehealth",
    "credential_modifiers": "Credential modifiers",
    "prior_authorization": "Prior authorization",
    "parity": "Parity",
    "recoupment": "Recoupment",
    "overpayment": "Overpayments",
    "records": "Records",
    "patient_billing": "Billing the patient",
    "good_faith_estimate": "Good faith estimates",
    "licensure": "Licence compacts",
    "medicaid_program": "Medicaid programmes",
    "roles": "Who pays and who authorizes",
}
"""First word of a topic -> how people say it."""

PLACES = {
    "AZ": "Arizona",
    "CT": "Connecticut",
    "DE": "Delaware",
    "FL": "Florida",
    "GA": "Georgia",
    "IL": "Illinois",
    "NC": "North Carolina",
    "NH": "New Hampshire",
    "OH": "Ohio",
    "RI": "Rhode Island",
    "TN": "Tennessee",
    "TX": "Texas",
    "VA": "Virginia",
}
CONFIDENCE = {
    "seen": ("Seen in its source", "ok", "circle-check"),
    "confirmed": ("Confirmed by a person", "ok", "user-check"),
    "known": ("Known, not read", "override", "circle-help"),
    "uncertain": ("Uncertain", "override", "triangle-alert"),
    "not_encoded": ("Not encoded", "line", "circle-dashed"),
    "none": ("No value on this day", "line", "circle-dashed"),
}


def the_book(request: HttpRequest) -> RuleBook:
    """The agency's rule book; read once a request."""
    found = getattr(request, "_rule_book", None)
    if found is None:
        found = request._rule_book = book_of(request.user.agency_id)
    return found


def names(rule: Rule, key: str) -> list[str]:
    """The values that a rule wants of one key; empty when it names none."""
    wanted = rule.applies_to.get(key, [])
    return [wanted] if isinstance(wanted, str) else list(wanted)


def topic_text(topic: str) -> str:
    """``timely_filing.corrected_claim`` -> Timely filing: corrected claim."""
    first, _, rest = topic.partition(".")
    name = TOPICS.get(first, first.replace("_", " ").capitalize())
    return f"{name}: {rest.replace('_', ' ').replace('.', ', ')}" if rest else name


def value_text(rule: Rule, value: RuleValue | None) -> str:
    """A value with its unit; '' where there is none."""
    if value is None or value.value is None:
        return ""
    if rule.unit in ("text", "code"):
        return str(value.value)
    if rule.unit == "cents":
        return f"${int(value.value) / 100:,.2f}"
    unit = rule.unit.replace("_", " ").replace("15min", "of 15 minutes")
    more = "".join(
        f", {'then' if value.combine == 'then' else 'or'} {clock.value} {clock.unit.replace('_', ' ')}"
        for clock in value.also
    )
    return f"{value.value} {unit}{more}"


def standing(rule: Rule, value: RuleValue | None) -> str:
    """A key of `CONFIDENCE`: how far a value can be relied on."""
    if value is None:
        return "none"
    if value.value is None:
        return "not_encoded"
    if value.confidence != "seen" and rule.is_enforceable(value):
        return "confirmed"
    return value.confidence


def standing_badge(key: str) -> dict[str, str]:
    """How a template draws it: text, tone, icon."""
    text, tone, icon = CONFIDENCE[key]
    return {"key": key, "text": text, "tone": tone, "icon": icon}


def whom(rule: Rule, book: RuleBook) -> str:
    """For whom a rule is, without the state: its payers by name and its programmes."""
    programs = [
        PROGRAMS[name][1] if name in PROGRAMS else name.replace("_", " ") for name in names(rule, "program")
    ]
    kinds = names(rule, "payer_kind") if not programs else []
    narrow = [
        one.replace("_", " ") for key in ("service", "provider_class", "network") for one in names(rule, key)
    ]
    said = ", ".join([*book.payers_of(rule), *programs, *kinds, *narrow])
    return said[:1].upper() + said[1:] if said else "Everybody"


def place(rule: Rule) -> str:
    """Federal, a payer's own, or the states."""
    states = names(rule, "state")
    if len(states) > 3:
        return f"{len(states)} states"
    return ", ".join(states) if states else "Federal" if rule.id.startswith("federal.") else "Any"


def value_on(rule: Rule, on: date) -> RuleValue | None:
    """The value in force on a day."""
    return next((value for value in rule.values if value.covers(on)), None)


def cited(sources: tuple[Source, ...]) -> list[dict[str, Any]]:
    """Sources with the title, publisher and address of their documents."""
    found = []
    for source in sources:
        known = document(source.id)
        found.append(
            {
                "id": source.id,
                "at": source.at,
                "title": known.title if known else source.id,
                "publisher": known.publisher if known else "",
                "link": known.link if known else "",
                "read": known.read if known else "",
                "retrieved": known.retrieved if known else "",
            }
        )
    return found


def state_options() -> list[tuple[str, str]]:
    """The states of the book by name."""
    return [
        (code, PLACES.get(code, code)) for code in sorted(STATES, key=lambda code: PLACES.get(code, code))
    ]
