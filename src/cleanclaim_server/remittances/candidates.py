"""Claims of ours that a payment without a match may be for: scored, with reasons, for a person to choose.

Nothing here decides. The score adds up from five facts that the payer's answer and our claim share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Prefetch, Q
from rapidfuzz import fuzz

from cleanclaim.x12.sets.records import RemitClaim
from cleanclaim_server.claims.codes import PayerState
from cleanclaim_server.claims.models import Claim, ClaimLine
from cleanclaim_server.remittances.models import RemittanceClaim
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

NUMBER, PATIENT, DAY, CODE, CHARGE = 30, 25, 20, 10, 15
"""What each fact is worth when it agrees wholly; together 100."""
ANSWERED = 10
"""Taken off a claim that a payer has answered already."""
LEAST_ALIKE = 0.7
NEAR_DAYS = 7
POOL = 300
SETTLED = (PayerState.PAID, PayerState.PARTLY_PAID, PayerState.DENIED, PayerState.PATIENT_SHARE)
_PUNCTUATION = re.compile(r"[^A-Z0-9]")


@dataclass(frozen=True)
class Reason:
    """One fact, and whether it agrees."""

    text: str
    ok: bool


@dataclass(frozen=True)
class Suggestion:
    """A claim of ours that may be meant."""

    claim: Claim
    score: int
    reasons: Sequence[Reason] = field(default_factory=tuple)


@dataclass(frozen=True)
class _Asked:
    """What the payer wrote, folded for comparing."""

    number: str
    last_name: str
    first_name: str
    days: frozenset[date]
    codes: frozenset[str]
    charge_cents: int


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
    asked = _asked(answer)
    claims = visible(Claim.objects.filter(practice_id=row.practice_id), tenant)
    found = [_score(asked, claim) for claim in _pool(claims, asked)]
    found = [one for one in found if one.score > 0]
    found.sort(key=lambda one: (-one.score, one.claim.claim_number))
    return found[:limit]


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


def _asked(answer: RemitClaim) -> _Asked:
    days = {line.service_from or answer.service_from for line in answer.lines} | {answer.service_from}
    return _Asked(
        _bare(answer.claim_number),
        _bare(answer.patient.name),
        _bare(answer.patient.first_name),
        frozenset(day for day in days if day),
        frozenset(line.submitted_code or line.code for line in answer.lines),
        abs(answer.charge_cents),
    )


def _pool(rows, asked: _Asked) -> Iterable[Claim]:
    """Claims that share a day, the start of the number or the name; the newest of many."""
    shared = Q()
    if asked.days:
        shared |= Q(lines__date_of_service__in=asked.days)
    if len(asked.number) >= 4:
        shared |= Q(claim_number__istartswith=asked.number[:-2])
    if asked.last_name:
        shared |= Q(patient__last_name__iexact=asked.last_name)
    if not shared:
        return []
    keys = (
        rows.filter(shared).order_by("-date_of_service", "id").values_list("id", flat=True).distinct()[:POOL]
    )
    return _with_facts(rows.filter(pk__in=list(keys)))


def _with_facts(rows):
    lines = ClaimLine.objects.order_by("number")
    return rows.select_related("patient").defer("frozen").prefetch_related(Prefetch("lines", queryset=lines))


def _score(asked: _Asked, claim: Claim) -> Suggestion:
    lines = list(claim.lines.all())
    days = {line.date_of_service for line in lines} or {claim.date_of_service}
    codes = {line.code for line in lines}
    reasons: list[Reason] = []
    points = 0

    alike = fuzz.ratio(asked.number, _bare(claim.claim_number)) / 100 if asked.number else 0.0
    if alike >= LEAST_ALIKE:
        points += round(NUMBER * alike)
        reasons.append(Reason("Number" if alike == 1 else f"Number is {round(100 * alike)}% alike", True))
    else:
        reasons.append(Reason("Other number", False))

    last, first = _bare(claim.patient.last_name), _bare(claim.patient.first_name)
    if asked.last_name and asked.last_name == last:
        same_first = bool(asked.first_name) and asked.first_name[:1] == first[:1]
        points += PATIENT if same_first else PATIENT - 10
        reasons.append(Reason("Patient" if same_first else "Last name only", same_first))
    else:
        reasons.append(Reason("Other patient" if asked.last_name else "No patient named", False))

    if asked.days & days:
        points += DAY
        reasons.append(Reason("Date", True))
    elif asked.days:
        apart = min(abs((one - other).days) for one in asked.days for other in days)
        points += 5 if apart <= NEAR_DAYS else 0
        reasons.append(Reason(f"Date differs by {apart} day{'' if apart == 1 else 's'}", False))

    if asked.codes & codes:
        points += CODE if asked.codes == codes else CODE - 4
        reasons.append(Reason("Code", True))
    else:
        reasons.append(Reason("Other code", False))

    if asked.charge_cents == claim.total_charge_cents:
        points += CHARGE
        reasons.append(Reason("Charge", True))
    else:
        reasons.append(Reason("Other charge", False))

    if claim.payer_state in SETTLED:
        points -= ANSWERED
        reasons.append(Reason(f"Already answered: {PayerState(claim.payer_state).label.lower()}", False))
    return Suggestion(claim, max(points, 0), tuple(reasons))


def _bare(text: str) -> str:
    return _PUNCTUATION.sub("", text.upper())
