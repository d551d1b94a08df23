"""A dry run of posting policies over the payments of the last month. Nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from uuid import UUID

from cleanclaim.remittance import PriorState, plan
from cleanclaim.remittance.balance import balance
from cleanclaim_server.cycle.accounts import open_books, prior_claims
from cleanclaim_server.postingrules.resolving import Policy, policy_of
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import Remittance, RemittanceClaim, RemittanceState
from cleanclaim_server.remittances.queries import content_of
from cleanclaim_server.work.bulk import chunks

DAYS = 31
PAYMENTS_MOST = 500
JUDGED = (RemittanceState.POSTED, RemittanceState.READY, RemittanceState.UNDONE)


@dataclass(frozen=True)
class Trial:
    """What policies would have held of the balanced payments of some days. Counts and cents only."""

    payments: int = 0
    claims: int = 0
    held_payments: int = 0
    held_claims: int = 0
    held_parts: int = 0
    held_cents: int = 0
    looks: int = 0
    days: int = DAYS
    is_cut: bool = False
    """There were more payments; the newest were tried."""

    def as_data(self) -> dict:
        return asdict(self)


def try_policies(practice: Practice, policies: Sequence[Policy], *, today: date, days: int = DAYS) -> Trial:
    """Plan the balanced payments of the last days anew under these policies.

    Args:
        policies: All that would be in force, not only the new one.

    What a policy holds depends on what payers said and on the coverage on file, not on balances, so that
    planning against today's books gives the answer of that day.
    """
    rows = Remittance.objects.filter(
        practice=practice, state__in=JUDGED, received_at__date__gte=today - timedelta(days=days)
    ).select_related("payer", "inbox")
    found = list(rows.order_by("-received_at", "-id")[: PAYMENTS_MOST + 1])
    cut, found = len(found) > PAYMENTS_MOST, found[:PAYMENTS_MOST]
    answered: dict[UUID, dict[int, UUID]] = {row.pk: {} for row in found}
    for part in chunks(list(answered)):
        claims = RemittanceClaim.objects.filter(
            practice=practice, remittance_id__in=part, claim__isnull=False
        )
        for remittance_id, number, claim_id in claims.values_list("remittance_id", "number", "claim_id"):
            answered[remittance_id][number - 1] = claim_id
    books = open_books(practice.pk, {key for matched in answered.values() for key in matched.values()})
    prior = {one.claim_number: one for one in prior_claims(practice.pk, books, with_history=False)}
    total = {"claims": 0, "held_payments": 0, "held_claims": 0, "held_parts": 0, "held_cents": 0, "looks": 0}
    payments = 0
    for row in found:
        if row.inbox is None:
            continue
        content = content_of(row.inbox)
        if not balance(content).balanced:
            continue
        payments += 1
        matches = {
            index: books.root[key].claim_number
            for index, key in answered[row.pk].items()
            if key in books.root
        }
        mine = tuple({number: prior[number] for number in matches.values()}.values())
        policy = policy_of(practice.pk, row.payer, content, policies).policy
        done = plan(content, PriorState(mine), policy, matches=matches)
        total["claims"] += len(content.claims)
        total["held_payments"] += bool(done.held)
        total["held_claims"] += len({one.clp_index for one in done.held})
        total["held_parts"] += len(done.held)
        total["held_cents"] += sum(one.amount_cents for one in done.held)
        total["looks"] += len(done.queued)
    return Trial(payments=payments, days=days, is_cut=cut, **total)
