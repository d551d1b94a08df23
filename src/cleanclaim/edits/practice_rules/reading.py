"""Reading a rule: from a document to a value, or every fault at once. Nothing unknown is passed over."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec

from cleanclaim.edits.practice_rules import actions
from cleanclaim.edits.practice_rules.fields import FIELDS, OPERATORS, Field, Kind
from cleanclaim.edits.practice_rules.model import Condition, PracticeRule, RuleInvalid
from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.money import AmountError, parse_amount

MOST_CONDITIONS, MOST_VALUES, LONGEST = 20, 200, 400
_ENCODER = msgspec.json.Encoder(order="deterministic")


def read_rule(document: bytes | str | Mapping[str, Any]) -> PracticeRule:
    """Read a rule and check it against the closed lists.

    Args:
        document: JSON, or its plain values, in the shape of `PracticeRule`.

    Raises:
        RuleInvalid: With one finding per fault: shape, field, operator, value, action.

    Examples:
        >>> is_long = {"field": "code", "operator": "is", "values": ["90837"]}
        >>> read_rule({"name": "A", "conditions": [is_long], "action": {"kind": "warn"}}).conditions[0].values
        ('90837',)
        >>> is_red = {"field": "colour", "operator": "is", "values": ["red"]}
        >>> read_rule({"name": "A", "conditions": [is_red], "action": {"kind": "warn"}})
        Traceback (most recent call last):
        cleanclaim.edits.practice_rules.model.RuleInvalid: Condition 1: the field 'colour' is not known.
    """
    try:
        if isinstance(document, bytes | str):
            rule = msgspec.json.decode(document, type=PracticeRule)
        else:
            rule = msgspec.convert(document, type=PracticeRule)
    except msgspec.MsgspecError as error:
        raise RuleInvalid(
            (_fault("shape", f"The rule does not have the shape of a rule: {error}."),)
        ) from None
    return checked(rule)


def checked(rule: PracticeRule) -> PracticeRule:
    """The rule with its values in their plain form.

    Raises:
        RuleInvalid: With every fault.
    """
    found = list(_faults_of_whole(rule))
    conditions = []
    for number, condition in enumerate(rule.conditions, start=1):
        mine = list(_faults_of_condition(number, condition))
        found += mine
        if not mine:
            conditions.append(_plain(condition))
    found += [
        _fault("action", f"The {what} {seen!r} cannot be used.", f"Allowed: {allowed}.")
        for what, seen, allowed in actions.faults(rule.action)
    ]
    if found:
        raise RuleInvalid(tuple(found))
    return msgspec.structs.replace(rule, name=rule.name.strip(), conditions=tuple(conditions))


def encode_rule(rule: PracticeRule) -> bytes:
    """The rule as canonical JSON: equal rules give equal bytes."""
    return _ENCODER.encode(rule)


def rule_hash(rule: PracticeRule) -> str:
    """What the rule does, as 16 hex digits: name and reason do not count."""
    core = msgspec.structs.replace(rule, name="", reason="")
    return hashlib.sha256(_ENCODER.encode(core)).hexdigest()[:16]


def _fault(what: str, message: str, remedy: str = "") -> Finding:
    return Finding(
        code=f"practice_rules.{what}_invalid",
        severity=Severity.STOP,
        message=message,
        remedy=remedy or "Correct the rule; it was not saved and does nothing.",
    )


def _faults_of_whole(rule: PracticeRule) -> Iterable[Finding]:
    if not rule.name.strip() or len(rule.name) > 120:
        yield _fault("name", "A rule needs a name of at most 120 characters.")
    if rule.match not in ("all", "any"):
        yield _fault("match", f"A rule matches all or any of its conditions, not {rule.match!r}.")
    if not 1 <= len(rule.conditions) <= MOST_CONDITIONS:
        yield _fault(
            "conditions", f"A rule has 1 to {MOST_CONDITIONS} conditions, this one {len(rule.conditions)}."
        )
    if max(len(rule.action.message), len(rule.reason)) > LONGEST:
        yield _fault("text", f"Messages and reasons have at most {LONGEST} characters.")


def _faults_of_condition(number: int, condition: Condition) -> Iterable[Finding]:
    where = Where(column=f"condition {number}")

    def fault(what: str, message: str, remedy: str) -> Finding:
        return msgspec.structs.replace(_fault(what, f"Condition {number}: {message}", remedy), where=where)

    field = FIELDS.get(condition.field)
    if field is None:
        yield fault("field", f"the field {condition.field!r} is not known.", "See the list of fields.")
        return
    operators = OPERATORS[field.kind]
    operator = operators.get(condition.operator)
    if operator is None:
        allowed = ", ".join(operators)
        yield fault("operator", f"{condition.operator!r} does not fit {field.label}.", f"Allowed: {allowed}.")
        return
    count = len(condition.values)
    if (operator.values >= 0 and count != operator.values) or (
        operator.values < 0 and not 1 <= count <= MOST_VALUES
    ):
        wanted = f"1 to {MOST_VALUES}" if operator.values < 0 else str(operator.values)
        yield fault(
            "values", f"{field.label} {operator.words} takes {wanted} values, not {count}.", "Give them."
        )
        return
    for value in condition.values:
        if expected := _unfit(field, value):
            yield fault("value", f"{value!r} is no value of {field.label}.", f"Expected {expected}.")
            return
    if operator.name == "between" and value_of(field, condition.values[0]) > value_of(
        field, condition.values[1]
    ):
        yield fault("values", "the first value is above the second.", "Give the lower one first.")


def _unfit(field: Field, value: str) -> str:
    """What was expected instead of a value; '' when it fits."""
    if field.choices and value not in dict(field.choices):
        return "one of " + ", ".join(key for key, _ in field.choices)
    if field.kind in (Kind.TEXT, Kind.CODES):
        return "" if value.strip() and len(value) <= 80 else "a text of at most 80 characters"
    try:
        value_of(field, value)
    except (ValueError, AmountError):
        return {Kind.DAY: "a date such as 2026-11-09", Kind.CENTS: "dollars such as 150.00"}.get(
            field.kind, "a number"
        )
    return ""


def value_of(field: Field, value: str) -> Any:
    """A condition's value in the type of the field's column: cents, days, thousandths, upper-case text."""
    if field.kind is Kind.CENTS:
        return int(parse_amount(value.strip().lstrip("$").replace(",", "")))
    if field.kind is Kind.DAY:
        return date.fromisoformat(value.strip())
    if field.kind is Kind.NUMBER:
        if not re.fullmatch(r"-?\d{1,9}", value.strip()):
            raise ValueError(value)
        return int(value) * (1000 if field.name == "units" else 1)
    plain = value.strip().upper()
    return plain.replace(".", "") if "diagnos" in field.name else plain


def _plain(condition: Condition) -> Condition:
    return msgspec.structs.replace(condition, values=tuple(value.strip() for value in condition.values))
