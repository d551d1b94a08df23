"""What the note audit takes and answers."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import msgspec

from cleanclaim.findings import Finding, Severity

Span = tuple[int, int]
"""Offsets of characters in the text as given: first, and one past the last."""

CLEAN, WARN, STOP, REFUSED = "clean", "warn", "stop", "refused"


class OtherNote(msgspec.Struct, frozen=True):
    """Another note to compare with, of the same patient or of a colleague's patient on the same day.

    Attributes:
        note_id: Our id of its session; it stands in the finding.
        text: The note.
        on: Its date of service.
    """

    note_id: str
    text: str
    on: date | None = None


class DaySession(msgspec.Struct, frozen=True):
    """Another session of the same clinician on the same date; clock times local to the location.

    A group is one session however many notes it has: give its id once.
    """

    session_id: str
    start: time
    stop: time


class NoteAudit(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer of `audit_note`.

    Attributes:
        result: clean, warn (only things to tell), stop, or refused: then nothing was read or kept.
        findings: What is missing or wrong, in the order of the note's elements. `facts["spans"]` of each
            lists [first, past last] character offsets of its evidence; empty where the fault is an absence
            with no trace in the text. Messages and facts hold no words of the note.
        evidence: Element -> spans where the note shows it, for a screen that highlights what was found.
        read: What was read: start, stop, minutes, date, modality, group size, credential, signature date.
        not_checked: What the given facts left open.
        sketch: What may be kept to find a copy of this note later (`cleanclaim.coding.notes.sketch`); empty
            without a key.
    """

    result: str
    findings: tuple[Finding, ...] = ()
    evidence: dict[str, tuple[Span, ...]] = {}
    read: dict[str, Any] = {}
    not_checked: tuple[str, ...] = ()
    sketch: bytes = b""

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the findings, in order."""
        return tuple(finding.code for finding in self.findings)


def result_of(findings: tuple[Finding, ...]) -> str:
    """``stop`` when something stops, ``warn`` when something is to be told, else ``clean``."""
    if any(finding.severity.stops for finding in findings):
        return STOP
    return WARN if findings else CLEAN


def spans_of(finding: Finding) -> tuple[Span, ...]:
    """The evidence of a finding as offsets."""
    return tuple((int(first), int(last)) for first, last in finding.facts.get("spans", ()))


class NoteSource(msgspec.Struct, frozen=True):
    """A document that asks for something, and whom it binds; empty tuples bind everybody."""

    id: str
    at: str
    confidence: str
    payer_kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

    def binds(self, payer_kind: str, state: str) -> bool:
        """Whether it speaks for this kind of payer in this state; an unknown state is not bound."""
        return (not self.payer_kinds or payer_kind in self.payer_kinds) and (
            not self.states or state in self.states
        )


class Requirement(msgspec.Struct, frozen=True):
    """One thing that a note must show: an entry of ``notes/requirements.yaml``."""

    id: str
    title: str
    services: frozenset[str]
    severity: dict[str, Severity]
    message: str
    remedy: str
    sources: tuple[NoteSource, ...]
    limit: int | None = None

    def severity_for(self, payer_kind: str) -> Severity:
        """The severity for a kind of payer."""
        return self.severity.get(payer_kind, self.severity["default"])
