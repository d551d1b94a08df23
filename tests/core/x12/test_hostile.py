"""Reader, validator and acknowledgments are total: any bytes give a result."""

from __future__ import annotations

import random
import time

import pytest
from builders import file_of
from mutations import mutate

from cleanclaim.x12.ack import acknowledge_groups, acknowledge_interchanges
from cleanclaim.x12.generic import to_generic
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.report import report_document
from cleanclaim.x12.validate import validate
from cleanclaim.x12.writer import WriteRefused

MUTATIONS = 20_000
SEEDS = [file_of("837P"), file_of("835"), file_of("999")]


def examine(data: bytes) -> int:
    file = read_x12(data)
    reports = validate(file)
    acknowledge_groups(file, reports)
    acknowledge_interchanges(file)
    return len(report_document(file, reports, values=True)["findings"]) + sum(
        len(one.findings) for one in reports
    )


def test_twenty_thousand_mutated_files_never_raise():
    rng = random.Random(20261123)
    found = 0
    for _ in range(MUTATIONS):
        found += examine(mutate(rng, rng.choice(SEEDS)))
    assert found > MUTATIONS  # the harm is seen, not overlooked


def test_the_drill_can_fail():
    """A reader that trusted ISA would fall at once: the mutations do reach it."""
    rng = random.Random(20261123)
    cut = [mutate(rng, rng.choice(SEEDS)) for _ in range(200)]
    with pytest.raises((IndexError, ValueError)):
        for data in cut:
            int(data.split(b"~")[-2].split(b"*")[1])


def test_mutated_files_that_can_be_written_again_read_alike():
    from cleanclaim.x12.generic import from_generic

    rng = random.Random(7)
    written = 0
    for _ in range(500):
        file = read_x12(mutate(rng, rng.choice(SEEDS)))
        try:
            again = read_x12(from_generic(to_generic(file)))
        except WriteRefused:
            continue
        written += 1
        assert [one.set_id for one in again.transactions()] == [one.set_id for one in file.transactions()]
    assert written > 50


GIANTS = [  # bytes, why
    (b"ISA*" * 200_000, "many beginnings of ISA"),
    (b"~" * 500_000, "terminators only"),
    (file_of("837P")[:106] + b"~" * 500_000, "empty segments"),
    (file_of("837P").replace(b"HI*", b"\n" * 300_000 + b"HI*"), "a long run of line ends"),
    (
        file_of("837P").replace(b"~", b"\n").replace(b"HI*", b"\n" * 300_000 + b"HI*"),
        "the same, as terminators",
    ),
    (file_of("837P").replace(b"HI*", b"HI" + b"*" * 300_000), "a segment of many elements"),
    (file_of("837P").replace(b"HI*", b"HI*" + b":" * 300_000), "an element of many components"),
    (file_of("837P").replace(b"HI*", b"HI*" + b"^" * 300_000), "an element of many repetitions"),
    (file_of("837P").replace(b"HI*", b"HL*3*2*22*0~" * 20_000 + b"HI*"), "many levels"),
    (file_of("835").replace(b"CAS*PR", b"ST*835*0002~" * 20_000 + b"CAS*PR"), "many beginnings of a set"),
    (file_of("837P").replace(b"LX*2", b"LX*2" + b"9" * 500_000), "a number of many digits"),
]


@pytest.mark.parametrize(("data", "why"), GIANTS)
def test_giants_are_read_in_time(data, why):
    # Processor time, so that a busy machine fails nothing; a quadratic reader takes minutes here.
    begun = time.process_time()
    examine(data)
    assert time.process_time() - begun < 30, why
