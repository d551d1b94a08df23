"""What a payer answered, in the words of the next claim: loops 2320 and 2430.

The next payer is told what this payer said, not what we posted: its payment, every adjustment with its sign
and quantity, its remarks, its number, its date. Reversed answers are left out, for only the last word counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from cleanclaim.claim import Adjustment, Claim, OtherPayer, OtherPayerLine, ServiceLine
from cleanclaim.findings import Finding, Severity
from cleanclaim.money import dollars
from cleanclaim.remittance.matching import CandidateLine, match_lines
from cleanclaim.x12.sets.records import RemitClaim, RemitLine

REVERSAL, PREDETERMINATION = "22", "25"
REMARKS_MAX = 5


class Answer(msgspec.Struct, frozen=True):
    """One claim payment with the day it was made (BPR16)."""

    claim: RemitClaim
    paid_on: date | None = None


class Told(msgspec.Struct, frozen=True):
    """One payer's last word on a claim, as the next claim carries it.

    `lines` by our line number. Money invariant (when `findings` is empty): charge = paid + adjustments of the
    claim + adjustments of the lines; by line, charge = paid + its adjustments.
    """

    other: OtherPayer
    lines: dict[int, OtherPayerLine]
    findings: tuple[Finding, ...] = ()

    @property
    def is_balanced(self) -> bool:
        return not any(finding.severity.stops for finding in self.findings)


def last_words(answers: Sequence[Answer]) -> list[Answer]:
    """The answers that stand: reversed ones and their reversals are left out, in any order and across files.

    A reversal undoes the earliest answer with its payer control number; without one, the earliest with its
    charge.
    """
    standing = [one for one in answers if one.claim.status not in (REVERSAL, PREDETERMINATION)]
    for undo in (one for one in answers if one.claim.status == REVERSAL):
        number = undo.claim.payer_control_number.strip().upper()
        hit = next(
            (one for one in standing if one.claim.payer_control_number.strip().upper() == number), None
        ) or next((one for one in standing if one.claim.charge_cents == -undo.claim.charge_cents), None)
        if hit is not None:
            standing.remove(hit)
    return standing


def tell(claim: Claim, answers: Sequence[Answer]) -> Told | None:
    """The answer of the payer of `claim`, for the claim to the next payer.

    Args:
        claim: What was sent to that payer.
        answers: Everything it answered to it, reversals too, oldest first. A claim that it split into
            several is added up.

    Returns:
        None when nothing stands. Findings when the parts do not add up to the charge: such a claim must not
        leave.

    Source:
        transactions.md 5.1; 005010X222A1 loops 2320, 2330B, 2430.
    """
    standing = last_words(answers)
    if not standing:
        return None
    own = [_candidate(line) for line in claim.lines]
    parts: dict[int, list[tuple[RemitLine, date | None]]] = {}
    findings: list[Finding] = []
    for answer in standing:
        matched = match_lines(answer.claim, own)
        for place, line in enumerate(answer.claim.lines, start=1):
            number = matched.get(place)
            if number is None:
                findings.append(_unmatched(claim, place))
            else:
                parts.setdefault(int(number), []).append((line, answer.paid_on))
    lines = {
        number: _line(claim.payer.payer_id, found, by_date=standing[-1].paid_on)
        for number, found in sorted(parts.items())
    }
    whole = tuple(_adjustment(item) for answer in standing for item in answer.claim.adjustments)
    remarks = dict.fromkeys(code for answer in standing for code in answer.claim.remarks)
    dates = [answer.paid_on for answer in standing if answer.paid_on]
    other = OtherPayer(
        payer=claim.payer,
        sequence=claim.sequence,
        subscriber=claim.subscriber,
        member_id=claim.member_id,
        group_number=claim.group_number,
        relationship=claim.relationship,
        paid_cents=sum(answer.claim.paid_cents for answer in standing),
        remaining_patient_cents=_patient(whole, lines),
        adjustments=whole,
        payer_control_number=newest_control_number(answers),
        # The date stands on the lines where there are any (DTP*573 in one place only).
        adjudicated_on=None if lines else max(dates, default=None),
        remark_codes=tuple(remarks)[:REMARKS_MAX],
    )
    findings += balance_of(claim, other, lines)
    return Told(other, lines, tuple(findings))


def _candidate(line: ServiceLine) -> CandidateLine:
    return CandidateLine(
        str(line.number),
        line.control_number,
        line.code,
        line.charge_cents,
        line.date_of_service,
        line.modifiers,
    )


def newest_control_number(answers: Sequence[Answer]) -> str:
    """The payer's number of its newest answer that is not a reversal."""
    numbers = [
        one.claim.payer_control_number
        for one in answers
        if one.claim.status != REVERSAL and one.claim.payer_control_number
    ]
    return numbers[-1] if numbers else ""


def _adjustment(item: Adjustment) -> Adjustment:
    return Adjustment(item.group, item.reason, item.amount_cents, item.quantity)


def _line(
    payer_id: str, found: Sequence[tuple[RemitLine, date | None]], by_date: date | None
) -> OtherPayerLine:
    """Several answered lines to one of ours (a divided line) become one, adjustments in order."""
    first = next((line for line, _ in found if line.paid_cents), found[0][0])
    units = sum(int(line.units_paid) if line.units_paid.isdecimal() else 1 for line, _ in found)
    return OtherPayerLine(
        payer_id=payer_id,
        paid_cents=sum(line.paid_cents for line, _ in found),
        # A facility's line may be answered under its revenue code alone; the next payer reads that in SVD04.
        code="" if first.qualifier == "NU" or _is_revenue_code(first.code) else first.code,
        modifiers=first.modifiers,
        units=(found[0][0].units_paid or "1") if len(found) == 1 else str(units),
        adjustments=tuple(_adjustment(item) for line, _ in found for item in line.adjustments),
        adjudicated_on=max((day for _, day in found if day), default=by_date),
    )


def _is_revenue_code(code: str) -> bool:
    return len(code) == 4 and code.isascii() and code.isdecimal()


def _patient(whole: Sequence[Adjustment], lines: Mapping[int, OtherPayerLine]) -> int:
    shares = [*whole, *(item for line in lines.values() for item in line.adjustments)]
    return max(0, sum(item.amount_cents for item in shares if item.group == "PR"))


def balance_of(claim: Claim, other: OtherPayer, lines: Mapping[int, OtherPayerLine]) -> list[Finding]:
    """The two sums that clearinghouses and payers test."""
    findings: list[Finding] = []
    paid = other.paid_cents or 0
    by_line = 0
    for line in claim.lines:
        told = lines.get(line.number)
        if told is None:
            continue
        taken = sum(item.amount_cents for item in told.adjustments)
        by_line += taken
        if told.paid_cents + taken != line.charge_cents:
            difference = line.charge_cents - told.paid_cents - taken
            findings.append(
                _off(
                    claim, f"line {line.number}", difference, line=line.number, charge_cents=line.charge_cents
                )
            )
    total = paid + by_line + sum(item.amount_cents for item in other.adjustments)
    if total != claim.total_charge_cents:
        difference = claim.total_charge_cents - total
        findings.append(_off(claim, "the claim", difference, charge_cents=claim.total_charge_cents))
    return findings


def _off(claim: Claim, what: str, difference: int, **facts: int) -> Finding:
    return Finding(
        "remittance.next_claim_out_of_balance",
        Severity.STOP,
        f"Claim {claim.claim_number}: the payer's answer leaves {dollars(abs(difference))} of {what} "
        f"{'unexplained' if difference > 0 else 'explained twice'}.",
        subject_id=claim.claim_number,
        facts={"difference_cents": difference, **facts},
        remedy="Compare the answer with the claim as sent; a part of it may not have come yet.",
    )


def _unmatched(claim: Claim, place: int) -> Finding:
    return Finding(
        "remittance.next_claim_line_unmatched",
        Severity.STOP,
        f"Claim {claim.claim_number}: answered line {place} fits none of its lines.",
        subject_id=claim.claim_number,
        facts={"line": place},
        remedy="Match the line by hand; the next payer must not be told a part of the answer.",
    )
