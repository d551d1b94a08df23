"""Columns made from distinct values say what each value alone says."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanclaim.x12 import arrays
from cleanclaim.x12.columns import segments as columns_of
from cleanclaim.x12.columns.segments import Segments
from cleanclaim.x12.structure import Delimiters

MARKS = Delimiters("*", ":", "^", "~")
ELEMENT = st.text(st.characters(codec="utf-8", exclude_characters="*~\r\n\t \x00\x1a"), max_size=12)


def segments_of(*texts: str) -> Segments:
    return Segments("".join(f"{text}~" for text in texts).encode(), 0, MARKS)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=400), st.lists(st.integers(0), max_size=900))
def test_each_row_has_its_value(values, picks):
    keys = np.array([values[pick % len(values)] for pick in picks] or values, np.uint64)
    distinct, at = arrays.few(keys)
    assert (np.diff(distinct.astype(object)) > 0).all()
    assert (distinct[at] == keys).all()


def test_many_values_are_searched_for_instead():
    keys = np.arange(5_000, dtype=np.uint64)[::-1] * np.uint64(1 << 40)
    distinct, at = arrays.few(keys)
    assert len(distinct) == 5_000 and (distinct[at] == keys).all()


def test_values_that_no_multiplier_tells_apart_are_searched_for(monkeypatch):
    monkeypatch.setattr(arrays, "_MULTIPLIERS", (np.uint64(0),))
    keys = np.array([7, 3, 7, 9], np.uint64)
    distinct, at = arrays.few(keys)
    assert distinct[at].tolist() == [7, 3, 7, 9]


@given(st.lists(st.lists(ELEMENT, max_size=8), min_size=1, max_size=30), st.integers(1, 6))
def test_composites_are_what_splitting_gives(rows, count):
    texts = [":".join(row) for row in rows]
    found = segments_of(*(f"SVC*{text}*1" for text in texts))
    columns = found.composites(found.field(found.rows("SVC"), 1), count)
    expected = [(text.split(":") + [""] * count)[:count] for text in texts]
    assert [list(row) for row in zip(*columns, strict=True)] == [
        [part or None for part in row] for row in expected
    ]


def test_composites_that_mix_to_the_same_number_are_told_apart(monkeypatch):
    monkeypatch.setattr(columns_of, "_ODD", (np.uint64(0),) * 3)  # now only the first eight bytes count
    found = segments_of("SVC*HC:90837:95*1", "SVC*HC:90837:93*1")
    codes = found.composites(found.field(found.rows("SVC"), 1), 3)
    assert codes[2].to_list() == ["95", "93"]


@pytest.mark.parametrize(
    ("texts", "rows"),
    [
        (("DTM*472*20260101", "DTM*232*20260101", "DTM*472*20260102"), [0, 2]),
        (("DTM*472", "DTM*4720*20260101", "DTM*47*20260101"), [0]),
        (("DT*472*20260101", "DTMS*472*20260101", "DTM*472*20260101"), [2]),
    ],
    ids=["by qualifier", "an element more or less", "by segment id"],
)
def test_segments_are_found_by_how_they_begin(texts, rows):
    assert segments_of(*texts).beginning("DTM", "472").tolist() == rows


def test_columns_of_several_heights_are_cut_at_once():
    found = segments_of("CLP*A1**9", "CLP***8", "REF*6R*Größe")
    claims, refs = found.rows("CLP"), found.rows("REF")
    columns = found.cut([found.field(claims, 1), found.field(claims, 2), found.field(refs, 2)])
    assert [column.to_list() for column in columns] == [["A1", None], [None, None], ["Größe"]]
    assert {column.dtype for column in columns} == {pl.String}


@pytest.mark.parametrize("data", ["A*1~~B*2~", "~A*1~B*2~", "A*1~\r\n\r\n~ B*2~", "A*1~B*2~~"])
def test_empty_segments_are_left_out(data):
    found = Segments(data.encode(), 0, MARKS)
    assert found.count == 2 and found.ids.tolist() == [0, 0]


def test_bytes_that_are_no_text_are_marked_alike_in_short_and_long_values():
    data = b"SVC*HC:908\xff37:95*1~SVC*HC:longer than eight \xff*1~"
    found = Segments(data, 0, MARKS)
    codes = found.composites(found.field(found.rows("SVC"), 1), 2)[1]
    assert codes.to_list() == ["908?37", "longer than eight ?"]
