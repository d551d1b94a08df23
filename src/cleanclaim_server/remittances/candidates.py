"""Claims of ours that a payment without a match may be for: scored, with reasons, for a person to choose.

`cleanclaim.remittance.score_candidates` compares and scores; this module finds the claims to compare.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, Q

from cleanclaim.remittance import Candidate, CandidateLine, KnownClaim, ScoredCandidate, score_candidates
from cleanclaim.x12.sets.records import RemitClaim
from cleanclaim_server.claims.codes import PayerState
from cleanclaim_server.claims.models import Claim, ClaimLine
from cleanclaim_server.remittances.models import RemittanceClaim
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

POOL = 300
"""Claims that are compared, at most: the newest of those that share a day, a number's start or a name."""
SETTLED = (PayerState.PAID, PayerState.PARTLY_PAID, PayerState.DENIED, PayerState.PATIENT_SHARE)


@dataclass(frozen=True)
class Suggestion:
    """A claim of ours that may be meant, and why."""

    claim: Claim
    scored: ScoredCandidate


def suggest_claims(
    tenant: TenantContext | None, row: RemittanceClaim, answer: RemitClaim, *, limit: int = 3
) -> list[Suggestion]:
    """The claims in reach that come nearest to one answered claim, best first.

    Args:
        tenant: Who looks; only claims of the payment's own practice are offered.
        row: The claim payment without a claim.
        answer: Its content, as it was read from the file.
        limit: At most this many.

    Returns:
        Suggestions with a score of 1 to 100; claims that share nothing are left out.
    """
    claims = {
        claim.pk: claim
        for claim in _pool(visible(Claim.objects.filter(practice_id=row.practice_id), tenant), answer)
    }
    known = [_known(claim) for claim in claims.values()]
    payer_ids = [row.remittance.payer.payer_id] if row.remittance.payer_id else []
    scored = score_candidates(answer, known, most=limit, payer_ids=payer_ids)
    return [Suggestion(claims[UUID(one.key)], one) for one in scored]


def find_claims(
    tenant: TenantContext | None, practice_id: UUID, words: str, *, limit: int = 8
) -> list[Claim]:
    """Claims of the practice whose number, chart number or patient's last name begins with the words."""
    text = words.strip()[:50]
    if len(text) < 2:
        return []
    rows = visible(Claim.objects.filter(practice_id=practice_id), tenant)
    rows = rows.filter(
        Q(claim_number__istartswith=text)
        | Q(patient__last_name__istartswith=text)
        | Q(patient__chart_number__iexact=text)
    )
    return list(_with_facts(rows).order_by("-date_of_service", "claim_number")[:limit])


def _pool(rows, answer: RemitClaim) -> Iterable[Claim]:
    """Claims that share a day, the start of the number or the name; the newest of many."""
    days = {line.service_from or answer.service_from for line in answer.lines} | {answer.service_from}
    days -= {None}
    number, last_name = answer.claim_number.strip().upper(), answer.patient.name.strip()
    shared = Q()
    if days:
        shared |= Q(lines__date_of_service__in=days)
    if len(number) >= 5:
        shared |= Q(claim_number__istartswith=number[:-2])
    if last_name:
        shared |= Q(patient__last_name__iexact=last_name)
    if not shared:
        return []
    keys = rows.filter(shared).order_by("-date_of_service", "id").values_list("id", flat=True).distinct()
    return _with_facts(rows.filter(pk__in=list(keys[:POOL])))


def _with_facts(rows):
    lines = ClaimLine.objects.order_by("number")
    rows = rows.select_related("patient", "payer", "coverage").defer("frozen")
    return rows.prefetch_related(Prefetch("lines", queryset=lines))


def _known(claim: Claim) -> KnownClaim:
    lines = tuple(
        CandidateLine(str(line.pk), line.control_number, line.code, line.charge_cents, line.date_of_service)
        for line in claim.lines.all()
    )
    controls = (claim.payer_control_number,) if claim.payer_control_number else ()
    return KnownClaim(
        Candidate(
            str(claim.pk),
            claim.claim_number,
            claim.total_charge_cents,
            claim.coverage.member_id,
            controls,
            lines,
        ),
        claim.patient.last_name,
        claim.patient.first_name,
        payer_id=claim.payer.payer_id,
        is_answered=claim.payer_state in SETTLED,
    )
