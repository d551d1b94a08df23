"""What the payer did to each line, beside paying it: recoded, bundled, split, cut, stripped of modifiers.

Needs our own lines, since a payer may drop a modifier without saying what was sent (no SVC06). Nothing here
moves money; the lines balance as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum

import msgspec

from cleanclaim.remittance.matching import CandidateLine, match_lines
from cleanclaim.remittance.policy import PostingPolicy, default_policy
from cleanclaim.x12.sets.records import RemitClaim, RemitLine


class Change(StrEnum):
    """What happened to a line."""

    RECODED = "recoded"
    """Another code was adjudicated, not as bundling."""
    BUNDLED = "bundled"
    """Its money is in another line; `into_line` when the claim shows which."""
    SPLIT = "split"
    """One line of ours came back as several."""
    MODIFIERS_DROPPED = "modifiers_dropped"
    MODIFIERS_ADDED = "modifiers_added"
    UNITS_CUT = "units_cut"
    CHARGE_CHANGED = "charge_changed"
    """The charge of the answered parts is not the charge sent."""
    NOT_ANSWERED = "not_answered"
    """A line of ours that the answer leaves out."""
    NOT_OURS = "not_ours"
    """An answered line that fits none of ours."""


class LineChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change. `line` is the place inside the CLP from 1; 0 for a line that was not answered."""

    kind: Change
    line: int
    line_id: str = ""
    sent: str = ""
    adjudicated: str = ""
    into_line: int = 0
    amount_cents: int = 0
    """Charge concerned: of the bundled line, of what is missing or above."""


def line_changes(
    claim: RemitClaim,
    lines: Sequence[CandidateLine],
    *,
    matches: Mapping[int, str] | None = None,
    policy: PostingPolicy | None = None,
) -> tuple[LineChange, ...]:
    """Compare the answered lines with ours.

    Args:
        lines: Our lines of the matched claim.
        matches: From `match_lines`; found here when None.

    Returns:
        In the order of the answer, then our lines without an answer. Empty when all came back as sent.
    """
    policy = policy or default_policy()
    matches = match_lines(claim, lines) if matches is None else matches
    own = {line.line_id: line for line in lines}
    parts: dict[str, list[int]] = {}
    for number, line_id in matches.items():
        parts.setdefault(line_id, []).append(number)
    found: list[LineChange] = []
    for number, line in enumerate(claim.lines, start=1):
        sent = own.get(matches.get(number, ""))
        found += _of_line(claim, number, line, sent, policy)
        if sent is not None:
            found += _parts(claim, number, sent, parts[sent.line_id])
    answered = {matches[number] for number in matches}
    if claim.lines and claim.charge_cents > 0:
        found += [
            LineChange(
                Change.NOT_ANSWERED, 0, one.line_id, _code(one.code, one.modifiers), "", 0, one.charge_cents
            )
            for one in lines
            if one.line_id not in answered
        ]
    return tuple(found)


def _code(code: str, modifiers: Sequence[str]) -> str:
    return ":".join((code, *modifiers))


def _of_line(
    claim: RemitClaim, number: int, line: RemitLine, own: CandidateLine | None, policy: PostingPolicy
) -> list[LineChange]:
    sent_code = line.submitted_code or (own.code if own else line.code)
    sent_modifiers = (
        own.modifiers if own else line.submitted_modifiers if line.submitted_code else line.modifiers
    )
    sent, answered = _code(sent_code, sent_modifiers), _code(line.code, line.modifiers)
    line_id = own.line_id if own else ""
    found: list[LineChange] = []
    if own is None:
        found.append(LineChange(Change.NOT_OURS, number, "", "", answered, 0, line.charge_cents))
    if any(item.reason in policy.bundling for item in line.adjustments):
        into = _payer_of(claim, number, line)
        found.append(LineChange(Change.BUNDLED, number, line_id, sent, answered, into, line.charge_cents))
    elif sent_code != line.code:
        found.append(LineChange(Change.RECODED, number, line_id, sent, answered))
    else:
        dropped = [one for one in sent_modifiers if one not in line.modifiers]
        added = [one for one in line.modifiers if one not in sent_modifiers]
        if dropped:
            found.append(LineChange(Change.MODIFIERS_DROPPED, number, line_id, sent, answered))
        if added:
            found.append(LineChange(Change.MODIFIERS_ADDED, number, line_id, sent, answered))
    billed, paid = _units(line.units_billed), _units(line.units_paid or "1")
    if billed is not None and paid is not None and paid < billed:
        found.append(LineChange(Change.UNITS_CUT, number, line_id, f"{billed}", f"{paid}"))
    return found


def _payer_of(claim: RemitClaim, number: int, line: RemitLine) -> int:
    """The line into which a line was bundled: same adjudicated code, paid, and the only one such."""
    payers = [
        place
        for place, other in enumerate(claim.lines, start=1)
        if place != number and other.code == line.code and other.paid_cents > 0
    ]
    return payers[0] if len(payers) == 1 else 0


def _parts(claim: RemitClaim, number: int, own: CandidateLine, places: list[int]) -> list[LineChange]:
    """Said once for a line of ours, at its first part."""
    if places[0] != number:
        return []
    found = []
    if len(places) > 1:
        numbers = ", ".join(str(place) for place in places)
        found.append(LineChange(Change.SPLIT, number, own.line_id, own.code, f"lines {numbers}"))
    charge = sum(claim.lines[place - 1].charge_cents for place in places)
    if abs(charge) != own.charge_cents:
        found.append(
            LineChange(
                Change.CHARGE_CHANGED, number, own.line_id, own.code, "", 0, abs(charge) - own.charge_cents
            )
        )
    return found


def _units(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
