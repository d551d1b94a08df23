"""Paid lines from a claim as sent and all that its payer answered, for comparing and for learning rates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from cleanclaim.claim import Adjustment, Claim, ServiceLine
from cleanclaim.pricing.contracts import Observation
from cleanclaim.pricing.underpayment.comparing import allowed_of
from cleanclaim.pricing.underpayment.records import PaidLine
from cleanclaim.remittance.matching import CandidateLine, match_lines
from cleanclaim.remittance.nextpayer.telling import Answer, last_words, newest_control_number
from cleanclaim.x12.sets.records import RemitLine


class _Part(msgspec.Struct, frozen=True):
    line: RemitLine
    paid_on: date | None
    received_on: date | None
    interest_cents: int


def paid_lines(claim: Claim, answers: Sequence[Answer]) -> list[PaidLine]:
    """The payer's last word on each line of a claim.

    Args:
        claim: What was sent; its rendering clinician, place and plan are the contract's facts.
        answers: Everything that the payer answered to it, reversals too, oldest first.

    Returns:
        One per line of ours that an answer names, in line order. Lines that the payer divided are added up;
        what was reversed is left out. Claim-level adjustments belong to no line: a claim that has them is
        left out whole, since its lines' payments are not what was paid.
    """
    standing = last_words(answers)
    if any(item.amount_cents for answer in standing for item in answer.claim.adjustments):
        return []
    own = [_candidate(line) for line in claim.lines]
    parts: dict[int, list[_Part]] = {}
    for answer in standing:
        interest = sum(cents for kind, cents in answer.claim.amounts if kind == "I")
        for place, key in sorted(match_lines(answer.claim, own).items()):
            line = answer.claim.lines[place - 1]
            part = _Part(line, answer.paid_on, answer.claim.received_on, interest)
            parts.setdefault(int(key), []).append(part)
            interest = 0  # the claim's interest is told once, with its first line
    number = newest_control_number(answers)
    return [_paid(claim, line, parts[line.number], number) for line in claim.lines if line.number in parts]


def _candidate(line: ServiceLine) -> CandidateLine:
    number, charge, day = str(line.number), line.charge_cents, line.date_of_service
    return CandidateLine(number, line.control_number, line.code, charge, day, line.modifiers)


def _paid(claim: Claim, line: ServiceLine, parts: Sequence[_Part], number: str) -> PaidLine:
    rendering = line.rendering or claim.rendering
    allowed = [part.line.allowed_cents for part in parts]
    codes = {part.line.code for part in parts if part.line.paid_cents} or {parts[0].line.code}
    units = [part.line.units_paid or "1" for part in parts]
    who = claim.patient_id or claim.claim_number
    return PaidLine(
        key=line.control_number,
        payer_id=claim.payer.payer_id,
        claim_number=claim.claim_number,
        code=line.code,
        on=line.date_of_service,
        charge_cents=line.charge_cents,
        paid_cents=sum(part.line.paid_cents for part in parts),
        allowed_cents=None if None in allowed else sum(cents or 0 for cents in allowed),
        units=_whole(line.units) or 1,
        modifiers=line.modifiers,
        place=line.place_of_service or claim.place_of_service,
        credential=rendering.credential if rendering else "",
        plan_id=claim.plan_id,
        practice_id=claim.practice_id,
        adjudicated_code="" if codes == {line.code} else sorted(codes - {line.code})[0],
        units_paid=max(_whole(text) or 0 for text in units) if len(set(codes)) == 1 else None,
        adjustments=tuple(
            Adjustment(item.group, item.reason, item.amount_cents, item.quantity)
            for part in parts
            for item in part.line.adjustments
        ),
        received_on=max((part.received_on for part in parts if part.received_on), default=None),
        paid_on=max((part.paid_on for part in parts if part.paid_on), default=None),
        interest_cents=sum(part.interest_cents for part in parts),
        payer_control_number=number,
        day_key=f"{who}:{line.date_of_service.isoformat()}",
        is_secondary=claim.sequence != "P",
    )


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def observations(lines: Iterable[PaidLine]) -> list[Observation]:
    """What paid lines show of a payer's rates; secondary answers and denials show nothing."""
    found = []
    for line in lines:
        allowed = allowed_of(line)
        if line.is_secondary or not allowed or line.adjudicated_code:
            continue
        if line.units_paid not in (None, line.units):
            continue
        found.append(
            Observation(
                line.payer_id,
                line.code,
                line.on,
                allowed,
                line.charge_cents,
                line.units,
                line.modifiers,
                line.place,
                line.credential,
                line.plan_id,
            )
        )
    return found
