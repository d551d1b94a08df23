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


# Remarks at a desk that begin like such a note, and such notes that are as short as a remark.
REMARKS = [
    "Psychotherapy notes requested by Aetna on 10/03; refused.",
    "Psychotherapy notes are kept by the clinician, not in this system.",
    "Psychotherapy notes may not be released without a separate authorization.",
    "Psychotherapy notes never sent; progress note attached instead.",
    "Psychotherapy notes policy read and signed by staff.",
    "Psychotherapy notes excluded from this release.",
    "Psychotherapy notes authorization form received 11/02.",
    "Psychotherapy notes stay with Dr. Lee.",
    "Psychotherapy notes cannot be asked for by the payer (45 CFR 164.508).",
    "Psychotherapy notes: none in the chart.",
    "Psychotherapy notes must not be uploaded here, told the front desk.",
    "Psychotherapy notes wanted by the reviewer; sent progress notes only.",
    "Psychotherapy note field left blank.",
    "Psychotherapy notes training due in December.",
    "Psychotherapy notes demanded with the audit letter, we declined.",
    "Process note: call the payer on Monday about the balance.",
    "Private note: mother pays the copay, card on file.",
    "Personal note: prefers to be called Sam.",
    "SUD counseling notes need their own consent under Part 2.",
    "Psychotherapy notes? Not needed for this appeal, send start and stop times.",
    "Psychotherapy notes not part of what we bill.",
    "Psychotherapy notes will be produced only to a court.",
    "Psychotherapy notes section hidden for billers.",
    "Process note from the clearinghouse: resubmit with taxonomy.",
    "Private note to the biller: deductible met in June.",
    "Psychotherapy notes disclosure log updated.",
    "Psychotherapy notes question from the auditor answered by letter.",
    "Personal note: birthday wrong in the portal.",
    "Psychotherapy notes vs progress notes explained to new hire.",
    "Psychotherapy notes flagged by the gate by mistake, see ticket.",
]
SHORT_NOTES = [
    "Psychotherapy notes of 11/09: she wept when we reached her father's leaving.",
    "PSYCHOTHERAPY NOTES\nThe hour opened in silence.",
    "Psychotherapy note. He told me of the affair and asked that nobody knows.",
    "Process note: countertransference strong, my own irritation again.",
    "Private notes - he fears that he will hurt his brother.",
    "Therapist's private notes: the dream of the flooded house returned.",
    "Confidential psychotherapy notes, session 12, mother's death came up.",
    "These are my psychotherapy notes on the last three hours.",
    "This document contains psychotherapy notes.",
    "Psychotherapy notes kept separate from the medical record.",
    "Psychotherapy notes for J.D.: shame about the relapse, long silence.",
    "Shadow notes, week 9: resentment toward the older sister.",
    "SUD counseling notes: she described the first time with heroin.",
    "Note type: Psychotherapy note\nThemes of abandonment.",
    "Process notes 11/9: I felt pushed away, he spoke of leaving therapy.",
    "Psychotherapy notes\nPatient disclosed childhood abuse by an uncle.",
    "Personal notes: hypothesis that the panic stands for grief.",
    "Psychotherapy notes, not for the chart: the fantasies became violent.",
    "Substance use disorder counseling note: ashamed of drinking before work, hid it from his wife.",
    "psychotherapy note - client cried about the abortion, do not tell insurance.",
    "Psychotherapy notes 3/14 he is certain that the neighbours listen, long pauses.",
    "Process note\nThe theme of betrayal again.",
    "Private process notes: sexual thoughts about a coworker, guilt.",
    "Psychotherapy notes: talked about suicide of the brother in 2009.",
    "My reading of the transference follows. Psychotherapy notes, keep apart.",
    "Personal notes on the marriage: contempt, no tenderness left.",
    "SUD counseling notes. Relapsed on Tuesday, used with cousin.",
    "Shadow note: suspects the diagnosis is wrong, narcissistic wound.",
    "PSYCHOTHERAPY NOTE (process): free association to the lake.",
    "Psychotherapy notes | EMDR memory: the accident, blood on the seat.",
]


def test_remarks_about_such_notes_pass_and_short_notes_do_not():
    """Both error rates over sixty phrases; a remark refused costs a sentence, a note let in is a breach."""
    refused = [text for text in REMARKS if refuse_separate_note(text)]
    passed = [text for text in SHORT_NOTES if not refuse_separate_note(text)]
    assert passed == []
    assert refused == []


def test_a_remark_at_the_head_of_a_document_is_no_excuse():
    """What is longer than a remark, or tells of a session, stays refused where its title says what it is."""
    title = "Psychotherapy notes requested by clinician\n"
    assert refuse_separate_note(title + "Themes of the week in detail. " * 20) is not None
    assert refuse_separate_note(f"{title}She wept about her father.") is not None
