"""Claims that hold too much for one claim, cut into several.

An electronic professional claim holds fifty lines and twelve diagnoses, a paper one six lines. Lines stay in
their order; a line never leaves the lines that belong to its day, because add-ons ride on a base of the same
day and clinician, unless that day alone is too long. Each part carries the diagnoses that its lines point to,
renumbered. Every part needs its own claim number: the caller gives them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from msgspec.structs import replace

from cleanclaim.claim import Claim, ServiceLine

ELECTRONIC_LINES, PAPER_LINES, DIAGNOSES = 50, 6, 12


class CannotSplit(ValueError):
    """One line alone points to more than a claim holds, or the claim cannot be cut as it is."""


def fits(claim: Claim, *, paper: bool = False) -> bool:
    """Whether the claim goes as it is."""
    return len(claim.lines) <= _limit(paper) and len(claim.diagnoses) <= DIAGNOSES


def split_claim(claim: Claim, numbers: Iterable[str], *, paper: bool = False) -> tuple[Claim, ...]:
    """Cut a claim into claims that each hold what a claim may hold.

    Args:
        claim: An original claim that no earlier payer has answered.
        numbers: Claim numbers for the parts after the first, which keeps its own.
        paper: Six lines a part instead of fifty.

    Returns:
        The claim itself when it fits; else its parts, whose charges and lines add up to it. What the patient
        paid stays with the first part that can carry it, the rest with the next.

    Raises:
        CannotSplit: A replacement or void, a claim that an earlier payer answered, too few numbers, or a line
            that points to more diagnoses than a claim holds.
    """
    if fits(claim, paper=paper):
        return (claim,)
    if claim.frequency.value != "1" or claim.other_payers:
        raise CannotSplit("only an original claim without an earlier payer's answer can be cut")
    parts = _parts(claim, _limit(paper))
    given = [claim.claim_number, *numbers]
    if len(given) < len(parts):
        raise CannotSplit(f"{len(parts)} parts need {len(parts) - 1} further claim numbers")
    paid = claim.patient_paid_cents
    answer = []
    for number, lines in zip(given, parts, strict=False):
        charge = sum(line.charge_cents for line in lines)
        share = min(paid, charge)
        paid -= share
        answer.append(_part(claim, number, lines, charge, share))
    return tuple(answer)


def _limit(paper: bool) -> int:
    return PAPER_LINES if paper else ELECTRONIC_LINES


def _parts(claim: Claim, limit: int) -> list[list[ServiceLine]]:
    parts: list[list[ServiceLine]] = [[]]
    for block in _blocks(claim.lines, limit):
        wanted = [*parts[-1], *block]
        if parts[-1] and (len(wanted) > limit or len(_pointed(wanted)) > DIAGNOSES):
            parts.append([])
        parts[-1].extend(block)
        if len(_pointed(parts[-1])) > DIAGNOSES:
            raise CannotSplit("the lines of one day point to more than twelve diagnoses")
    return parts


def _blocks(lines: Sequence[ServiceLine], limit: int) -> list[list[ServiceLine]]:
    """Lines that stay together: those of one day, cut when a day alone is too long."""
    blocks = []
    for _, same_day in groupby(lines, key=lambda line: line.date_of_service):
        day = list(same_day)
        blocks += [day[start : start + limit] for start in range(0, len(day), limit)]
    return blocks


def _pointed(lines: Iterable[ServiceLine]) -> list[int]:
    return sorted({pointer for line in lines for pointer in line.diagnosis_pointers})


def _part(claim: Claim, number: str, lines: Sequence[ServiceLine], charge: int, paid: int) -> Claim:
    used = [pointer for pointer in _pointed(lines) if 1 <= pointer <= len(claim.diagnoses)]
    place = {pointer: position for position, pointer in enumerate(used, start=1)}
    return replace(
        claim,
        claim_number=number,
        lines=tuple(
            replace(
                line,
                number=position,
                diagnosis_pointers=tuple(place.get(pointer, pointer) for pointer in line.diagnosis_pointers),
            )
            for position, line in enumerate(lines, start=1)
        ),
        diagnoses=tuple(claim.diagnoses[pointer - 1] for pointer in used) or claim.diagnoses[:DIAGNOSES],
        total_charge_cents=charge,
        patient_paid_cents=paid,
    )
