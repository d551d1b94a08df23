"""A rule as a value: conditions, one action, and why."""

from __future__ import annotations

import msgspec

from cleanclaim.claim import Claim
from cleanclaim.findings import Finding

STOP, ASK, WARN, SET, ADD_MODIFIER, ROUTE, HOLD_UNTIL = ACTIONS = (
    "stop",
    "ask",
    "warn",
    "set",
    "add_modifier",
    "route",
    "hold_until",
)
REPAIRS = frozenset({SET, ADD_MODIFIER})


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One condition: a field, an operator of its kind, and the operator's values as text.

    Amounts are dollars ("150.00"), days ISO dates, numbers plain digits. A value that is not known on a
    claim meets no condition.
    """

    field: str
    operator: str
    values: tuple[str, ...] = ()


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What happens to a claim that meets the conditions.

    Attributes:
        kind: stop, ask (stop unless a named person gives a reason), warn, set, add_modifier, route,
            hold_until.
        message: For stop, ask, warn, route and hold_until: the sentence that people see. Empty: the name.
        field: For set: one of `SETTABLE`.
        value: For set: the new value; for add_modifier: the modifier.
        role: For route: who is to look: biller, coder, clinician, manager, denial_specialist.
        until: For hold_until: an ISO date.
        days_after_service: For hold_until: days after the last date of service, in place of a date.
    """

    kind: str
    message: str = ""
    field: str = ""
    value: str = ""
    role: str = ""
    until: str = ""
    days_after_service: int | None = None


class PracticeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A rule that a biller wrote.

    Attributes:
        name: A few words; people find the rule by it.
        conditions: At least one, at most 20.
        action: What to do.
        match: all or any of the conditions. Conditions on service lines must hold on the same line.
        reason: Why the rule exists: the payer's letter, the denial that it prevents.
    """

    name: str
    conditions: tuple[Condition, ...]
    action: Action
    match: str = "all"
    reason: str = ""


class RuleInvalid(ValueError):
    """A rule that cannot be read: a field, operator, value or action outside the closed lists.

    Attributes:
        findings: One per fault, each with what was seen and what is allowed.
    """

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(finding.message for finding in findings))
        self.findings = findings


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change that a repair makes: what, where, before and after.

    Attributes:
        rule_key: The caller's key of the rule.
        field: ``modifiers`` or a settable field.
        line_number: 0 for the claim.
        needs_person: The change may alter what is paid, so a named person looks before the claim leaves.
    """

    rule_key: str
    field: str
    before: str
    after: str
    line_number: int = 0
    needs_person: bool = False


class Judged(msgspec.Struct, frozen=True):
    """What rules say of one claim.

    Attributes:
        claim: The claim, repaired where rules repair.
        changes: The repairs, in the order of the rules.
        findings: What is to be said, in the order of the rules, the repairs' notices among them.
        route_to: Role that the last matching route names, or ''.
        held_until: The latest ISO day that a hold names, or ''.
    """

    claim: Claim
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    route_to: str = ""
    held_until: str = ""
