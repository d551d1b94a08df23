"""The sketch of a note: a copy is found by it, its likeness estimated, and its words are not in it."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanclaim.coding import SessionFacts
from cleanclaim.coding.notes import audit_note
from cleanclaim.coding.notes.cloning import RUN, likeness
from cleanclaim.coding.notes.sketch import MOST, Hashed, OtherSketch, Sketch

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
WORDS = st.lists(
    st.sampled_from("ash bay cove dale elm fen glen hill isle jay".split()), min_size=9, max_size=200
)
FACTS = SessionFacts(
    dos=date(2026, 11, 9), service=("individual psychotherapy",), setting="office", credential="LCSW",
    payer_kind="commercial", minutes=(45,),
)  # fmt: skip


def rewritten(text: str, share: float, rng: random.Random) -> str:
    """The text with a share of its sentences replaced by words that stand nowhere else."""
    parts = re.split(r"(?<=[.;\n])", text)
    for at in rng.sample(range(len(parts)), int(len(parts) * share)):
        parts[at] = " ".join(f"w{rng.randrange(10**6)}" for _ in parts[at].split()) + "."
    return "".join(parts)


def test_the_estimate_is_near_what_the_texts_say_and_silent_below_half(notes):
    """All good notes, copied with growing changes: mean error, silence below the limit, copies found."""
    rng, rows = random.Random(1), defaultdict(list)
    for note in [one for one in notes if len(one.text) > 900]:
        sketch = Hashed(note.text, KEY).sketch()
        for share in (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1):
            copy = rewritten(note.text, share, rng)
            told, seen = likeness(copy, note.text).percent, Hashed(copy, KEY).likeness(sketch)
            rows[min(9, told // 10)].append((told, seen))
    assert sum(map(len, rows.values())) > 400
    for band in rows.values():
        error = sum(seen.percent - told for told, seen in band) / len(band)
        assert abs(error) < 6, (band[0][0], error)
    quiet = [seen.surely for low in range(5) for _, seen in rows[low]]
    assert max(quiet) < 50, "a note that repeats less than half is never reported"
    found = [seen.surely >= 50 for _, seen in rows[9]]
    assert sum(found) / len(found) >= 0.95
    found = [seen.surely >= 50 for high in (7, 8) for _, seen in rows[high]]
    assert sum(found) / len(found) >= 0.85


@given(WORDS)
def test_a_note_is_wholly_alike_to_itself_and_to_nothing_under_another_key(words):
    hashed = Hashed(" ".join(words), KEY)
    assert hashed.likeness(hashed.sketch()).percent == 100
    assert hashed.likeness(Hashed(" ".join(words), OTHER_KEY).sketch()).percent == 0


@given(WORDS)
def test_a_sketch_survives_its_bytes_and_holds_a_part_of_the_runs(words):
    sketch = Hashed(" ".join(words), KEY).sketch()
    assert Sketch.from_bytes(sketch.to_bytes()) == sketch
    assert len(sketch.hashes) <= min(MOST, max(12, sketch.runs // 3))
    assert not any(word.encode() in sketch.to_bytes() for word in {" ".join(words[:2])})


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x09\x00\x05" + b"x" * 8, b"\x01\x00\x05" + b"x" * 7])
def test_what_is_no_sketch_of_ours_compares_with_nothing(data):
    assert Sketch.from_bytes(data) is None


def test_spans_stand_where_the_copied_words_are():
    rng = random.Random(3)
    copied = " ".join(f"c{rng.randrange(10**6)}x" for _ in range(90))
    before = " ".join(f"a{rng.randrange(10**6)}x" for _ in range(60))
    note = f"{before} {copied}"
    alike = Hashed(note, KEY).likeness(Hashed(copied, KEY).sketch())
    assert alike.percent == pytest.approx(60, abs=5)
    (first, last), *rest = alike.spans
    assert not rest and last == len(note)
    assert abs(first - note.index(copied)) < 60, "within a few words of where the copy begins"


def test_the_audit_names_date_and_share_and_keeps_the_newest_of_equals():
    rng = random.Random(5)
    body = " ".join(f"b{rng.randrange(10**6)}x" for _ in range(150))
    first = audit_note(f"Intervention: {body}", FACTS, ["90834"], sketch_key=KEY)
    others = [OtherSketch(date(2026, month, 1), Sketch.from_bytes(first.sketch)) for month in (3, 9)]
    again = audit_note(f"Intervention: {body}", FACTS, ["90834"], sketch_key=KEY, sketches=others)
    finding = next(one for one in again.findings if one.code == "notes.cloned")
    assert finding.facts["other_on"] == "2026-09-01" and finding.facts["percent"] == 100
    assert (
        finding.message == "100 percent of this note's own words repeat the note of 2026-09-01 word for word."
    )
    assert finding.facts["spans"]
    assert "notes.cloned" not in audit_note(f"Intervention: {body}", FACTS, ["90834"], sketch_key=KEY).codes


def test_without_a_key_nothing_is_sketched_and_short_notes_are_left_alone():
    assert audit_note("Intervention: talked. " * 40, FACTS, ["90834"]).sketch == b""
    short = audit_note("Intervention: reframing of worry.", FACTS, ["90834"], sketch_key=KEY)
    assert short.sketch == b""
    assert Hashed("too few words", KEY).sketch() == Sketch(0, ()) and RUN == 8
