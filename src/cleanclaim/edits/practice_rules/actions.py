"""The closed list of actions: which fields may be set, which modifiers may be added by rule."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import NamedTuple

from cleanclaim.edits.practice_rules.model import ACTIONS, ADD_MODIFIER, HOLD_UNTIL, ROUTE, SET, Action
from cleanclaim_data import loader


class Settable(NamedTuple):
    """A field that a rule may set, and whether a person must look at the change."""

    label: str
    level: str
    pattern: str
    example: str
    needs_person: bool = False


SETTABLE: dict[str, Settable] = {
    "place_of_service": Settable("the place of service", "claim", r"\d{2}", "10", needs_person=True),
    "claim_filing_code": Settable("the claim filing code", "claim", r"[A-Z0-9]{2}", "CI"),
    "insurance_type": Settable("the insurance type", "claim", r"\d{2}|", "12"),
    "group_number": Settable("the group number", "claim", r"[A-Za-z0-9 -]{0,50}", "10001"),
    "accept_assignment": Settable("the assignment code", "claim", r"[ABC]", "A"),
    "benefits_assigned": Settable("the benefits assignment", "claim", r"[YNW]", "Y"),
    "release_of_information": Settable("the release of information", "claim", r"[YI]", "Y"),
    "line_note": Settable("the line's note", "line", r"[A-Za-z0-9 .,/-]{0,80}", "NO PRIOR COVERAGE"),
}
"""Never here: money, codes, units, diagnoses, people. A rule does not change what was done or who did it."""

PAYMENT_MODIFIERS = frozenset("22 24 25 27 52 53 57 58 59 76 77 78 79 91 XE XP XS XU".split())
"""Modifiers that unbundle or reprice. They need the record of that visit, so no rule adds them."""

ROLES = ("biller", "coder", "clinician", "manager", "denial_specialist")
_MOST_DAYS = 365


@cache
def _listed(table: str) -> frozenset[str]:
    column = {"modifiers": "modifier", "places_of_service": "pos"}[table]
    return frozenset(row[column] for row in loader.read_csv(f"codesets/{table}.csv"))


def faults(action: Action) -> list[tuple[str, str, str]]:
    """What is wrong with an action: (what, seen, allowed), empty when it can be carried out."""
    if action.kind not in ACTIONS:
        return [("action", action.kind, ", ".join(ACTIONS))]
    if action.kind == SET:
        return _faults_of_set(action)
    if action.kind == ADD_MODIFIER:
        return _faults_of_modifier(action.value)
    if action.kind == ROUTE and action.role not in ROLES:
        return [("role", action.role, ", ".join(ROLES))]
    if action.kind == HOLD_UNTIL:
        return _faults_of_hold(action)
    return []


def _faults_of_set(action: Action) -> list[tuple[str, str, str]]:
    settable = SETTABLE.get(action.field)
    if settable is None:
        return [("field to set", action.field, ", ".join(SETTABLE))]
    if re.fullmatch(settable.pattern, action.value) is None:
        return [(f"value of {settable.label}", action.value, f"such as {settable.example}")]
    if action.field == "place_of_service" and action.value not in _listed("places_of_service"):
        return [("place of service", action.value, "a code of the CMS list")]
    return []


def _faults_of_modifier(value: str) -> list[tuple[str, str, str]]:
    if value in PAYMENT_MODIFIERS:
        return [("modifier", value, "one that does not change the payment: a person adds this one")]
    if re.fullmatch(r"[A-Z0-9]{2}", value) is None or value not in _listed("modifiers"):
        return [("modifier", value, "a modifier of the code list")]
    return []


def _faults_of_hold(action: Action) -> list[tuple[str, str, str]]:
    if (action.days_after_service is None) == (not action.until):
        return [("hold", action.until or "nothing", "a date, or a number of days after the service")]
    if action.days_after_service is not None and not 1 <= action.days_after_service <= _MOST_DAYS:
        return [("days to hold", str(action.days_after_service), f"1 to {_MOST_DAYS}")]
    if action.until:
        try:
            date.fromisoformat(action.until)
        except ValueError:
            return [("hold until", action.until, "a date such as 2026-12-31")]
    return []
