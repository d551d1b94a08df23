"""When something is late at the bank, and from how much on a shortfall is asked for: a practice's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from cleanclaim_server.cycle.banking import policy as bank
from cleanclaim_server.cycle.banking import run_matching
from cleanclaim_server.cycle.underpayments import policy as underpaid
from cleanclaim_server.cycle.underpayments.collecting import collect_waiting
from cleanclaim_server.practice.actions import save_policy
from cleanclaim_server.practice.models import Practice


@dataclass(frozen=True)
class Followed:
    """What a change of thresholds led to at once."""

    alarms: int = 0
    """Opened at the bank; those that are no longer due were closed."""
    lines: int = 0
    """Shortfalls paid earlier that came into projects."""


@transaction.atomic
def change_thresholds(
    practice: Practice,
    banking: bank.BankPolicy,
    underpayments: underpaid.UnderpaymentPolicy,
    *,
    now: datetime,
    today: date,
) -> Followed:
    """Keep a practice's thresholds and let what is open follow them.

    A lower threshold of shortfalls reaches what was paid before; a higher one takes nothing out of a project.
    """
    alarms = lines = 0
    days = banking != bank.policy_of(practice)
    lower = underpayments.least_cents < underpaid.policy_of(practice).least_cents
    save_policy(practice, bank.SETTING, banking)
    save_policy(practice, underpaid.SETTING, underpayments)
    if days:
        alarms = run_matching(practice.pk, now=now, today=today).opened
    if lower:
        lines = collect_waiting(practice.pk, now=now, today=today)
    return Followed(alarms, lines)
