"""Repairs: what a finding leaves no doubt about, changed on the claim in the same way wherever it stands.

A repair is offered, shown as a difference and applied by a person; the edits never apply one. It exists
only where the finding itself says the right value: an order of modifiers, a modifier that a payer takes or
does not take, a diagnosis listed twice. What depends on a record (a ZIP code) is mended in the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from cleanclaim.claim import Claim, ServiceLine

MOST_MODIFIERS = 4
_PRICING = ("25", "59", "XE", "XP", "XS", "XU")
_TELEHEALTH = ("95", "93", "GT", "GQ", "FQ")
_MEDICAID_TELEHEALTH = (*_TELEHEALTH, "G0")

Facts = Mapping[str, Any]


class Change(msgspec.Struct, frozen=True):
    """One value of a claim before and after: modifiers (of a line), diagnoses, or a place of service.

    Attributes:
        line_number: 0 is the claim.
    """

    field: str
    line_number: int
    before: str
    after: str


class Repair(msgspec.Struct, frozen=True):
    """A repair of one edit.

    Attributes:
        edit: Id of the edit.
        says: What it does, as a sentence for a button's side.
    """

    edit: str
    says: str
    change: Callable[[Claim, Facts], Change | None]


def repair_for(edit: str) -> Repair | None:
    """The repair of an edit; None when its finding leaves something to decide."""
    return REPAIRS.get(edit)


def repaired(claim: Claim, edit: str, findings: Iterable[Facts]) -> tuple[Claim, tuple[Change, ...]]:
    """Apply a repair for each finding of its edit; what it cannot settle is left as it is.

    Args:
        findings: Facts of the findings, as a run or the store gives them (numbers may be text).

    Returns:
        The claim and what changed; the same claim and nothing when no finding can be repaired.
    """
    repair, changes = REPAIRS.get(edit), []
    if repair is None:
        return claim, ()
    for facts in findings:
        change = repair.change(claim, facts)
        if change is not None and change.before != change.after:
            claim = apply_change(claim, change)
            changes.append(change)
    return claim, tuple(changes)


def apply_change(claim: Claim, change: Change) -> Claim:
    """The claim with a change, where it still says what the change found; else the claim untouched.

    So a repair that a person made once is made again when the claim is built anew from its records, and not
    when the records say something else by then.
    """
    if value_of(claim, change.field, change.line_number) != change.before:
        return claim
    if change.field == "diagnoses":
        return _with_diagnoses(claim, tuple(change.after.split()))
    if change.field == "modifiers":
        return _on_line(claim, change.line_number, modifiers=tuple(change.after.split()))
    if change.line_number:
        return _on_line(claim, change.line_number, place_of_service=change.after)
    return msgspec.structs.replace(claim, place_of_service=change.after)


def value_of(claim: Claim, field: str, line_number: int) -> str:
    """A value as changes write it; '' for a line that is not there."""
    if field == "diagnoses":
        return " ".join(claim.diagnoses)
    line = _line(claim, line_number)
    if field == "modifiers":
        return " ".join(line.modifiers) if line else ""
    return (line.place_of_service if line else "") if line_number else claim.place_of_service


def _line(claim: Claim, number: int) -> ServiceLine | None:
    return next((line for line in claim.lines if line.number == number), None)


def _on_line(claim: Claim, number: int, **values: Any) -> Claim:
    lines = tuple(
        msgspec.structs.replace(line, **values) if line.number == number else line for line in claim.lines
    )
    return msgspec.structs.replace(claim, lines=lines)


def _with_diagnoses(claim: Claim, after: tuple[str, ...]) -> Claim:
    """Other diagnoses, each line pointing at the same codes as before, in the same order."""
    places = {code: place for place, code in reversed(list(enumerate(after, start=1)))}

    def pointed(line: ServiceLine) -> tuple[int, ...]:
        codes = [claim.diagnoses[at - 1] for at in line.diagnosis_pointers if 0 < at <= len(claim.diagnoses)]
        return tuple(dict.fromkeys(places[code] for code in codes if code in places))

    lines = tuple(msgspec.structs.replace(line, diagnosis_pointers=pointed(line)) for line in claim.lines)
    return msgspec.structs.replace(claim, diagnoses=after, lines=lines)


def _modifiers(
    claim: Claim, facts: Facts, after: Callable[[tuple[str, ...]], Iterable[str]]
) -> Change | None:
    line = _line(claim, int(facts.get("line_number") or facts.get("line") or 0))
    if line is None:
        return None
    wanted = tuple(after(line.modifiers))
    if len(wanted) > MOST_MODIFIERS:
        return None
    return Change("modifiers", line.number, " ".join(line.modifiers), " ".join(wanted))


def _without(*codes: str) -> Callable[[Claim, Facts], Change | None]:
    return lambda claim, facts: _modifiers(
        claim, facts, lambda mine: (one for one in mine if one not in codes)
    )


def _added(code: str) -> Callable[[Claim, Facts], Change | None]:
    return lambda claim, facts: _modifiers(claim, facts, lambda mine: mine if code in mine else (*mine, code))


def _pricing_first(claim: Claim, facts: Facts) -> Change | None:
    return _modifiers(claim, facts, lambda mine: sorted(mine, key=lambda one: one not in _PRICING))


def _programme_modifier(claim: Claim, facts: Facts) -> Change | None:
    """The one modifier that the programme takes; with a choice between several, a person decides."""
    wanted = str(facts.get("wanted", ""))
    if wanted != "none" and not _is_modifier(wanted):
        return None
    own = () if wanted == "none" else (wanted,)
    return _modifiers(
        claim, facts, lambda mine: (*(one for one in mine if one not in _MEDICAID_TELEHEALTH), *own)
    )


def _licence_modifier(claim: Claim, facts: Facts) -> Change | None:
    wanted = str(facts.get("wanted", ""))
    if not _is_modifier(wanted):
        return None
    return _modifiers(claim, facts, lambda mine: mine if wanted in mine else (*mine, wanted))


def _is_modifier(text: str) -> bool:
    return (len(text) == 2 and text.isalnum() and text.isupper()) or (len(text) == 2 and text.isdecimal())


def _programme_place(claim: Claim, facts: Facts) -> Change | None:
    wanted = str(facts.get("wanted", ""))
    line = _line(claim, int(facts.get("line_number") or facts.get("line") or 0))
    if line is None or len(wanted) != 2 or not wanted.isdecimal():
        return None
    if line.place_of_service:
        return Change("place_of_service", line.number, line.place_of_service, wanted)
    # One place of the claim serves all its lines: only when there is nothing else on it may it move.
    if any(other.place_of_service for other in claim.lines):
        return None
    return Change("place_of_service", 0, claim.place_of_service, wanted)


def _each_once(claim: Claim, facts: Facts) -> Change | None:
    return Change("diagnoses", 0, " ".join(claim.diagnoses), " ".join(dict.fromkeys(claim.diagnoses)))


def _disorder_first(claim: Claim, facts: Facts) -> Change | None:
    """The first mental disorder (chapter F) to the front; without one a person decides."""
    first = next((code for code in claim.diagnoses if code.startswith("F")), "")
    if not first:
        return None
    after = (first, *(code for code in claim.diagnoses if code != first))
    return Change("diagnoses", 0, " ".join(claim.diagnoses), " ".join(after))


REPAIRS: dict[str, Repair] = {
    repair.edit: repair
    for repair in (
        Repair(
            "edits.modifiers_out_of_order",
            "Puts the modifier that decides the payment first.",
            _pricing_first,
        ),
        Repair(
            "edits.audio_modifier_on_video",
            "Takes 93 and FQ off: the session was by video.",
            _without("93", "FQ"),
        ),
        Repair(
            "edits.telehealth_modifier_in_person",
            "Takes telehealth modifiers off: the session was in person.",
            _without(*_TELEHEALTH),
        ),
        Repair(
            "edits.medicare_modifier_95", "Takes 95 off; Medicare reads the place of service.", _without("95")
        ),
        Repair(
            "edits.medicare_audio_modifier", "Adds 93, the modifier for audio-only sessions.", _added("93")
        ),
        Repair(
            "edits.medicaid_telehealth_modifier",
            "Puts the modifier that the programme takes.",
            _programme_modifier,
        ),
        Repair(
            "edits.medicaid_telehealth_place", "Puts the place that the programme takes.", _programme_place
        ),
        Repair(
            "edits.credential_modifier_missing",
            "Adds the modifier of the clinician's licence.",
            _licence_modifier,
        ),
        Repair(
            "edits.diagnosis_duplicate",
            "Keeps each diagnosis once; lines point at the same codes.",
            _each_once,
        ),
        Repair("edits.diagnosis_context_first", "Puts the mental disorder first.", _disorder_first),
    )
}
"""Repairs by the edit whose finding they settle."""
