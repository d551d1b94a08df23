"""Credits as lists: how much, whose, since when, why, and until when. All read from the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from cleanclaim.ledger import Account, EntryKind
from cleanclaim.ledger.credits import (
    PATIENT,
    CreditCause,
    PaymentSeen,
    patient_credit_cause,
    payer_credit_cause,
)
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.credits.deadlines import ReturnBy, return_by
from cleanclaim_server.credits.models import CreditDecision, DecisionKind, Refund, RefundState
from cleanclaim_server.ledger.models import Balance, Entry, Leg
from cleanclaim_server.tenancy.bulk import chunks
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

BY_PATIENT = frozenset({EntryKind.PATIENT_PAYMENT.value, EntryKind.APPLY_CREDIT.value})
PAID_BY_PAYER = frozenset({EntryKind.REMITTANCE_CLAIM.value, EntryKind.APPLY_UNAPPLIED.value})
SIDES = {"payer": Account.INSURANCE_RECEIVABLE, "patient": Account.PATIENT_RECEIVABLE}


@dataclass
class Credit:
    """A credit on one visit. `known_on` is the day on which it came into the books and stayed."""

    claim: Claim
    cents: int
    known_on: date
    cause: CreditCause
    clock: ReturnBy | None = None
    asked_cents: int = 0
    offset_since: date | None = None
    decisions: list[CreditDecision] = field(default_factory=list)

    @property
    def overdue_key(self) -> tuple:
        """Nearest day first, then without a day by age; ties by number."""
        on = self.clock.on if self.clock else None
        return (on is None, on or self.known_on, self.claim.claim_number)


def credits(
    tenant: TenantContext, side: str, today: date, *, claim_ids: Collection[UUID] | None = None
) -> list[Credit]:
    """Every credit of payers or of patients on visits, nearest deadline first.

    Args:
        side: ``payer`` or ``patient``.
        claim_ids: Only these.
    """
    rows = visible(Balance.objects.filter(account=SIDES[side].value, amount_cents__lt=0), tenant)
    if claim_ids is not None:
        rows = rows.filter(claim_id__in=claim_ids)
    cents = {row.claim_id: -row.amount_cents for row in rows}
    claims: dict[UUID, Claim] = {}
    for part in chunks(sorted(cents)):
        found = visible(Claim.objects.filter(pk__in=part), tenant)
        claims |= {row.pk: row for row in found.select_related("payer", "patient").defer("frozen")}
    histories, decisions, asked = _histories(claims), _decisions(claims), _asked(claims, side)
    result = []
    for key, claim in claims.items():
        one = _credit(claim, cents[key], side, histories.get(key, []))
        one.asked_cents, one.decisions = asked.get(key, 0), decisions.get(key, [])
        if side == "payer":
            one.clock = return_by(
                one.known_on,
                claim.payer.kind,
                filing_code=claim.payer.claim_filing_code,
                state=claim.rule_state,
                decisions=one.decisions,
                today=today,
            )
            one.offset_since = _awaited(one.decisions)
        result.append(one)
    return sorted(result, key=lambda one: one.overdue_key)


def _histories(claims: Collection[UUID]) -> dict[UUID, list[tuple]]:
    """Legs of claims as (learned, entry, kind, stands, account, cents, payer), in the order of learning."""
    legs: list[tuple] = []
    for part in chunks(sorted(claims)):
        legs += Leg.objects.filter(claim_id__in=part).values_list(
            "claim_id", "entry_id", "account", "amount_cents", "payer_id"
        )
    entries: dict[UUID, tuple] = {}
    for part in chunks(sorted({leg[1] for leg in legs})):
        for key, kind, learned, back, undone in Entry.objects.filter(pk__in=part).values_list(
            "id", "kind", "learned_at", "reverses_id", "reversed_by"
        ):
            entries[key] = (learned, key, kind, back is None and undone is None)
    found: dict[UUID, list] = {}
    for claim_id, entry_id, account, cents, payer_id in legs:
        found.setdefault(claim_id, []).append((*entries[entry_id], account, cents, payer_id))
    for rows in found.values():
        rows.sort(key=lambda row: (row[0], row[1], row[4], row[5]))
    return found


def _credit(claim: Claim, cents: int, side: str, rows: list[tuple]) -> Credit:
    account = SIDES[side].value
    total, since, known = 0, None, None
    payments: dict[tuple, int] = {}
    order: dict[UUID, int] = {}
    lowered: list[int] = []
    by_entry: dict[UUID, int] = {}
    for learned, entry_id, kind, stands, leg_account, amount, payer_id in rows:
        place = order.setdefault(entry_id, len(order))
        if leg_account == account:
            by_entry[entry_id] = by_entry.get(entry_id, 0) + amount
            known = learned
        if not stands:
            continue
        if leg_account == Account.DEPOSIT_CLEARING.value and kind in PAID_BY_PAYER:
            payments[entry_id, str(payer_id)] = payments.get((entry_id, str(payer_id)), 0) + amount
        elif leg_account == Account.PATIENT_RECEIVABLE.value and amount < 0:
            if kind in BY_PATIENT:
                payments[entry_id, PATIENT] = payments.get((entry_id, PATIENT), 0) - amount
            else:
                lowered.append(place)
    learned_of = {row[1]: row[0] for row in rows}
    for entry_id in sorted(order, key=order.__getitem__):
        moved = by_entry.get(entry_id, 0)
        if total >= 0 > total + moved:
            since = learned_of[entry_id]
        total += moved
    seen = [PaymentSeen(by, amount, order[entry_id]) for (entry_id, by), amount in payments.items()]
    cause = payer_credit_cause(seen) if side == "payer" else patient_credit_cause(seen, lowered)
    day = timezone.localtime(since or known).date()
    return Credit(claim, cents, day, cause)


def _decisions(claims: Collection[UUID]) -> dict[UUID, list[CreditDecision]]:
    found: dict[UUID, list[CreditDecision]] = {}
    for part in chunks(sorted(claims)):
        for row in CreditDecision.objects.filter(claim_id__in=part).order_by("made_at", "id"):
            found.setdefault(row.claim_id, []).append(row)
    return found


def _asked(claims: Collection[UUID], side: str) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for part in chunks(sorted(claims)):
        rows = Refund.objects.filter(claim_id__in=part, payee=side, state=RefundState.ASKED).order_by()
        found |= dict(rows.values_list("claim_id").annotate(cents=Sum("amount_cents")))
    return found


def _awaited(decisions: Iterable[CreditDecision]) -> date | None:
    since = None
    for one in decisions:
        if one.kind == DecisionKind.OFFSET:
            since = one.on
        elif one.kind == DecisionKind.OFFSET_ENDED:
            since = None
    return since


def totals(tenant: TenantContext) -> dict[str, tuple[int, int]]:
    """(how many, cents) of credits by side, from the cached balances."""
    found = {}
    for side, account in SIDES.items():
        rows = visible(Balance.objects.filter(account=account.value, amount_cents__lt=0), tenant)
        sums = rows.aggregate(n=Count("id"), cents=Sum("amount_cents"))
        found[side] = (sums["n"], -(sums["cents"] or 0))
    return found


def refunds(tenant: TenantContext, *, state: str = "") -> QuerySet[Refund]:
    """Refunds in reach, newest first."""
    rows = visible(Refund.objects.select_related("patient", "claim"), tenant).defer("claim__frozen")
    return (rows.filter(state=state) if state else rows).order_by("-asked_at", "-id")


def refunds_waiting(tenant: TenantContext) -> tuple[int, int]:
    """(how many, cents) of refunds that wait for approval."""
    sums = visible(Refund.objects.all(), tenant).filter(Q(state=RefundState.ASKED))
    found = sums.aggregate(n=Count("id"), cents=Sum("amount_cents"))
    return found["n"], found["cents"] or 0
