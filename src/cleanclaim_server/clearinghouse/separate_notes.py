"""Psychotherapy notes and SUD counseling notes are refused before anything is kept, on every way in.

Files pass here inside `store_file`; what people type or upload passes `web.separate_notes` before any page
sees it. A refusal quotes nothing and is counted, no more: not the text, not its size, not its name.
"""

from __future__ import annotations

from cleanclaim.coding.notes import refuse_separate_note
from cleanclaim.findings import Finding

LOOKED_AT = 200_000
"""Characters of a file that are read for it: such notes say what they are at their head."""


class SeparateNoteRefused(ValueError):
    """A note that this product must not hold; `finding` says which kind, without a word of it."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"{finding.message} {finding.remedy} [{finding.code}]")
        self.finding = finding


def refused_text(text: str) -> Finding | None:
    """The refusal of a text, or None when it may go on."""
    return refuse_separate_note(text) if len(text) > 8 else None


def refused_bytes(data: bytes) -> Finding | None:
    """The refusal of a file. X12 and what is no text carry no note that could be told by its words."""
    head = data[:LOOKED_AT]
    if head.lstrip()[:3] in (b"ISA", b"TA1") or b"\x00" in head[:4096]:
        return None
    for encoding in ("utf-8", "latin-1"):
        try:
            return refused_text(head.decode(encoding))
        except UnicodeDecodeError as error:
            if error.start > LOOKED_AT - 8:  # a character cut at the end
                return refused_text(head.decode("utf-8", "ignore"))
    return None


def refuse_bytes(data: bytes) -> None:
    """Let a file pass, or refuse it.

    Raises:
        SeparateNoteRefused: It is a note that must not be kept.
    """
    finding = refused_bytes(data)
    if finding is not None:
        raise SeparateNoteRefused(finding)
