"""What the checks of the audit share: the note, the session, and where findings go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cleanclaim.coding.facts import SessionFacts
from cleanclaim.coding.notes.model import DaySession, OtherNote, Span
from cleanclaim.coding.notes.reading import Note
from cleanclaim.coding.notes.requirements import make_finding, requirements
from cleanclaim.coding.notes.signing import Signature, read_signatures
from cleanclaim.coding.notes.sketch import OtherSketch
from cleanclaim.findings import Finding


@dataclass
class Audit:
    """One audit under way.

    Attributes:
        codes: Plain procedure codes, in claim order, each once.
        classes: Classes of services that the codes belong to (``notes/services.yaml``).
    """

    note: Note
    facts: SessionFacts
    codes: tuple[str, ...]
    classes: frozenset[str]
    state: str
    other_notes: tuple[OtherNote, ...]
    day_sessions: tuple[DaySession, ...]
    sketches: tuple[OtherSketch, ...] = ()
    sketch_key: bytes = b""
    sketch: bytes = b""
    findings: list[Finding] = field(default_factory=list)
    evidence: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    read: dict[str, Any] = field(default_factory=dict)
    not_checked: list[str] = field(default_factory=list)

    @cached_property
    def _signed(self) -> tuple[list[Signature], list[Span]]:
        return read_signatures(self.note.text)

    @property
    def signatures(self) -> list[Signature]:
        """Clinicians' signatures in order of place."""
        return self._signed[0]

    @property
    def empty_signatures(self) -> list[Span]:
        """Signature lines that nobody filled."""
        return self._signed[1]

    @property
    def body_end(self) -> int:
        """Where the signature begins: times and dates after it are not the session's."""
        places = [signature.start for signature in self.signatures] + [
            first for first, _ in self.empty_signatures
        ]
        # A signature at the very top of a page does not end the note.
        return min(
            (place for place in places if place > len(self.note.text) // 3), default=len(self.note.text)
        )

    def concerns(self, code: str) -> bool:
        """Whether a requirement concerns the services billed."""
        return bool(requirements()[code].services & self.classes)

    def limit(self, code: str) -> int:
        """The number that a requirement carries."""
        limit = requirements()[code].limit
        if limit is None:
            raise ValueError(f"{code} has no limit")
        return limit

    def report(self, code: str, spans: Iterable[Span] = (), **facts: Any) -> None:
        """Note a finding, when its requirement concerns these services."""
        if self.concerns(code):
            self.findings.append(
                make_finding(
                    code,
                    payer_kind=self.facts.payer_kind,
                    state=self.state,
                    subject_id=self.facts.case_id,
                    spans=spans,
                    **facts,
                )
            )

    def require(self, element: str, code: str, **facts: Any) -> None:
        """Report `code` when the note does not show `element`; else keep where it does."""
        if not self.concerns(code):
            return
        spans = self.note.shows(element)
        if spans:
            self.evidence[element] = spans
        else:
            self.report(code, self.note.traces(element), **facts)
