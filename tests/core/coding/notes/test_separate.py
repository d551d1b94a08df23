"""Psychotherapy notes and SUD counseling notes are refused; progress notes are not."""

from __future__ import annotations

from itertools import islice, product

import pytest

from cleanclaim.coding.notes import refuse_separate_note

TITLES = [
    "Psychotherapy notes", "PSYCHOTHERAPY NOTE", "Process note", "Process notes:", "Private notes", "Private process note",
    "Confidential - psychotherapy notes", "CONFIDENTIAL: Process Notes", "Therapist's private notes", "Personal notes",
    "Note type: Psychotherapy note", "Document class: process note", "# Psychotherapy Notes", "[Psychotherapy note]",
    "HIPAA protected psychotherapy notes", "Shadow notes", "This is a psychotherapy note under HIPAA.",
    "These are my process notes.", "This document contains psychotherapy notes.",
    "Kept separate from the medical record.", "Maintained separately from the patient's chart", "Not part of the medical record.",
    "Psychotherapy notes (45 CFR 164.501)", "psychotherapy notes, kept separate from the chart",
]  # fmt: skip
SUD_TITLES = [
    "SUD counseling note", "SUD Counseling Notes", "Substance use disorder counseling notes", "Substance use counselling note",
    "Note type: SUD counseling note", "42 CFR Part 2 - SUD counseling note", "This is a SUD counseling note.",
    "These are SUD counseling notes.",
]  # fmt: skip
LEADS = ["", "\n", "Client 20441\n", "11/09/2026\n", "Example Counseling\n\n", "   "]
BODIES = [
    "\nThe hour opened in silence.\n",
    "\nDiagnosis: F33.1\nPlan: continue weekly.\n10:00 - 10:53\n",
]


def test_two_hundred_seeded_notes_are_all_refused():
    seeds = [
        lead + title + body for title, lead, body in islice(product(TITLES + SUD_TITLES, LEADS, BODIES), 384)
    ]
    assert len(seeds) >= 200
    assert [seed for seed in seeds if refuse_separate_note(seed) is None] == []


PROGRESS = [
    ("Psychotherapy Progress Note\nPlan: continue", "a title of a progress note"),
    ("Individual psychotherapy note of progress\n", "psychotherapy inside a longer title"),
    ("This is not a psychotherapy note.", "says that it is none"),
    ("No psychotherapy notes are kept for this client.", "says that none are kept"),
    ("Progress note. Psychotherapy notes are not included.", "says that they are elsewhere"),
    ("Patient keeps private notes about meals.", "the patient's own notes"),
    ("SUD progress note: individual counseling provided", "a progress note of SUD counseling"),
    ("Processed the loss; process of grieving continues.", "the everyday word"),
]


@pytest.mark.parametrize(("text", "why"), PROGRESS)
def test_progress_notes_are_read(text, why):
    assert refuse_separate_note(text) is None, why


def test_good_notes_are_read(notes):
    assert [
        note.name for note in notes if note.name.startswith("good") and note.audit.result == "refused"
    ] == []


def test_the_sender_decides_when_he_says_so():
    finding = refuse_separate_note("Plan: continue weekly", declared="psychotherapy_note", subject_id="S-1")
    assert (finding.code, finding.subject_id) == ("notes.psychotherapy_note_refused", "S-1")
    assert refuse_separate_note("Plan: continue weekly", declared="progress_note") is None


SUSPECT = """I found myself irritated; countertransference again. He told me, "You do not listen." The dream of the
flooded house is symbolic. Bring to my supervision."""


def test_a_suspicion_is_lifted_by_the_clinician_a_statement_is_not():
    assert refuse_separate_note(SUSPECT).code == "notes.separate_note_suspected"
    assert refuse_separate_note(SUSPECT, released_by_clinician=True) is None
    assert refuse_separate_note("Process note\n" + SUSPECT, released_by_clinician=True) is not None


def test_a_refusal_quotes_nothing():
    finding = refuse_separate_note("Psychotherapy note\nthe flooded house")
    assert "flooded" not in str(finding)
