"""Which rules were looked at for one question, which answered, and why the others did not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

from cleanclaim.rules.book import RuleBook
from cleanclaim.rules.model import SPECIFICITY, Rule, RuleConflict, RuleNotEncoded, RuleValue

Verdict = Literal["answers", "less_specific", "no_value", "not_encoded", "conflict", "not_for"]
MOST_MISSED = 1


class Weighed(msgspec.Struct, frozen=True):
    """One rule on the topic beside a question.

    Attributes:
        verdict: ``answers``; ``less_specific`` (it fits, a narrower rule decides); ``no_value`` (none on that
            date); ``not_encoded`` (it fits and says that it cannot tell); ``conflict``; ``not_for`` (one key
            of the question is another).
        why: The verdict in words.
        value: Its value on the date, when there is one.
    """

    rule: Rule
    verdict: Verdict
    why: str
    value: RuleValue | None = None


def weigh(rules: RuleBook, topic: str, context: Mapping[str, str], on: date) -> tuple[Weighed, ...]:
    """Every rule that answers, fits, or misses the question by one key; the answering one first.

    A rule that fits and is narrower than the others decides alone, also when it has no value: a wider rule is
    never stretched over its gap.
    """
    named = rules.named(context)
    winner = ""
    conflict = False
    try:
        winner = rules.resolve(topic, context, on).rule_id
    except RuleConflict:
        conflict = True
    except RuleNotEncoded:
        pass
    fitting = [rule for rule in rules.select(topic=topic) if rule.topic == topic and rule.fits(named)]
    narrowest = max((rule.specificity for rule in fitting), default=())
    found = []
    for rule in rules.select(topic=topic):
        if rule.topic != topic:
            continue
        value = next((one for one in rule.values if one.covers(on)), None)
        missed = [key for key in rule.applies_to if not _has(rule, key, named)]
        if not missed:
            decides = rule.specificity == narrowest
            found.append(_fitting(rule, value, on, rule.id == winner, decides, conflict))
        elif len(missed) <= MOST_MISSED and "state" not in missed and "payer_id" not in missed:
            found.append(Weighed(rule, "not_for", _other(rule, missed[0], named), value))
    order = ("answers", "conflict", "not_encoded", "no_value", "less_specific", "not_for")
    return tuple(sorted(found, key=lambda one: (order.index(one.verdict), _width(one.rule), one.rule.id)))


def _fitting(
    rule: Rule, value: RuleValue | None, on: date, wins: bool, decides: bool, conflict: bool
) -> Weighed:
    if wins:
        return Weighed(rule, "answers", "It is the most specific rule that fits and has a value.", value)
    if conflict and decides:
        return Weighed(rule, "conflict", "Another rule is just as specific: a fault of the data.", value)
    if not decides:
        return Weighed(rule, "less_specific", "It fits, and a more specific rule decides.", value)
    if value is None:
        return Weighed(rule, "no_value", f"It fits and has no value on {on.isoformat()}.")
    return Weighed(rule, "not_encoded", f"It fits and says: not encoded. {value.not_encoded}", value)


def _has(rule: Rule, key: str, named: Mapping[str, str]) -> bool:
    wanted = rule.applies_to[key]
    return named.get(key, "") in ([wanted] if isinstance(wanted, str) else wanted)


def _other(rule: Rule, key: str, named: Mapping[str, str]) -> str:
    wanted = rule.applies_to[key]
    said = wanted if isinstance(wanted, str) else " or ".join(wanted)
    asked = named.get(key, "") or "nothing"
    return f"It is for {key.replace('_', ' ')} {said}; the question says {asked}."


def _width(rule: Rule) -> tuple[bool, ...]:
    return tuple(key not in rule.applies_to for key in SPECIFICITY)
