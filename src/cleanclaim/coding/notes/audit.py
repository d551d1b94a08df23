"""The audit of one note against its session and codes."""

from __future__ import annotations

from collections.abc import Iterable

from cleanclaim.coding.facts import SessionFacts
from cleanclaim.coding.notes.checks.beside import check_cloning, check_day
from cleanclaim.coding.notes.checks.content import check_content
from cleanclaim.coding.notes.checks.setting import check_people, check_setting
from cleanclaim.coding.notes.checks.signature import check_signature
from cleanclaim.coding.notes.checks.timing import check_date, check_time
from cleanclaim.coding.notes.context import Audit
from cleanclaim.coding.notes.model import REFUSED, STOP, DaySession, NoteAudit, OtherNote, result_of
from cleanclaim.coding.notes.reading import Note
from cleanclaim.coding.notes.requirements import classes_of, make_finding, plain_code, requirements
from cleanclaim.coding.notes.separate import refuse_separate_note
from cleanclaim.coding.notes.sketch import OtherSketch

_CHECKS = (
    check_date,
    check_time,
    check_setting,
    check_people,
    check_content,
    check_signature,
    check_cloning,
    check_day,
)


def audit_note(
    text: str,
    facts: SessionFacts,
    codes: Iterable[str],
    *,
    state: str = "",
    other_notes: Iterable[OtherNote] = (),
    day_sessions: Iterable[DaySession] = (),
    sketches: Iterable[OtherSketch] = (),
    sketch_key: bytes = b"",
    declared: str = "",
    released_by_clinician: bool = False,
) -> NoteAudit:
    """Say what a note does not show that its codes ask for. Deterministic; no model, nothing is kept.

    Psychotherapy notes and SUD counseling notes are refused before anything else looks at the text.

    Args:
        text: The progress note as plain text.
        facts: The session as it was recorded: date, services, times, people, modality, credential, payer.
        codes: What is billed: ``90837``, ``90837-95``, ``0905:S9480``. Modifiers and revenue codes
            are ignored.
        state: State whose rules govern, two letters; some requirements hold in one state only.
        other_notes: Notes to compare with for copied text.
        day_sessions: The clinician's other sessions of that date.
        sketches: Sketches of the clinician's earlier notes; compared where `other_notes` has no text.
        sketch_key: The secret with which they were made; with it the answer holds this note's own sketch.
        declared: The class that the sender gave the text; see `refuse_separate_note`.
        released_by_clinician: The clinician says that this is the progress note.

    Returns:
        The audit; see `NoteAudit`. Findings stand in the order of ``notes/requirements.yaml``.

    Examples:
        >>> from datetime import date
        >>> facts = SessionFacts(dos=date(2026, 11, 9), service=("individual psychotherapy",),
        ...                      setting="office", credential="LCSW", payer_kind="medicare", minutes=(53,))
        >>> audit_note("PROCESS NOTE: my own reaction to the hour", facts, ["90837"]).result
        'refused'
    """
    refused = refuse_separate_note(
        text, declared=declared, released_by_clinician=released_by_clinician, subject_id=facts.case_id
    )
    if refused is not None:
        return NoteAudit(result=REFUSED, findings=(refused,))
    if not text.strip():
        empty = make_finding(
            "notes.empty", payer_kind=facts.payer_kind, state=state, subject_id=facts.case_id
        )
        return NoteAudit(result=STOP, findings=(empty,))
    plain = tuple(dict.fromkeys(code for spelled in codes if (code := plain_code(spelled))))
    audit = Audit(
        note=Note(text),
        facts=facts,
        codes=plain,
        classes=classes_of(plain),
        state=state.upper(),
        other_notes=tuple(other_notes),
        day_sessions=tuple(day_sessions),
        sketches=tuple(sketches),
        sketch_key=sketch_key,
    )
    for check in _CHECKS:
        check(audit)
    place = {code: number for number, code in enumerate(requirements())}
    findings = tuple(sorted(audit.findings, key=lambda finding: place[finding.code]))
    return NoteAudit(
        result=result_of(findings),
        findings=findings,
        evidence=audit.evidence,
        read=audit.read,
        not_checked=tuple(dict.fromkeys(audit.not_checked)),
        sketch=audit.sketch,
    )
