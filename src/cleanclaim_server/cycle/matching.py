"""Which claims and lines of ours a payment answers, found with a handful of queries for any size."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from uuid import UUID

from cleanclaim.remittance import (
    Candidate,
    CandidateLine,
    PayerHint,
    match_by_hints,
    match_claims,
    match_lines,
)
from cleanclaim.remittance.hints import HintEffect, apply_hint
from cleanclaim.x12.sets.records import RemitClaim
from cleanclaim_server.claims.models import Claim, ClaimLine
from cleanclaim_server.postingrules.hints import hints_of
from cleanclaim_server.remittances.actions import Answered
from cleanclaim_server.work.bulk import chunks

SUFFIX_MAX = 4
FACTS_LIMIT = 500
"""Claims of ours that are opened to compare member numbers, at most; facts only ever suggest."""
_PUNCTUATION = re.compile(r"[^A-Z0-9]")


def match_answers(
    practice_id: UUID, claims: Sequence[RemitClaim], payer_numbers: Sequence[str] = ()
) -> list[Answered]:
    """Match every CLP of a payment to a claim of one practice; one answer each, in file order.

    A match that is not safe (by facts alone, or with another charge) names no claim: its text says
    what a person may confirm. What no number settles is tried with what decisions about this payer taught.

    Args:
        payer_numbers: Every number under which the payer is known.
    """
    rows = _by_numbers(practice_id, claims)
    missing = [claim for claim in claims if claim.claim_number.strip().upper() not in rows["numbers"]]
    ids = set(rows["ids"])
    if missing:
        ids |= _by_spelling(practice_id, missing)
    hints = hints_of(practice_id, payer_numbers) if missing and payer_numbers else ()
    if hints:
        ids |= _by_hints(practice_id, missing, hints)
    members = _by_facts(practice_id, missing) if missing else {}
    ids |= set(members)
    candidates, lines = _candidates(practice_id, ids, members)
    answers = []
    for claim, match in zip(claims, match_claims(claims, candidates), strict=True):
        if (match.key is None or not match.safe) and hints:
            learnt = match_by_hints(claim, candidates, hints, payer_numbers)
            match = learnt if learnt is not None else match
        if match.key is None or not match.safe:
            answers.append(Answered(match=match))
            continue
        answers.append(Answered(UUID(match.key), answered_lines(claim, lines.get(match.key, ())), match))
    return answers


def answered_lines(claim: RemitClaim, lines: Sequence[CandidateLine]) -> dict[int, UUID]:
    """Which of our lines each SVC answers: place in the CLP, from 1 -> line id."""
    return {place: UUID(key) for place, key in match_lines(claim, lines).items()}


def candidate_lines(practice_id: UUID, claim_ids: Iterable[UUID]) -> dict[str, list[CandidateLine]]:
    """Our lines as matching takes them, by claim id."""
    found: dict[str, list[CandidateLine]] = {}
    rows = ClaimLine.objects.filter(practice_id=practice_id, claim_id__among=set(claim_ids))
    for key, claim_id, control, code, charge, day, modifiers in rows.order_by("number").values_list(
        "id", "claim_id", "control_number", "code", "charge_cents", "date_of_service", "modifiers"
    ):
        split = tuple(part for part in re.split(r"[\s,:]+", modifiers) if part) if modifiers else ()
        line = CandidateLine(str(key), control, code, charge, day, split)
        found.setdefault(str(claim_id), []).append(line)
    return found


def _by_numbers(practice_id: UUID, claims: Sequence[RemitClaim]) -> dict[str, set]:
    numbers = {claim.claim_number.strip().upper() for claim in claims} - {""}
    found: dict[str, set] = {"ids": set(), "numbers": set()}
    own = Claim.objects.filter(practice_id=practice_id)
    for key, number in own.filter(claim_number__among=numbers).values_list("id", "claim_number"):
        found["ids"].add(key)
        found["numbers"].add(number)
    controls = {line.line_control.strip() for claim in claims for line in claim.lines} - {""}
    rows = ClaimLine.objects.filter(practice_id=practice_id, control_number__among=controls)
    found["ids"].update(rows.values_list("claim_id", flat=True))
    return found


def _by_spelling(practice_id: UUID, claims: Sequence[RemitClaim]) -> set[UUID]:
    """Numbers that a payer changed: punctuation, leading zeros, a suffix; and payer control numbers."""
    stems: set[str] = set()
    for claim in claims:
        bare = _PUNCTUATION.sub("", claim.claim_number.upper())
        for text in (bare, bare.lstrip("0")):
            stems.update(
                text[: len(text) - cut] for cut in range(SUFFIX_MAX + 1) if len(text) - cut >= SUFFIX_MAX
            )
    controls = sorted({claim.payer_control_number.strip() for claim in claims} - {""})
    own, found = Claim.objects.filter(practice_id=practice_id), set()
    for part in chunks(sorted(stems)):
        found.update(own.filter(claim_number__in=part).values_list("id", flat=True))
    for part in chunks(controls):
        found.update(own.filter(payer_control_number__in=part).values_list("id", flat=True))
    return found


def _by_hints(practice_id: UUID, claims: Sequence[RemitClaim], hints: Sequence[PayerHint]) -> set[UUID]:
    """Claims whose numbers come out when a hint is applied to the payer's."""
    numbers: set[str] = set()
    digits: set[str] = set()
    for claim in claims:
        for hint in hints:
            number = apply_hint(hint, claim.claim_number)
            if number:
                (digits if hint.effect is HintEffect.KEEP_DIGITS else numbers).add(number)
    own, found = Claim.objects.filter(practice_id=practice_id), set()
    for part in chunks(sorted(numbers)):
        found.update(own.filter(claim_number__in=part).values_list("id", flat=True))
    for number in sorted(digits)[:FACTS_LIMIT]:
        found.update(own.filter(claim_number__endswith=number).values_list("id", flat=True))
    return found


def _by_facts(practice_id: UUID, claims: Sequence[RemitClaim]) -> dict[UUID, str]:
    """Claims with the day and code of an answer, with their member numbers."""
    days = {line.service_from or claim.service_from for claim in claims for line in claim.lines} - {None}
    codes = {line.submitted_code or line.code for claim in claims for line in claim.lines}
    rows = (
        Claim.objects.filter(
            practice_id=practice_id,
            lines__date_of_service__in=days,
            lines__code__in=codes,
            first_sent_at__isnull=False,
        )
        .select_related("coverage")
        .defer("frozen")
        .distinct()[:FACTS_LIMIT]
    )
    return {row.pk: row.coverage.member_id for row in rows}


def _candidates(
    practice_id: UUID, ids: set[UUID], members: dict[UUID, str]
) -> tuple[list[Candidate], dict[str, list[CandidateLine]]]:
    lines = candidate_lines(practice_id, ids)
    candidates = []
    rows = Claim.objects.filter(practice_id=practice_id, pk__among=ids).order_by("pk")
    for key, number, charge, control in rows.values_list(
        "id", "claim_number", "total_charge_cents", "payer_control_number"
    ):
        own = tuple(lines.get(str(key), ()))
        controls = (control,) if control else ()
        candidates.append(Candidate(str(key), number, charge, members.get(key, ""), controls, own))
    return candidates, lines
