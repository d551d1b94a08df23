"""Opening denials from a posting plan, explained, and closing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from cleanclaim.claim import PayerKind
from cleanclaim.denials import ClaimFacts, DenialExplanation, explain
from cleanclaim.remittance import DenialItem
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.denials.deadlines import answer_by
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.rulebook.queries import book_of
from cleanclaim_server.work.bulk import chunks, create_rows

_explained = lru_cache(maxsize=4096)(explain)


def open_denials(
    practice_id: UUID,
    items: Sequence[DenialItem],
    *,
    claim_of: Callable[[DenialItem], Claim],
    line_of: Callable[[DenialItem], UUID | None],
    answer_of: Callable[[DenialItem], UUID],
    denied_on: date,
    proof_of: Callable[[Claim], bool] = lambda claim: claim.accepted_at is not None,
    authorized: Callable[[Claim], bool | None] = lambda claim: None,
) -> list[Denial]:
    """Write one denial for each denied amount of a plan, with cause and likeliest steps.

    Args:
        claim_of, line_of, answer_of: Our claim, line id and `RemittanceClaim` id of an item.
        denied_on: The payment's day.
    """
    # A reversal closes; the denial it closes is told so by `reverse_denials`.
    items = [item for item in items if item.amount_cents > 0]
    if not items:
        return []
    rules = book_of(Practice.objects.values_list("agency_id", flat=True).get(pk=practice_id))
    rows = []
    for item in items:
        claim = claim_of(item)
        facts = ClaimFacts(
            payer_kind=_kind(claim.payer.kind),
            has_filing_proof=proof_of(claim),
            has_authorization=authorized(claim),
        )
        limit = answer_by(claim, denied_on, rules)
        why = _explained(item.group, item.carc, item.remarks, facts)
        rows.append(
            Denial(
                practice_id=practice_id,
                claim=claim,
                claim_line_id=line_of(item),
                remittance_claim_id=answer_of(item),
                group=item.group,
                reason=item.carc,
                remarks=list(item.remarks),
                amount_cents=item.amount_cents,
                category=item.category[:40],
                cause=(item.cause if item.is_variance and item.cause else why.cause)[:300],
                action_code=item.action_code[:40],
                steps=_steps(why),
                denied_on=denied_on,
                due_on=limit.on,
                due_enforceable=limit.enforceable,
            )
        )
    create_rows(Denial, rows)
    return rows


def _kind(text: str) -> PayerKind | None:
    try:
        return PayerKind(text)
    except ValueError:
        return None


def _steps(why: DenialExplanation) -> list[dict]:
    """Steps in order; guards after them, marked."""
    steps = [{"step": step, "kind": "step"} for step in why.steps]
    return steps + [{"step": guard, "kind": "guard"} for guard in why.guards]


def reverse_denials(answer_ids: Sequence[UUID], *, now: datetime, reason: str) -> int:
    """Close the open denials of these claim payments: what they denied was taken back."""
    closed = 0
    for part in chunks(list(answer_ids)):
        closed += Denial.objects.filter(remittance_claim_id__in=part, state__in=("open", "working")).update(
            state="reversed", closed_at=now, closed_reason=reason[:200]
        )
    return closed


def reopen_denials(practice_id: UUID, *, reason: str) -> int:
    """Open again what was reversed for exactly this reason: the act that reversed it was undone."""
    rows = Denial.objects.filter(practice_id=practice_id, state="reversed", closed_reason=reason)
    return rows.update(state="open", closed_at=None, closed_reason="")
