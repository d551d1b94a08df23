"""The audit over labelled notes: every planted fault is found, good notes raise nothing."""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import date

import pytest

from cleanclaim.coding import SessionFacts
from cleanclaim.coding.notes import OtherNote, audit_note, requirements, spans_of

SESSION = SessionFacts(
    dos=date(2026, 11, 9),
    service=("individual psychotherapy",),
    setting="office",
    credential="LCSW",
    payer_kind="medicare",
    minutes=(55,),
)


def test_each_labelled_note_gets_exactly_its_findings(notes):
    wrong = {
        note.name: (note.expected, note.audit.codes)
        for note in notes
        if set(note.expected) != set(note.audit.codes)
    }
    assert wrong == {}


def test_precision_and_recall_by_finding(notes, capsys):
    """One row a finding: planted, found, found where nothing was planted."""
    planted, found, false = Counter(), Counter(), Counter()
    for note in notes:
        planted.update(note.expected)
        found.update(set(note.audit.codes) & set(note.expected))
        false.update(set(note.audit.codes) - set(note.expected))
    with capsys.disabled():
        rows = [
            f"{code:40} {planted[code]:7} {found[code]:5} {false[code]:5}"
            for code in sorted(set(planted) | set(false))
        ]
        total = f"{'all':40} {planted.total():7} {found.total():5} {false.total():5}"
        sys.stdout.write("\n".join(["", f"{'finding':40} planted found false", *rows, total, ""]))
    assert found.total() / planted.total() >= 0.95
    assert found.total() / (found.total() + false.total()) >= 0.95


def test_every_requirement_has_a_labelled_fault(notes):
    planted = {code for note in notes for code in note.expected}
    assert set(requirements()) - planted == {"notes.empty"}


def test_spans_lie_in_the_text_and_messages_hold_no_words_of_the_note(notes):
    for note in notes:
        for finding in note.audit.findings:
            assert all(0 <= first < last <= len(note.text) for first, last in spans_of(finding)), finding
            words = {word for word in note.text.split() if len(word) > 12 and word.isalpha()}
            told = {word for word in finding.message.split() if word in words}
            assert told <= {"psychotherapy", "interactive", "psychotherapy,"}, finding.message


def test_the_evidence_of_a_finding_is_what_the_note_says(notes):
    by_name = {note.name: note for note in notes}

    def quoted(name: str) -> list[str]:
        note = by_name[name]
        return [note.text[first:last] for finding in note.audit.findings for first, last in spans_of(finding)]

    assert (
        quoted("fault_short_for_code") == ["10:02 AM   Stop time: 10:52 AM"]
        or "10:52 AM" in quoted("fault_short_for_code")[0]
    )
    assert quoted("fault_other_date") == ["11/02/2026"]
    assert quoted("fault_signed_before") == ["11/08/2026"]
    assert quoted("fault_plan_tbd") == ["Plan: TBD"]
    assert quoted("fault_risk_not_assessed") == ["Suicide risk was not assessed"]
    assert quoted("fault_other_group_size") == ["Members present: 11"]


def test_the_same_note_gives_the_same_audit(notes):
    note = next(one for one in notes if one.name == "fault_cloned_reworded")
    assert note.audit == type(note.audit)(
        **{name: getattr(note.audit, name) for name in note.audit.__struct_fields__}
    )
    assert audit_note(note.text, SESSION, ["90837"]) == audit_note(note.text, SESSION, ["90837"])


@pytest.mark.parametrize(
    ("payer_kind", "severity", "source"),
    [
        ("medicare", "stop", "noridian_smrc_01_106"),
        ("commercial", "stop_unless_overridden", "cleanclaim_handbook_coding"),
    ],
)
def test_severity_and_source_follow_the_payer(payer_kind, severity, source):
    session = SessionFacts(
        **{name: getattr(SESSION, name) for name in ("dos", "service", "setting", "credential")},
        payer_kind=payer_kind,
    )
    audit = audit_note("Date: 11/09/2026", session, ["90837"])
    finding = next(finding for finding in audit.findings if finding.code == "notes.time_missing")
    assert finding.severity == severity
    assert finding.sources[0].id == source


def test_a_requirement_of_one_state_is_cited_there_only(notes):
    text = next(note.text for note in notes if note.name == "fault_no_audio_reason")
    session = SessionFacts(
        dos=date(2026, 11, 12), service=("individual psychotherapy",), setting="telehealth", credential="LMFT",
        payer_kind="medicaid", modality="audio", minutes=(30,),
    )  # fmt: skip

    def sources(state: str) -> list[str]:
        audit = audit_note(text, session, ["90832-93"], state=state)
        return [
            source.at
            for finding in audit.findings
            if finding.code == "notes.audio_reason_missing"
            for source in finding.sources
        ]

    assert "RI EOHHS Telemedicine Billing Guidance, 2025-09-01" in sources("RI")
    assert sources("TX") == ["section 17"]


def test_what_could_not_be_checked_is_said(notes):
    audit = audit_note("Date: 11/09/2026", SESSION, ["90837"])
    assert audit.not_checked == (
        "cloned text: no other notes were given",
        "impossible day: the clinician's other sessions were not given",
    )


def test_an_empty_note_stops():
    assert audit_note("  \n", SESSION, ["90837"]).codes == ("notes.empty",)


def test_the_cloned_finding_names_the_note_and_shows_both_sides(notes):
    note = next(one for one in notes if one.name == "cloned_whole")
    finding = note.audit.findings[0]
    assert finding.facts["other_note"] == "other_individual_soap_previous.txt"
    assert finding.facts["percent"] >= 90
    assert len(finding.facts["other_spans"]) == len(finding.facts["spans"])


def test_fifty_notes_are_compared_in_two_seconds(notes):
    text = next(note.text for note in notes if note.name == "good_individual_soap")
    others = [OtherNote(f"N{number}", text.replace("shifts", f"shifts {number}")) for number in range(50)]
    start = time.perf_counter()
    audit = audit_note(text, SESSION, ["90837"], other_notes=others)
    assert audit.codes == ("notes.cloned",)
    assert time.perf_counter() - start < 2
