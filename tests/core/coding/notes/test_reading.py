"""Times, minutes, dates, signatures and sections as notes write them."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim.coding.notes.clock import clock_ranges, note_dates, stated_minutes
from cleanclaim.coding.notes.cloning import likeness
from cleanclaim.coding.notes.reading import Note
from cleanclaim.coding.notes.signing import read_signatures

RANGES = [  # words, start, minutes, why
    ("Start time: 10:02 AM Stop time: 10:55 AM", 602, 53, "labelled"),
    ("from 2:00 to 2:50 pm", 840, 50, "one pm speaks for both"),
    ("Session 11:30 - 12:20 pm", 690, 50, "over noon"),
    ("Time 12:30-1:15", 750, 45, "afternoon without letters"),
    ("Time in: 0905 Time out: 0935", 545, 30, "four digits behind a word of time"),
    ("Session time 1400–1453", 840, 53, "military time, long dash"),
    ("6:00p-7:15p", 1080, 75, "short letters"),
    ("Session 23:40 to 00:35", 1420, 55, "across midnight"),
    ("Began 3:30 PM, ended 4:22 PM", 930, 52, "began and ended"),
    ("Session from 2 pm to 3 pm", 840, 60, "whole hours"),
    ("Time: 10:53 AM - 10:00 AM", 653, -53, "reversed stays reversed"),
]


@pytest.mark.parametrize(("words", "start", "minutes", "why"), RANGES)
def test_session_times(words, start, minutes, why):
    (found,) = clock_ranges(words)
    assert (found.start, found.minutes) == (start, minutes), why


@pytest.mark.parametrize(
    "words",
    [
        "sleeps from 1:00 to 4:00 am",
        "Next appointment 11/16 10:00 - 10:50",
        "works 9:00 to 5:00 pm at the store",
        "bus lines 1200-1300",
    ],
)
def test_other_times_are_no_session(words):
    assert clock_ranges(words) == []


MINUTES = [
    ("53-minute session", 53, "session"),
    ("Session length: 55 minutes", 55, "session"),
    ("Psychotherapy time: 38 min", 38, "therapy"),
    ("Total time: 1 hour 5 min", 65, "session"),
    ("met with the patient for 50 minutes", 50, "session"),
    ("E/M time 15 minutes", 15, "visit"),
    ("Minutes: 45", 45, "session"),
    ("15 minutes E/M", 15, "visit"),
]


@pytest.mark.parametrize(("words", "minutes", "kind"), MINUTES)
def test_minutes_in_words(words, minutes, kind):
    (found,) = stated_minutes(words)
    assert (found.minutes, found.kind) == (minutes, kind)


@pytest.mark.parametrize(
    "words", ["walks 30 minutes daily", "panic for 20 minutes", "homework: 15 minutes of practice time"]
)
def test_other_minutes_are_no_session(words):
    assert stated_minutes(words) == []


@pytest.mark.parametrize(
    ("words", "day", "is_service"),
    [
        ("Date of service: 11/09/2026", date(2026, 11, 9), True),
        ("DOS 2026-11-09", date(2026, 11, 9), True),
        ("Session date: November 9, 2026", date(2026, 11, 9), True),
        ("9 Nov 2026", date(2026, 11, 9), False),
        ("11/9/26", date(2026, 11, 9), False),
        ("DOB: 01/02/1990", date(1990, 1, 2), False),
    ],
)
def test_dates(words, day, is_service):
    found = note_dates(words)
    expected = [] if day.year < 2000 else [(day, is_service)]
    assert [(one.day, one.is_service) for one in found] == expected


def test_an_impossible_date_is_left_out():
    assert note_dates("DOS 02/30/2026") == []


SIGNED = [  # words, credentials, date, why
    ("Electronically signed by R. Alder, LCSW on 11/09/2026", {"LCSW"}, date(2026, 11, 9), "one line"),
    (
        "Signature: N. Ginkgo, Psy.D.   Date: 11/16/2026",
        {"PsyD"},
        date(2026, 11, 16),
        "points in the letters",
    ),
    (
        "Signed by: J. Dogwood, PhD\nDate signed: 11/11/2026",
        {"PhD"},
        date(2026, 11, 11),
        "date on the next line",
    ),
    ("A. Name, LMFT (electronically signed 11/09/2026)", {"LMFT"}, date(2026, 11, 9), "name first"),
    ("B. Name, LPCC-S\nSigned 11/09/2026", {"LPC"}, date(2026, 11, 9), "name on the line above"),
    ("/s/ M. Cedar, LICSW 2026-11-12", {"LCSW"}, date(2026, 11, 12), "a state's name of the licence"),
    ("Signed: C. Ma, RN", set(), None, "another licence, no date"),
]


@pytest.mark.parametrize(("words", "credentials", "day", "why"), SIGNED)
def test_signatures(words, credentials, day, why):
    (signature,), empty = read_signatures(words)
    assert (signature.credentials, signature.signed_on, signature.shows_credential) == (
        credentials,
        day,
        True,
    ), why
    assert empty == []


@pytest.mark.parametrize(
    "words",
    ["Treatment plan signed by client 11/09/2026", "Consent signed 11/09/2026", "Note not yet signed"],
)
def test_signatures_of_others_do_not_count(words):
    assert read_signatures(words)[0] == []


def test_an_empty_signature_line_is_told_apart():
    signatures, empty = read_signatures("Signature: ______________  Date: ______")
    assert (signatures, len(empty)) == ([], 1)


@pytest.mark.parametrize(
    ("text", "element", "shown", "why"),
    [
        ("Plan: continue weekly sessions", "plan", True, "content under a heading"),
        ("Plan: TBD", "plan", False, "a hollow heading"),
        ("Plan:\n", "plan", False, "nothing under it"),
        ("PLAN\nMeet again on Friday with the chart", "plan", True, "a title line"),
        ("No interventions were used", "intervention", False, "negated"),
        ("Used cognitive restructuring", "intervention", True, "a technique by name"),
        ("Plan: cognitive restructuring next time", "intervention", False, "planned is not done"),
        ("Denies SI/HI", "risk", True, "a denial is an assessment"),
        ("Risk was not assessed", "risk", False, "a refusal is none"),
        ("We act kindly; hi, see you", "intervention", False, "everyday words are no abbreviations"),
        ("hi there", "risk", False, "everyday words are no abbreviations"),
        ("Diagnosis: generalized anxiety disorder", "necessity", False, "a diagnosis is no symptom"),
    ],
)
def test_elements(text, element, shown, why):
    assert bool(Note(text).shows(element)) is shown, why


def test_likeness_counts_runs_of_words():
    one = "She walked to the shop and bought bread for the whole week before noon"
    assert likeness(one, one).percent == 100
    assert (
        likeness(one, "Other words entirely about a different session on another day and place").percent == 0
    )
    half = likeness(one, "She walked to the shop and bought bread then slept until the evening came")
    assert (half.percent, one[half.spans[0][0] : half.spans[0][1]]) == (
        57,
        "She walked to the shop and bought bread",
    )
