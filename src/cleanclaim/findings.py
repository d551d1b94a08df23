"""Findings: what a check has to say, as a value.

One finding renders as text, HTML, JSON or X12 acknowledgment; the renderings live with their
readers. A finding never carries a patient's name, birth date or member number: `facts` holds
codes, counts, dates of service and amounts only.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec


class Severity(StrEnum):
    """How far a finding reaches."""

    STOP = "stop"
    """The claim, file or payment does not go on."""
    OVERRIDE = "stop_unless_overridden"
    """It goes on only when a named person gives a reason."""
    TELL = "tell"
    """It goes on; somebody should know."""

    @property
    def stops(self) -> bool:
        return self is not Severity.TELL


class Where(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a finding points. Empty fields do not apply.

    `segment_index` counts from ST = 1 inside its transaction (from ISA = 1 outside one); `offset`
    is the byte offset of the segment's first byte in the file; `line` is a row of a CSV.
    """

    file: str = ""
    interchange: str = ""
    group: str = ""
    transaction: str = ""
    segment_index: int = 0
    offset: int = -1
    segment: str = ""
    loop: str = ""
    element: str = ""
    component: int = 0
    repetition: int = 0
    line: int = 0
    column: str = ""

    def __str__(self) -> str:
        parts = [
            self.file,
            self.transaction and f"transaction {self.transaction}",
            self.line and f"line {self.line}",
            self.column and f"column {self.column}",
            self.loop and f"loop {self.loop}",
            self.segment_index and f"segment {self.segment_index} ({self.segment or '?'})",
            self.element and f"element {self.element}",
        ]
        return ", ".join(str(part) for part in parts if part)


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """A cited document: its id in ``cleanclaim_data/sources.yaml`` and the place inside it."""

    id: str
    at: str = ""


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing a check found.

    Attributes:
        code: Stable, dotted: ``x12.element.required``, ``edits.addon_without_base``.
        severity: See `Severity`.
        message: One sentence, fit for a biller, without anything that identifies a patient.
        where: Position in a file or table; empty for findings about a record.
        subject_id: Claim number, line control number, encounter id: ours, never the patient's.
        facts: What was seen and expected, as plain values.
        remedy: What to do about it.
        sources: Why this is so.
        snip: SNIP level 1-7 for X12 findings, else 0.
        ack: The acknowledgment answer for X12 findings: keys ``ik3``, ``ik4``, ``ik5``, ``ta1``.
    """

    code: str
    severity: Severity
    message: str
    where: Where = Where()
    subject_id: str = ""
    facts: dict[str, Any] = {}
    remedy: str = ""
    sources: tuple[Source, ...] = ()
    snip: int = 0
    ack: dict[str, str] = {}

    def text(self) -> str:
        """The model error of the documentation: where, what, what to do, the code."""
        lines = [str(self.where) or self.subject_id, self.message, self.remedy, f"[{self.code}]"]
        return "\n".join(line for line in lines if line)
