"""What other payers paid: judged by array exactly as claim by claim, on claims harmed in every way."""

from __future__ import annotations

import random

import pytest
from builders import file_of
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import mutate
from test_bulk import WINDOWS, ways  # noqa: F401 - the fixture
from test_shapes import findings_of, many_claims

from cleanclaim.x12.validate import bulk
from cleanclaim.x12.validate.shapes import Chunks

OTHER = """SBR*{place}*18*******{kind}
CAS*CO*45*{reduced}
AMT*D*{paid}
OI***Y***Y
NM1*IL*1*TESTER*TERRY****MI*W1
NM1*PR*2*OTHER PLAN*****PI*{payer}
"""
ANSWER = """SVD*{payer}*{paid}*HC:90837**1
CAS*PR*1*20**2*{owed}
DTP*573*D8*20261020
"""


def with_payers(number: int, text: str) -> str:
    """A claim of 310 with one or two other payers: 20 off the claim, the rest off the first line."""
    head, lines = text.split("LX*1\n", 1)
    payers, answers = "", ""
    for place, payer in (("P", "11111"), ("T", "LONGPLANID22"))[: 1 + number % 2]:
        paid = 50 + number % 90
        payers += OTHER.format(place=place, kind="CI", reduced=20, paid=310 - 20 - (175 - paid), payer=payer)
        answers += ANSWER.format(payer=payer, paid=paid, owed=175 - paid - 20)
    first, rest = lines.split("LX*2\n", 1)
    return f"{head.replace('SBR*P', 'SBR*S')}{payers}LX*1\n{first}{answers}LX*2\n{rest}"


def several(count, change=lambda number, text: text) -> bytes:
    """A file of such claims, some of them harmed."""
    return file_of("837P", many_claims(count, lambda number, text: change(number, with_payers(number, text))))


HARMS = [
    ("SVD*11111*5", "SVD*11111*6"), ("CAS*CO*45*20\n", "CAS*CO*45*20**97*90000000000000\n"),
    ("*20**2*", "*21**2*"), ("CAS*CO*45*20\n", ""), ("CAS*CO*45*20\n", "CAS*CO*45*20.5\n"), ("AMT*D*", "AMT*D*1"),
    ("AMT*D*", "AMT*EAF*"), ("SVD*11111*", "SVD*11112*"), ("SVD*11111*", "SVD**"), ("PI*11111", "PI*11112"),
    ("PI*11111", "PI*LONGPLANID22"), ("PI*11111", "PI*A23456789012345678"), ("*HC:90837**1\nCAS", "*HC:90837**1*2\nCAS"),
    ("CAS*CO*45*20\n", "CAS*CO*45*10**97*10\n"), ("CAS*CO*45*20\n", "CAS*CO*45*10**97*\n"), ("*310*", "*311*"),
    ("CAS*CO*45*20\n", "CAS*CO*45*20000000000000\n"), ("CAS*CO*45*20\n", "CAS*CO*45*-20\n"), ("SVD*", "SVE*"),
    ("CAS*PR*1*20**2*", "CAS*PR*1*20**2*0000000000000"), ("CAS*PR*1*20**2*", "CAS*PR*1*x**2*"),
    ("LX*2\n", "LX*2\nCAS*CO*45*1\n"), ("LX*1\n", "CAS*CO*45*1\nLX*1\n"), ("OI***Y***Y\n", "OI***Y***Y\nAMT*D*5\n"),
    ("NM1*PR*2*OTHER PLAN*****PI*11111\n", ""), ("SV1*HC:90837*175*", "SV1*HC:90837*176*"), ("SV1*HC:90837*175*", "SV1*HC:90837**"),
]  # fmt: skip


def test_clean_claims_of_other_payers_are_not_taken_one_by_one(monkeypatch):
    taken, walked = [], []
    take, walk = Chunks.take, Chunks.walk_slowly
    monkeypatch.setattr(bulk, "LEAST_BYTES", 0)
    monkeypatch.setattr(Chunks, "take", lambda self, *chunk: taken.append(1) or take(self, *chunk))
    monkeypatch.setattr(Chunks, "walk_slowly", lambda self, *chunk: walked.append(1) or walk(self, *chunk))
    ((claims, found),) = findings_of(several(100))
    assert (claims, found) == (100, [])
    assert len(taken) <= 4 and len(walked) <= 4


@pytest.mark.parametrize(("old", "new"), HARMS)
def test_each_harm_is_judged_alike(ways, old, new):  # noqa: F811
    slowly, by_array = ways
    for victims in ((0,), (5, 6), range(14)):
        data = several(14, lambda number, text, v=victims: text.replace(old, new, 1) if number in v else text)
        expected = slowly(data)
        for window in WINDOWS:
            assert by_array(data, window) == expected, (old, new, window)


def test_differences_are_found_by_array(ways):  # noqa: F811
    _, by_array = ways
    codes = {
        finding["code"]
        for old, new in HARMS
        for _, found in by_array(several(3, lambda _, text, o=old, n=new: text.replace(o, n, 1)), 1_000_000)
        for finding in found
    }
    assert {
        "x12.balance.claim_charge",
        "x12.balance.other_payer_line",
        "x12.balance.other_payer_claim",
    } <= codes


@settings(deadline=None, max_examples=60)
@given(
    harms=st.lists(st.tuples(st.integers(0, 15), st.sampled_from(HARMS)), max_size=5),
    window=st.integers(64, 20_000),
)  # fmt: skip
def test_any_mixture_is_judged_alike(harms, window):
    def harm(number, text):
        for victim, (old, new) in harms:
            text = text.replace(old, new, 1) if victim == number else text
        return text

    data = several(16, harm)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bulk, "LEAST_BYTES", 1 << 40)
        expected = findings_of(data)
        patched.setattr(bulk, "LEAST_BYTES", 0)
        patched.setattr(bulk, "WINDOW_BYTES", window)
        patched.setattr(bulk, "_SHORT_RUN", 0)
        assert findings_of(data) == expected


def test_mutated_files_are_judged_alike(ways):  # noqa: F811
    slowly, by_array = ways
    rng = random.Random(19)
    seed = several(5)
    for number in range(400):
        data = mutate(rng, seed)
        assert by_array(data, WINDOWS[number % 3]) == slowly(data), number
