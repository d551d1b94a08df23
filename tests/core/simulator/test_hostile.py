"""Whatever is sent, the partner answers or stays silent; it never fails and never loses other claims."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from partner import MEDICARE, MONDAY, claim, claim_file

from cleanclaim.simulator import SimulatedClearinghouse
from cleanclaim.x12.index import read_x12

VALUES = (b"", b"X", b"-1", b"9" * 20, "é".encode(), b"20260231", b"A B", b"0", b"\x07")


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A segment dropped, an element replaced, or some bytes changed."""
    segments = data.split(b"~")
    at = chance.randrange(len(segments))
    kind = chance.randrange(3)
    if kind == 0:
        del segments[at]
        return b"~".join(segments)
    if kind == 1:
        elements = segments[at].split(b"*")
        elements[chance.randrange(len(elements))] = chance.choice(VALUES)
        segments[at] = b"*".join(elements)
        return b"~".join(segments)
    garbled = bytearray(data)
    for _ in range(chance.randrange(1, 5)):
        garbled[chance.randrange(len(garbled))] = chance.randrange(256)
    return bytes(garbled)


@pytest.mark.parametrize("seed", range(4))
def test_garbled_claim_files_never_break_the_partner(seed):
    chance = random.Random(seed)
    sound = claim_file(claim("PD", 1), claim("XO", 2, payer=MEDICARE), claim("RV", 3), ask_ta1=True)
    for _ in range(300):
        partner = SimulatedClearinghouse(7)
        partner.receive(mutated(sound, chance), MONDAY)
        partner.receive(claim_file(claim("PD", 9), number=999), MONDAY)
        files = partner.due(MONDAY + timedelta(days=200))
        # A TA1 repeats date and time of the ISA as they were sent, even when they are what is wrong.
        sound_kinds = [file for file in files if file.kind != "ta1"]
        assert all(read_x12(file.data).all_findings() == [] for file in sound_kinds)
        assert any(b"CLP*EC000009*1*150*" in file.data for file in files if file.kind == "835")


def test_public_samples_of_every_kind_are_taken_or_ignored(samples_dir):
    kinds = set()
    for path in sorted(samples_dir.rglob("*")):
        if path.is_file():
            partner = SimulatedClearinghouse(7)
            partner.receive(path.read_bytes(), MONDAY)
            kinds |= {file.kind for file in partner.due(MONDAY + timedelta(days=200))}
    assert kinds == {"ta1", "999", "277ca", "835"}
