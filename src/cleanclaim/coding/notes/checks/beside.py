"""The note beside others: copied from them, or at a time that cannot be."""

from __future__ import annotations

from cleanclaim.coding.notes.clock import clock_ranges
from cleanclaim.coding.notes.cloning import likeness
from cleanclaim.coding.notes.context import Audit
from cleanclaim.coding.notes.model import Span
from cleanclaim.coding.notes.reading import Note
from cleanclaim.coding.notes.signing import read_signatures
from cleanclaim.coding.notes.sketch import Hashed

_FEWEST = 40
"""Own words under which a likeness says nothing."""
_STANDING = ("diagnosis", "telehealth_consent", "patient_place", "clinician_place")
"""Elements that repeat from session to session by their nature."""


def _standing(note: Note) -> list[Span]:
    spans = [(section.start, section.body) for section in note.sections]
    signatures, empty = read_signatures(note.text)
    spans += [signature.span for signature in signatures] + empty
    for element in _STANDING:
        spans += note.shows(element)
    return spans


def check_cloning(audit: Audit) -> None:
    """Report the note that this one repeats most, when it repeats half of its own words or more."""
    without = _standing(audit.note) if audit.other_notes or audit.sketch_key else []
    if audit.sketch_key:
        hashed = Hashed(audit.note.text, audit.sketch_key, without=without)
        if hashed.words >= _FEWEST:
            audit.sketch = hashed.sketch().to_bytes()
    if _copied_from_text(audit, without):
        return
    if audit.sketch_key and audit.sketches:
        _copied_from_sketch(audit, hashed)
    elif not audit.other_notes:
        audit.not_checked.append("cloned text: no other notes were given")


def _copied_from_text(audit: Audit, without: list[Span]) -> bool:
    """Compare with the notes given as text. True when one of them is repeated."""
    if not audit.other_notes:
        return False
    found = [
        (
            likeness(audit.note.text, other.text, without=without, other_without=_standing(Note(other.text))),
            other,
        )
        for other in audit.other_notes
    ]
    best, other = max(found, key=lambda pair: (pair[0].percent, pair[1].note_id))
    audit.read["likeness_percent"] = best.percent
    if best.words < _FEWEST or best.percent < audit.limit("notes.cloned"):
        return False
    audit.report(
        "notes.cloned",
        best.spans,
        percent=best.percent,
        other_note=other.note_id,
        other_spans=[list(span) for span in best.other_spans],
    )
    return True


def _copied_from_sketch(audit: Audit, hashed: Hashed) -> None:
    """Compare with notes of which only sketches are kept: date, share and place."""
    if hashed.words < _FEWEST:
        audit.not_checked.append("cloned text: too few own words to compare")
        return
    best, other = max(
        ((hashed.likeness(one.sketch), one) for one in audit.sketches),
        key=lambda pair: (pair[0].surely, pair[0].percent, pair[1].on),
    )
    audit.read["likeness_percent"] = max(best.percent, audit.read.get("likeness_percent", 0))
    if best.surely >= audit.limit("notes.cloned"):
        audit.report(
            "notes.cloned",
            best.spans,
            percent=best.percent,
            other_note=f"of {other.on:%Y-%m-%d}",
            other_on=other.on.isoformat(),
            estimated=True,
        )


def check_day(audit: Audit) -> None:
    """The note's times against the clinician's other sessions of the date."""
    if not audit.day_sessions:
        audit.not_checked.append("impossible day: the clinician's other sessions were not given")
        return
    found = [
        one
        for one in clock_ranges(
            audit.note.text,
            crosses_midnight=audit.facts.other_inputs.get("crosses_midnight") == "yes",
            until=audit.body_end,
        )
        if 0 < one.minutes <= 8 * 60
    ]
    if not found:
        audit.not_checked.append("impossible day: the note has no start and stop times")
        return
    total = max(one.stop for one in found) - min(one.start for one in found)
    spans = [one.span for one in found]
    mine = {(one.start, one.stop) for one in found}
    others = {session.session_id: session for session in audit.day_sessions}
    for session in others.values():
        start = session.start.hour * 60 + session.start.minute
        stop = session.stop.hour * 60 + session.stop.minute
        stop += 1440 if stop < start else 0
        total += stop - start
        overlap = sum(max(0, min(stop, last) - max(start, first)) for first, last in mine)
        if overlap > 0:
            audit.report(
                "notes.sessions_overlap",
                spans,
                note_start=audit.read.get("start"),
                note_stop=audit.read.get("stop"),
                other_session=session.session_id,
                overlap=overlap,
            )
    if total > audit.limit("notes.impossible_day"):
        audit.report(
            "notes.impossible_day",
            spans,
            day_minutes=total,
            sessions=len(others) + 1,
            date_of_service=audit.facts.dos,
        )
