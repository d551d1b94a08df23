"""When a statement is due, and why not: facts of each visit for `cleanclaim.ledger.patient_balance`.

Everything is read in bulk; the decision is the core's.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import msgspec
from django.db.models import Max, Sum

from cleanclaim.ledger import Account
from cleanclaim.ledger.patient_balance import (
    HeldBecause,
    Share,
    Statement,
    StatementPolicy,
    plan_statement,
)
from cleanclaim_server.claims.codes import ADJUDICATED, Lifecycle
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.models import Balance, Entry, Leg
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.statements.models import PatientStatement
from cleanclaim_server.tenancy.bulk import chunks

SETTING = "statements"
DAYS_BETWEEN = 28
WORDS: dict[HeldBecause, str] = {
    HeldBecause.INSURANCE_PENDING: "Insurance still owes on this visit",
    HeldBecause.DENIAL_OPEN: "A denial of this visit is open",
    HeldBecause.NEXT_PAYER: "The next payer has not answered",
    HeldBecause.NEVER_BILL: "Medicaid or QMB: nothing may be asked of the patient",
    HeldBecause.LAW_UNCHECKED: "A balance bill that nobody has checked",
    HeldBecause.TOO_FRESH: "Its first days are not over",
    HeldBecause.TOO_SMALL: "Together below the least amount",
}


class Settings(msgspec.Struct, frozen=True):
    """A practice's policy of statements, as its settings keep it."""

    hold_while_insurance_pending: bool = True
    hold_while_denial_open: bool = True
    days_after_due: int = 0
    least_cents: int = 100
    days_between: int = DAYS_BETWEEN

    @property
    def policy(self) -> StatementPolicy:
        return StatementPolicy(
            self.hold_while_insurance_pending,
            self.hold_while_denial_open,
            self.days_after_due,
            self.least_cents,
        )


def settings_of(practice: Practice) -> Settings:
    """The practice's policy; what it does not say is the careful default."""
    return msgspec.convert(practice.settings.get(SETTING, {}), Settings)


@dataclass(frozen=True)
class Due:
    """What a statement of today would be for one patient, and when the last one left."""

    practice_id: UUID
    patient_id: UUID
    statement: Statement
    last_on: date | None
    again_on: date | None
    """While the last one is fresh: the day from which the next may leave."""

    @property
    def is_due(self) -> bool:
        return bool(self.statement.lines) and self.again_on is None

    @property
    def held_cents(self) -> int:
        return sum(one.amount_cents for one in self.statement.held)

    @property
    def why(self) -> str:
        """In one sentence, why nothing is asked for; empty when a statement is due."""
        if self.is_due:
            return ""
        if self.statement.lines:
            last, again = f"{self.last_on:%-d %B %Y}", f"{self.again_on:%-d %B %Y}"
            return f"Asked on {last}; again from {again}."
        words = dict.fromkeys(WORDS[one.because] for one in self.statement.held)
        return "; ".join(words) + "." if words else "Nothing is owed."


def due_statements(
    practice: Practice, today: date, *, patient_ids: Collection[UUID] | None = None
) -> list[Due]:
    """Every patient of a practice who owes something, with what may be asked for today and what not.

    See `due_of_practices`.
    """
    return due_of_practices([practice], today, patient_ids=patient_ids)


def due_of_practices(
    practices: Collection[Practice], today: date, *, patient_ids: Collection[UUID] | None = None
) -> list[Due]:
    """As `due_statements`, for many practices in a number of queries that does not grow with them.

    Args:
        patient_ids: Only these.

    Returns:
        Dearest first, then by id.
    """
    settings_by = {practice.pk: settings_of(practice) for practice in practices}
    ids = list(settings_by)
    shares, homes = _shares(ids, any(one.days_after_due for one in settings_by.values()), patient_ids)
    last, credit = _last(ids, shares), _unapplied(ids, shares)
    found = []
    for patient_id, mine in shares.items():
        settings = settings_by[homes[patient_id]]
        planned = plan_statement(
            mine,
            today=today,
            unapplied_credit_cents=credit.get(patient_id, 0),
            policy=settings.policy,
        )
        on = last.get(patient_id)
        again = on + timedelta(days=settings.days_between) if on else None
        found.append(
            Due(homes[patient_id], patient_id, planned, on, again if again and today < again else None)
        )
    return sorted(found, key=lambda one: (-one.statement.total_cents, -one.held_cents, str(one.patient_id)))


def _shares(
    ids: list[UUID], with_days: bool, patient_ids: Collection[UUID] | None
) -> tuple[dict[UUID, list[Share]], dict[UUID, UUID]]:
    """The visits of each patient who owes something on one, with a balance on a side; their practices."""
    owing = Balance.objects.filter(
        practice_id__in=ids, account=Account.PATIENT_RECEIVABLE.value, amount_cents__gt=0
    )
    people = Claim.objects.filter(practice_id__in=ids, pk__in=owing.values("claim_id"))
    if patient_ids is not None:
        people = people.filter(patient_id__in=list(patient_ids))
    roots: dict[UUID, tuple] = {}
    homes: dict[UUID, UUID] = {}
    balances: dict[UUID, dict[str, int]] = {}
    for part in chunks(sorted(set(people.values_list("patient_id", flat=True)))):
        mine = Claim.objects.filter(practice_id__in=ids, patient_id__in=part)
        rows = Balance.objects.filter(practice_id__in=ids, claim_id__in=mine.values("pk"))
        for claim_id, account, cents in rows.exclude(amount_cents=0).values_list(
            "claim_id", "account", "amount_cents"
        ):
            balances.setdefault(claim_id, {})[account] = cents
        for key, home, *facts in mine.values_list(
            "pk", "practice_id", "patient_id", "family_id", "date_of_service"
        ):
            roots[key] = tuple(facts)
            homes[facts[0]] = home
    sided = [
        key
        for key, own in balances.items()
        if own.get(Account.PATIENT_RECEIVABLE.value) or own.get(Account.INSURANCE_RECEIVABLE.value)
    ]
    families = {roots[key][1] for key in sided}
    waiting, never = _other_payers(ids, families)
    denied = _denied(ids, families)
    since = _due_since(ids, sided) if with_days else {}
    found: dict[UUID, list[Share]] = {}
    for key in sided:
        patient_id, family_id, on = roots[key]
        own = balances[key]
        found.setdefault(patient_id, []).append(
            Share(
                claim_id=str(key),
                patient_cents=own.get(Account.PATIENT_RECEIVABLE.value, 0),
                service_on=on,
                insurance_cents=own.get(Account.INSURANCE_RECEIVABLE.value, 0),
                denied_open_cents=denied.get(family_id, 0),
                awaits_next_payer=family_id in waiting,
                never_bill_patient=family_id in never or Account.QMB_ADJUSTMENTS.value in own,
                due_since=since.get(key),
            )
        )
    return found, homes


def _other_payers(ids: list[UUID], families: Collection[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Families whose next payer has not answered, and those that a Medicaid payer is billed for."""
    waiting: set[UUID] = set()
    never: set[UUID] = set()
    for part in chunks(sorted(families)):
        rows = Claim.objects.filter(practice_id__in=ids, family_id__in=part)
        for family, sequence, lifecycle, state, kind in rows.values_list(
            "family_id", "sequence", "lifecycle", "payer_state", "payer__kind"
        ):
            if kind == "medicaid":
                never.add(family)
            if sequence != "P" and lifecycle != Lifecycle.CLOSED and state not in ADJUDICATED:
                waiting.add(family)
    return waiting, never


def _denied(ids: list[UUID], families: Collection[UUID]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for part in chunks(sorted(families)):
        rows = Denial.objects.filter(
            practice_id__in=ids, claim__family_id__in=part, state__in=("open", "working")
        ).order_by()
        found |= dict(rows.values_list("claim__family_id").annotate(cents=Sum("amount_cents")))
    return found


def _due_since(ids: list[UUID], claims: Collection[UUID]) -> dict[UUID, date]:
    """The last day on which a share rose."""
    found: dict[UUID, date] = {}
    for part in chunks(sorted(claims)):
        legs = Leg.objects.filter(
            practice_id__in=ids,
            claim_id__in=part,
            account=Account.PATIENT_RECEIVABLE.value,
            amount_cents__gt=0,
        )
        days = dict(
            Entry.objects.filter(practice_id__in=ids, pk__in=legs.values("entry_id")).values_list(
                "pk", "happened_on"
            )
        )
        for claim_id, entry_id in legs.values_list("claim_id", "entry_id"):
            found[claim_id] = max(found.get(claim_id, date.min), days[entry_id])
    return found


def _last(ids: list[UUID], patients: Collection[UUID]) -> dict[UUID, date]:
    found: dict[UUID, date] = {}
    for part in chunks(sorted(patients)):
        rows = PatientStatement.objects.filter(practice_id__in=ids, patient_id__in=part).order_by()
        found |= dict(rows.values_list("patient_id").annotate(last=Max("made_on")))
    return found


def _unapplied(ids: list[UUID], patients: Collection[UUID]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for part in chunks(sorted(patients)):
        legs = Leg.objects.filter(
            practice_id__in=ids, patient_id__in=part, account=Account.PATIENT_CREDITS.value
        ).order_by()
        found |= dict(legs.values_list("patient_id").annotate(cents=-Sum("amount_cents")))
    return found
