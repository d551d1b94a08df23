"""Checking by array finds exactly what walking segment by segment finds, whatever the window."""

from __future__ import annotations

import csv
import random

import pytest
from builders import file_of
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import mutate
from test_shapes import HARMS, findings_of, many_claims

from cleanclaim.x12.index import read_x12
from cleanclaim.x12.limits import Limits
from cleanclaim.x12.validate import bulk, validate
from cleanclaim.x12.validate.shapes import Chunks

WINDOWS = (300, 2_000, 1_000_000)
MANY_SETS = 150


@pytest.fixture
def ways(monkeypatch):
    """Findings by the plain walk, and by array with a window of some size."""

    def slowly(data, **options):
        with monkeypatch.context() as patched:
            patched.setattr(bulk, "LEAST_BYTES", 1 << 40)
            patched.setattr(Chunks, "take", lambda self, *_: False)
            return findings_of(data, **options)

    def by_array(data, window, **options):
        with monkeypatch.context() as patched:
            patched.setattr(bulk, "LEAST_BYTES", 0)
            patched.setattr(bulk, "_SHORT_RUN", 0)
            patched.setattr(bulk, "WINDOW_BYTES", window)
            return findings_of(data, **options)

    return slowly, by_array


def test_clean_claims_are_neither_walked_nor_taken_one_by_one(monkeypatch):
    taken, walked = [], []
    take, walk = Chunks.take, Chunks.walk_slowly
    monkeypatch.setattr(bulk, "LEAST_BYTES", 0)
    monkeypatch.setattr(Chunks, "take", lambda self, *chunk: taken.append(1) or take(self, *chunk))
    monkeypatch.setattr(Chunks, "walk_slowly", lambda self, *chunk: walked.append(1) or walk(self, *chunk))
    ((claims, found),) = findings_of(file_of("837P", many_claims(200)))
    assert (claims, found) == (200, [])
    assert len(taken) <= 2 and not walked


@pytest.mark.parametrize(("why", "old", "new"), HARMS)
def test_one_harmed_claim_among_many(ways, why, old, new):
    slowly, by_array = ways
    for victim in (0, 5, 19):
        text = many_claims(
            20, lambda number, text, v=victim: text.replace(old, new, 1) if number == v else text
        )
        data = file_of("837P", text)
        expected = slowly(data)
        for window in WINDOWS:
            assert by_array(data, window) == expected, (why, victim, window)


ODD = [  # what arrays do not judge themselves
    ("TERRY", "TÉRRY"), ("TERRY", "T\x07RRY"), ("TERRY", "TER^RY"), ("TERRY", "TER:RY"), ("TERRY", " TERRY"),
    ("TERRY", "T" * 40), ("*175*UN", "*000000000175.00*UN"), ("*175*UN", "*175.000*UN"), ("*175*UN", "*-175*UN"),
    ("*175*UN", "*+175*UN"), ("*175*UN", "*175.*UN"), ("*175*UN", "*17500000000000000000*UN"), ("*175*UN", "**UN"),
    ("HC:90837", "HC:90837::::"), ("HC:90837", "HC:90837::::::::::"), ("HC:90837", ":90837"), ("HC:90837", "HC"),
    ("11:B:1", "11:B:1:"), ("11:B:1", "99:B:1"), ("11:B:1", "11:B"), ("11:B:1", "11::1"), ("11:B:1", "11:B:7"),
    ("ABK:F331", "ABK:F33"), ("ABK:F331", "ABK:Q999^"), ("D8*20261015", "RD8*20261015-20261016"),
    ("D8*20261015", "RD8*20261016-20261015"), ("D8*20261015", "RD8*20261015-2026101"), ("D8*20261015", "D8*19000101"),
    ("LX*1", "LX*01"), ("LX*1", "LX*-1"), ("LX*1", "LX"), ("LX*1", "LX*1*"), ("LX*1", "L\0*1"), ("LX*1", "LX*1**"),
    ("CLM*", "CLM\x00*"), ("SBR*P*18", "SBR*P\0*18"), ("HL*", "\r\n \x00HL*"), ("~", "~~"), ("HL*7*1", "HL*07*1"),
    ("HL*7*1", "HL*7*01"), ("HL*7*1", "HL**1"), ("HL*7*1", "HL*7*7"), ("HL*7*1*22*0", "HL*7*1*22"),
]  # fmt: skip


def harmed(count, harm) -> bytes:
    """A written file with `harm(number, text)` done to the bytes of some claims; 0 is the billing level."""
    head, *levels = file_of("837P", many_claims(count)).decode().split("~HL*")
    return "~".join((head, *(harm(number, f"HL*{text}") for number, text in enumerate(levels)))).encode()


@pytest.mark.parametrize(("old", "new"), ODD)
def test_what_arrays_leave_to_the_walker(ways, old, new):
    slowly, by_array = ways
    for all_of_them in (False, True):
        data = harmed(
            12,
            lambda number, text, a=all_of_them: text.replace(old, new) if a or number in (6, 9) else text,
        )
        expected = slowly(data)
        for window in WINDOWS:
            assert by_array(data, window) == expected, (old, new, window)


def test_limits_and_loops_without_end(ways):
    slowly, by_array = ways
    data = file_of("837P", many_claims(30))
    for limits in (Limits(claims=12), Limits(hl_count=9), Limits(findings=3)):
        for window in WINDOWS:
            assert by_array(data, window, limits=limits) == slowly(data, limits=limits)
    harmed = file_of("837P", many_claims(30).replace("HC:90837*175", "HC:90837*17x5"))
    for window in WINDOWS:
        assert by_array(harmed, window, limits=Limits(findings=7)) == slowly(
            harmed, limits=Limits(findings=7)
        )


def test_samples_are_judged_alike(ways, samples_dir):
    slowly, by_array = ways
    with open(samples_dir / "MANIFEST.csv", newline="") as table:
        for row in csv.DictReader(table):
            data = (samples_dir / row["file"]).read_bytes()
            expected = slowly(data)
            # Windows cut even the shortest transaction; a long file is cut some forty times, for each cut costs
            # the same, and very many small transactions are not judged again by a window that cuts none of them.
            windows = (max(1_500, len(data) // 40), 1_000_000)
            for window in windows[: 1 if data.count(b"ST") > MANY_SETS else 2]:
                assert by_array(data, window) == expected, row["file"]


def test_mutated_files_are_judged_alike(ways):
    slowly, by_array = ways
    rng = random.Random(12)
    seeds = [file_of("837P"), file_of("835"), file_of("999"), file_of("837P", many_claims(6))]
    for number in range(1500):
        data = mutate(rng, rng.choice(seeds))
        assert by_array(data, WINDOWS[number % 3]) == slowly(data), number


RAW = [(old.replace("\n", "~"), new.replace("\n", "~")) for _, old, new in HARMS]


@settings(deadline=None, max_examples=60)
@given(
    harms=st.lists(st.tuples(st.integers(0, 25), st.sampled_from([*RAW, *ODD])), max_size=6),
    window=st.integers(64, 20_000),
    short=st.sampled_from((0, 24)),
)  # fmt: skip
def test_the_window_is_invisible(harms, window, short):
    def harm(number, text):
        for victim, (old, new) in harms:
            text = text.replace(old, new, 1) if victim == number else text
        return text

    data = harmed(25, harm)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bulk, "LEAST_BYTES", 1 << 40)
        expected = findings_of(data)
        patched.setattr(bulk, "LEAST_BYTES", 0)
        patched.setattr(bulk, "WINDOW_BYTES", window)
        patched.setattr(bulk, "_SHORT_RUN", short)
        assert findings_of(data) == expected


def test_large_transactions_go_by_array():
    """The usual threshold is reached by an ordinary file, and gives the same answer."""
    data = file_of("837P", many_claims(400))
    assert len(data) > bulk.LEAST_BYTES
    (report,) = validate(read_x12(data))
    assert (report.claims, report.findings) == (400, [])


REMIT_HARMS = [  # each makes the plain check say something, or leaves it silent for a reason of its own
    ("SVC*HC:90837*175*110", "SVC*HC:90837*175*109"), ("CLP*A1003*1*310*200", "CLP*A1003*1*311*200"),
    ("CLP*A1003*1*310*200", "CLP*A1003*1*310*201"), ("CLP*A1003*1*310*200", "CLP*A1003*1**200"),
    ("SVC*HC:90837*175*110", "SVC*HC:90837**110"), ("BPR*I*195*C", "BPR*I*196*C"), ("BPR*I*195*C", "BPR*I*195*D"),
    ("BPR*I*195*C", "BPR*I**C"), ("CAS*CO*45*45", "CAS*CO*45*45**253*0"), ("CAS*CO*45*45", "CAS*CO*45*4x5"),
    ("CAS*CO*45*45", "CAS*CO*45*40**253*5"), ("CAS*CO*45*45", "CAS*CO*45*999999999999999999999"),
    ("CAS*CO*45*45~", "LX*2~CAS*CO*45*45~"), ("LX*1~", "CAS*CO*45*45~LX*1~"), ("SE*", "PLB*1*20261231*WO:X*5~SE*"),
    ("SVC*HC:90837*175*110", "SVC*HC:90837*20000000000000*19999999999935"), ("SVC*", "CLP*B*1*0*0*0*12*X~SVC*"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), REMIT_HARMS)
def test_remittances_balance_alike(ways, old, new):
    slowly, by_array = ways
    clean = file_of("835").decode()
    data = clean.replace(old, new, 1)
    assert data != clean, old
    for window in WINDOWS:
        assert by_array(data.encode(), window) == slowly(data.encode()), window


def test_a_balanced_remittance_is_not_cut_again(monkeypatch):
    from cleanclaim.x12.validate import walk

    monkeypatch.setattr(bulk, "LEAST_BYTES", 0)
    monkeypatch.setattr(walk, "check_balance", lambda *_: pytest.fail("it was"))
    assert findings_of(file_of("835"))[0][1] == []
