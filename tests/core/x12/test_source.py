"""A file read block by block from the disk gives what its bytes in memory give."""

from __future__ import annotations

import random

import pytest
from builders import file_of
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import mutate
from test_shapes import many_claims

from cleanclaim.x12 import source
from cleanclaim.x12.ack import acknowledge_groups
from cleanclaim.x12.index import Limits, open_x12, read_x12
from cleanclaim.x12.report import report_document
from cleanclaim.x12.validate import bulk, validate


def documents(file):
    reports = validate(file)
    return report_document(file, reports, values=True), acknowledge_groups(file, reports)


def assert_alike(data: bytes, folder, block: int) -> None:
    path = folder / "file.x12"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(source, "_BLOCK", block)
        with open_x12(path) as file:
            found = documents(file)
    assert found == documents(read_x12(data, file="file.x12"))


TWO = file_of("837P") + b"\r\n" + file_of("835").replace(b"000000041", b"000000042")
SEEDS = [
    file_of("837P"),
    file_of("835"),
    TWO,
    TWO.replace(b"~", b"~\n"),
    b"\xef\xbb\xbf" + TWO,
    b"",
    b"\n" * 40,
    b"a,b",
]


@pytest.mark.parametrize("block", [16, 64, 1_000, 1 << 20])
def test_seeds(tmp_path, block):
    for data in SEEDS:
        assert_alike(data, tmp_path, block)


def test_mutated_files(tmp_path):
    rng = random.Random(3)
    for number in range(400):
        data = mutate(rng, rng.choice(SEEDS[:5]))
        assert_alike(data, tmp_path, (16, 90, 700)[number % 3])


@settings(deadline=None, max_examples=80)
@given(st.binary(max_size=120), st.integers(0, 400), st.integers(8, 300))
def test_any_bytes_in_any_place(tmp_path_factory, strange, at, block):
    data = TWO[:at] + strange + TWO[at:]
    assert_alike(data, tmp_path_factory.getbasetemp(), block)


def test_large_transactions_from_the_disk(tmp_path):
    data = file_of("837P", many_claims(400).replace("HC:90837*175", "HC:90837*17x5", 2))
    assert len(data) > bulk.LEAST_BYTES
    assert_alike(data, tmp_path, 1_000)


def test_limits_hold_for_files_too(tmp_path):
    path = tmp_path / "file.x12"
    path.write_bytes(TWO)
    with open_x12(path, limits=Limits(file_bytes=100)) as file:
        assert [one.code for one in file.findings] == ["x12.file.too_large"]
    with pytest.raises(OSError, match="absent"), open_x12(tmp_path / "absent.x12"):
        pass


def test_a_transaction_too_large_is_not_looked_at():
    """Its neighbours are, and it is answered."""
    data = TWO.replace(b"SE*", b"NTE*ADD*" + b"X" * 70 + b"~SE*", 1)
    limits = Limits(transaction_bytes=data.index(b"~GE*") - data.index(b"~ST*") - 10)
    file = read_x12(data, limits=limits)
    large, small = validate(file, limits=limits)
    assert [one.code for one in large.findings] == ["x12.set.too_large"]
    assert large.transaction.size < 40 and not large.valid
    assert small.valid
    assert [one.result for one in acknowledge_groups(file, [large, small])] == ["R", "A"]


def test_more_transactions_than_are_read():
    data = file_of("999")
    begin, end = data.index(b"ST*"), data.index(b"GE*")
    data = data[:begin] + data[begin:end] * 5 + data[end:]
    file = read_x12(data, limits=Limits(transactions=3))
    assert len(list(file.transactions())) == 3
    assert "x12.file.too_many_sets" in [one.code for one in file.findings]
