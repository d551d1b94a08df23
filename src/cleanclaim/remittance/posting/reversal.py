"""Reversals mirror what was posted, part by part, where we know it.

The first posting may have used only part of an adjustment (a capped write-off, a contract variance).
Turning the adjustment as sent would then write off what never was. With the history of the answer that
is undone, each (line, code) is undone by its own parts; where history and reversal disagree, or there is
no history, the adjustment posts as sent.
"""

from __future__ import annotations

from collections.abc import Sequence

from cleanclaim.remittance.posting.records import PostedBefore, PostingType
from cleanclaim.x12.sets.records import RemitClaim


class Mirror:
    """The parts that a reversal may undo, by (line, GROUP-CARC)."""

    def __init__(self, claim: RemitClaim, history: Sequence[PostedBefore]) -> None:
        history = _answer_undone(claim, history)
        self.payer_seq = next(
            (item.payer_seq for item in history if item.type == PostingType.PMT_INS and item.payer_seq), ""
        )
        posted: dict[tuple[int, str], list[PostedBefore]] = {}
        for item in history:
            if item.carc:
                posted.setdefault((item.line, item.carc), []).append(item)
        sent: dict[tuple[int, str], int] = {}
        for line, items in enumerate((claim.adjustments, *(line.adjustments for line in claim.lines))):
            for cas in items:
                key = (line, f"{cas.group}-{cas.reason}")
                sent[key] = sent.get(key, 0) + cas.amount_cents
        self._parts = {
            key: parts
            for key, parts in posted.items()
            if sum(part.amount_cents for part in parts) == -sent.get(key, 0)
        }
        self.differs = tuple(sorted(key for key in posted if key not in self._parts)) if history else ()

    def covers(self, line: int, carc: str) -> bool:
        """Whether the history accounts for this adjustment to the cent."""
        return (line, carc) in self._parts

    def take(self, line: int, carc: str) -> list[PostedBefore]:
        """The parts to turn round; each is given once, however often the code repeats."""
        parts, self._parts[line, carc] = self._parts[line, carc], []
        return parts


def _answer_undone(claim: RemitClaim, history: Sequence[PostedBefore]) -> list[PostedBefore]:
    """History of the payer answer that a reversal undoes: same CLP07, else the only answer there is."""
    number = claim.payer_control_number.strip().upper()
    same = [item for item in history if item.payer_control_number.strip().upper() == number]
    if same:
        return same
    answers = {item.payer_control_number for item in history}
    return list(history) if len(answers) == 1 else []
