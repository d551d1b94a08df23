"""The audit of a progress note against the codes that are billed for it.

`audit_note` says what the note does not show and who asks for it, with the evidence as offsets into the text.
`refuse_separate_note` keeps out what no part of the product may hold: psychotherapy notes and SUD counseling
notes. What is asked for is data (``cleanclaim_data/notes/requirements.yaml``), the words that show it too
(``lexicon.yaml``).
"""

from cleanclaim.coding.notes.audit import audit_note
from cleanclaim.coding.notes.model import DaySession, NoteAudit, OtherNote, Requirement, spans_of
from cleanclaim.coding.notes.requirements import requirements
from cleanclaim.coding.notes.separate import classify_note, refuse_separate_note

__all__ = [
    "DaySession",
    "NoteAudit",
    "OtherNote",
    "Requirement",
    "audit_note",
    "classify_note",
    "refuse_separate_note",
    "requirements",
    "spans_of",
]
