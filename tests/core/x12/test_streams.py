"""Reports and answers one after the other: the same as all at once, and nothing is kept of them."""

from __future__ import annotations

import json
import random
import tracemalloc
from datetime import datetime

import pytest
from builders import file_of
from mutations import mutate

from cleanclaim.x12 import source
from cleanclaim.x12.ack import acknowledge_groups, answering_envelope, stream_answers
from cleanclaim.x12.envelopes import _Numbers
from cleanclaim.x12.index import open_x12, read_x12
from cleanclaim.x12.report import report_document, report_text
from cleanclaim.x12.sets.acknowledgments import write_999
from cleanclaim.x12.validate import load_profile, shapes, validate, validate_each
from cleanclaim.x12.writer import write_x12

NOW = datetime(2026, 11, 23, 9, 30)  # noqa: DTZ001


def many(count: int, kind: str = "837P", *, spoil: bool = False) -> bytes:
    """A file in which one transaction stands many times; every third one spoiled."""
    data = file_of(kind)
    begin, end = data.index(b"ST*"), data.index(b"GE*")
    one = data[begin:end]
    sets = []
    for number in range(1, count + 1):
        text = one.replace(b"*0001", b"*%07d" % number)
        sets.append(text.replace(b"*A1003*", b"*A1003*Z", 1) if spoil and number % 3 == 0 else text)
    return data[:begin] + b"".join(sets) + data[end:].replace(b"GE*1*", b"GE*%d*" % count)


def answer_of(file, answers) -> bytes:
    bodies = [
        write_999(*one[:1], control_number=f"{at:04d}", **({"answers": one[1]} if len(one) > 1 else {}))
        for at, one in enumerate(answers, 1)
    ]
    return write_x12(answering_envelope(file.interchanges[0], 1, NOW), bodies) if bodies else b""


@pytest.mark.parametrize("spoil", [False, True])
@pytest.mark.parametrize("kind", ["837P", "835"])
def test_one_after_the_other_says_the_same(tmp_path, kind, spoil):
    path = tmp_path / "file.x12"
    path.write_bytes(many(501, kind, spoil=spoil))  # more than are packed together
    held = read_x12(path.read_bytes(), file="file.x12")
    reports = validate(held)
    with open_x12(path) as file:
        text = "".join(report_text(file, validate_each(file), values=True))
        streamed = answer_of(file, stream_answers(file, validate_each(file)))
    assert json.loads(text) == report_document(held, reports, values=True)
    assert streamed == answer_of(held, [(one,) for one in acknowledge_groups(held, reports)])
    assert len(acknowledge_groups(held, reports)[0].transactions) == 501


def test_broken_files_say_the_same(tmp_path):
    rng = random.Random(11)
    seeds = [many(5), many(4, "835"), file_of("837P") + file_of("835").replace(b"000000041", b"000000042")]
    path = tmp_path / "file.x12"
    for _ in range(60):
        path.write_bytes(mutate(rng, rng.choice(seeds)))
        held = read_x12(path.read_bytes(), file="file.x12")
        reports = validate(held, profile=load_profile("strict"))
        with open_x12(path) as file:
            text = "".join(report_text(file, validate_each(file, profile=load_profile("strict"))))
            streamed = stream_answers(file, validate_each(file))
        assert json.loads(text) == report_document(held, reports)
        whole = acknowledge_groups(held, validate(held))
        assert [group for group, _ in streamed] == [type(one)(**{
            **{name: getattr(one, name) for name in one.__struct_fields__}, "transactions": ()
        }) for one in whole]  # fmt: skip
        assert [tuple(answers) for _, answers in streamed] == [one.transactions for one in whole]


def test_packed_answers_read_as_a_sequence(tmp_path):
    file = read_x12(many(1201, spoil=True))
    ((_, packed),) = stream_answers(file, validate_each(file))
    whole = list(packed)
    assert len(packed) == 1201 and packed[0] == whole[0] and packed[-1] == whole[1200]
    assert packed[499:502] == whole[499:502] and {one.result for one in packed[2::3]} == {"R"}
    with pytest.raises(IndexError):
        packed[1201]


def test_transactions_on_the_disk_are_made_when_they_are_looked_at(tmp_path):
    path = tmp_path / "file.x12"
    path.write_bytes(many(30))
    held = list(read_x12(path.read_bytes()).transactions())
    with open_x12(path) as file:
        (group,) = file.interchanges[0].groups
        assert len(group.transactions) == 30
        for at, wanted in enumerate(held):
            found = group.transactions[at]
            assert (found.control_number, found.guide, found.offset) == (
                wanted.control_number, wanted.guide, wanted.offset,
            )  # fmt: skip
            assert found.text() == wanted.text() and len(found.segments) == len(wanted.segments)
        assert [one.control_number for one in group.transactions[-2:]] == ["0000029", "0000030"]
        with pytest.raises(IndexError):
            group.transactions[30]


@pytest.mark.parametrize("spoil", [False, True])
def test_memory_does_not_grow_with_transactions(tmp_path, spoil, monkeypatch):
    """What a thousand more transactions take, in bytes each: their places and their packed answers."""
    monkeypatch.setattr(shapes, "_MOST_TEXTS", 100)  # memory of good texts, full soon
    monkeypatch.setattr(source, "_BLOCK", 20_000)

    def peak(count: int) -> int:
        path = tmp_path / "file.x12"
        path.write_bytes(many(count, spoil=spoil))
        tracemalloc.start()
        try:
            with open_x12(path) as file:
                stream_answers(file, validate_each(file))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(600)  # what is learned of the guide once
    assert (peak(1_600) - peak(600)) / 1_000 < 250


def test_numbers_seen_before():
    numbers = _Numbers()
    given = ["0001", "0002", "1", "A1", "AB", "", "000000101", "000000201", "0001", "1", "AB", "٤٤", "0101"]
    assert [numbers.add(one) for one in given] == [True] * 8 + [False] * 3 + [True] * 2
