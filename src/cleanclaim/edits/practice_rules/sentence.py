"""A rule as one plain sentence."""

from __future__ import annotations

from cleanclaim.edits.practice_rules import model
from cleanclaim.edits.practice_rules.actions import SETTABLE
from cleanclaim.edits.practice_rules.fields import FIELDS, OPERATORS, Field, Kind
from cleanclaim.edits.practice_rules.model import Action, Condition, PracticeRule


def sentence(rule: PracticeRule) -> str:
    """What the rule does, fit to be read aloud.

    Examples:
        >>> from cleanclaim.edits.practice_rules.reading import read_rule
        >>> sentence(read_rule({"name": "A", "conditions": [
        ...     {"field": "payer_id", "operator": "is", "values": ["60054"]},
        ...     {"field": "code", "operator": "one_of", "values": ["90834", "90837"]}],
        ...     "action": {"kind": "add_modifier", "value": "95"}}))
        'When the payer id is 60054 and the line’s code is 90834 or 90837: add modifier 95 to the line.'
    """
    told = [_condition(condition) for condition in rule.conditions]
    word = "and" if rule.match == "all" else "or"
    if len(told) == 1:
        when = told[0]
    elif len(told) == 2:
        when = f"{told[0]} {word} {told[1]}"
    else:
        when = ", ".join(told[:-1]) + f", {word} {told[-1]}"
    return f"When {when}: {_action(rule.action)}.".replace("'", "’")


def _condition(condition: Condition) -> str:
    field = FIELDS[condition.field]
    if field.kind is Kind.FLAG:
        return field.label if condition.operator == "yes" else _negated(field.label)
    operator = OPERATORS[field.kind][condition.operator]
    words = {"one_of": "is", "none_of": "is not"}.get(operator.name, operator.words)
    if operator.name == "between":
        low, high = (_value(field, value) for value in condition.values)
        return f"{field.label} {words} {low} and {high}"
    values = " or ".join(_value(field, value) for value in condition.values)
    return f"{field.label} {words} {values}".rstrip()


def _negated(label: str) -> str:
    """
    Examples:
        >>> _negated("the note is signed"), _negated("a facility is named")
        ('the note is not signed', 'no facility is named')
    """
    if label.startswith("a "):
        return "no " + label[2:]
    return label.replace(" is ", " is not ", 1) if " is " in label else label.replace(" a ", " no ", 1)


def _value(field: Field, value: str) -> str:
    if field.choices:
        return dict(field.choices)[value]
    return f"${value.lstrip('$')}" if field.kind is Kind.CENTS else value


def _action(action: Action) -> str:
    said = f" and say “{action.message}”" if action.message else ""
    match action.kind:
        case model.STOP:
            return f"stop the claim{said}"
        case model.ASK:
            return f"stop the claim until a named person gives a reason{said}"
        case model.WARN:
            return f"say “{action.message}”" if action.message else "tell it"
        case model.SET:
            settable = SETTABLE[action.field]
            return f"set {settable.label} to {action.value or 'nothing'}"
        case model.ADD_MODIFIER:
            return f"add modifier {action.value} to the line"
        case model.ROUTE:
            return f"hold the claim for the {action.role.replace('_', ' ')}{said}"
    until = action.until or f"{action.days_after_service} days after the last service"
    return f"hold the claim until {until}{said}"
