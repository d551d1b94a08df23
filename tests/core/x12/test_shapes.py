"""Checking by shape finds exactly what walking segment by segment finds."""

from __future__ import annotations

import csv
import random

import msgspec
import pytest
from builders import BODIES, file_of
from mutations import mutate

from cleanclaim.x12.index import read_x12
from cleanclaim.x12.limits import Limits
from cleanclaim.x12.validate import validate
from cleanclaim.x12.validate.shapes import Chunks

HEADER, CLAIM_LEVEL = BODIES["837P"][4].split("HL*2*1*22*0\n")


def many_claims(count: int, change=lambda number, text: text) -> str:
    """A transaction with `count` subscribers with one claim each; `change` may harm some of them."""
    parts = [HEADER]
    for number in range(count):
        text = f"HL*{number + 2}*1*22*0\n{CLAIM_LEVEL}\n".replace("A1003", f"A{number}")
        parts.append(change(number, text))
    return "".join(parts).strip()


def findings_of(data, **options):
    reports = validate(read_x12(data), **options)
    return [(report.claims, [msgspec.to_builtins(one) for one in report.findings]) for report in reports]


@pytest.fixture
def slowly(monkeypatch):
    def slowly(data, **options):
        with monkeypatch.context() as patched:
            patched.setattr(Chunks, "take", lambda self, *_: False)
            return findings_of(data, **options)

    return slowly


def test_the_second_claim_of_a_shape_is_not_walked(monkeypatch):
    taken = []
    take = Chunks.take
    monkeypatch.setattr(Chunks, "take", lambda self, *chunk: taken.append(take(self, *chunk)) or taken[-1])
    findings_of(file_of("837P", many_claims(50)))
    assert taken.count(True) >= 96


HARMS = [
    ("a wrong value", "HC:90837*175", "HC:90837*17x5"),
    ("a missing segment", "HI*ABK:F331\n", ""),
    ("a segment too many", "HI*ABK:F331\n", "HI*ABK:F331\nHI*ABK:F331\n"),
    ("a segment in the wrong place", "LX*1\n", "DMG*D8*19800101*F\nLX*1\n"),
    ("an unknown segment", "LX*1\n", "ZZZ*1\nLX*1\n"),
    ("a wrong sum", "*310*", "*311*"),
    ("a wrong level number", "HL*7*1", "HL*9*1"),
    ("a wrong parent", "HL*7*1", "HL*7*5"),
    ("a level below that does not come", "HL*7*1*22*0", "HL*7*1*22*1"),
    ("a forgotten beginning", "NM1*PR*2*EVERGREEN*****PI*60054\n", ""),
    ("a loop that may not stand there", "SBR*P*18*G1******CI\n", "CLM*X*1*\nSBR*P*18*G1******CI\n"),
    ("a line left out", "LX*2", "LX*3"),
    ("a line numbered twice", "LX*2", "LX*1"),
    ("a date that is none", "D8*20261015", "D8*20261345"),
]


@pytest.mark.parametrize(("why", "old", "new"), HARMS)
def test_one_harmed_claim_among_many(slowly, why, old, new):
    for victim in (0, 5, 19):
        text = many_claims(
            20, lambda number, text, v=victim: text.replace(old, new, 1) if number == v else text
        )
        data = file_of("837P", text)
        assert findings_of(data) == slowly(data), (why, victim)


def test_every_harm_is_found():
    for why, old, new in HARMS:
        text = many_claims(
            20, lambda number, text, o=old, n=new: text.replace(o, n, 1) if number == 5 else text
        )
        ((_, found),) = findings_of(file_of("837P", text))
        assert found, why


def test_many_harms_in_one_file(slowly):
    rng = random.Random(5)
    for _ in range(60):

        def harm(number, text):
            if rng.random() < 0.3:
                _, old, new = rng.choice(HARMS)
                return text.replace(old, new, 1)
            return text

        data = file_of("837P", many_claims(15, harm))
        assert findings_of(data) == slowly(data)


def test_limits_count_claims_by_memory_too(slowly):
    data = file_of("837P", many_claims(30))
    limits = Limits(claims=12)
    found = findings_of(data, limits=limits)
    assert found == slowly(data, limits=limits)
    assert [one["code"] for _, many in found for one in many] == ["x12.set.too_many_claims"]


def test_more_claims_than_a_level_may_hold(slowly):
    claim = CLAIM_LEVEL[CLAIM_LEVEL.index("CLM*") :].strip()
    text = HEADER + "HL*2*1*22*0\n" + CLAIM_LEVEL + "\n" + "\n".join([claim] * 104)
    data = file_of("837P", text)
    found = findings_of(data)
    assert found == slowly(data)
    assert [one["code"] for _, many in found for one in many] == ["x12.loop.too_many"] * 5


def test_samples_are_judged_alike(slowly, samples_dir):
    with open(samples_dir / "MANIFEST.csv", newline="") as table:
        for row in csv.DictReader(table):
            data = (samples_dir / row["file"]).read_bytes()
            assert findings_of(data) == slowly(data), row["file"]


def test_mutated_files_are_judged_alike(slowly):
    rng = random.Random(11)
    seeds = [file_of("837P"), file_of("835"), file_of("999"), file_of("837P", many_claims(6))]
    for _ in range(1500):
        data = mutate(rng, rng.choice(seeds))
        assert findings_of(data) == slowly(data)
