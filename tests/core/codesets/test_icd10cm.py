"""The whole classification by date."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim.codesets import CodeNotKnown, icd10cm

FOUND = [  # code as typed, date of service, billable, why
    ("F33.1", date(2026, 3, 10), True, "a mental disorder"),
    ("f331", date(2026, 3, 10), True, "without its point"),
    ("F33", date(2026, 3, 10), False, "a heading"),
    ("S06.0X0A", date(2026, 3, 10), True, "a seventh character"),
    ("E11.9", date(2026, 3, 10), True, "another chapter"),
    ("Z59.82", date(2025, 3, 10), True, "social risk, first seen in FY2025"),
    ("QA0.8", date(2025, 10, 1), True, "new in FY2026, on its first day"),
]


@pytest.mark.parametrize(("code", "on", "billable", "why"), FOUND)
def test_lookup(code, on, billable, why):
    found = icd10cm.lookup(code, on)
    assert found.billable is billable, why
    assert found.description
    assert found.verified_through == date(2026, 9, 30)


UNKNOWN = [  # code, date, why
    ("F33.10", date(2026, 3, 10), "no such code"),
    ("QA0.8", date(2025, 9, 30), "the day before it came"),
    ("F33.1", date(2020, 9, 30), "before any loaded release"),
]


@pytest.mark.parametrize(("code", "on", "why"), UNKNOWN)
def test_refusals(code, on, why):
    with pytest.raises(CodeNotKnown):
        icd10cm.lookup(code, on)


def test_a_code_that_became_a_heading_has_its_history():
    rows = icd10cm.history("B88.0")
    assert [(row.billable, row.effective_to) for row in rows] == [(True, date(2025, 9, 30)), (False, None)]
    assert icd10cm.lookup("B88.0", date(2025, 9, 30)).billable
    assert not icd10cm.lookup("B88.0", date(2025, 10, 1)).billable


def test_children_and_search():
    day = date(2026, 3, 10)
    assert [row.code for row in icd10cm.below("F41", day, limit=3)] == ["F41", "F41.0", "F41.1"]
    assert icd10cm.below("XX", day) == ()
    assert [row.code for row in icd10cm.search("panic disorder", day)] == ["F40.01", "F40.02", "F41.0"]
    assert icd10cm.search("", day) == ()


def test_it_is_whole():
    assert icd10cm.count() == 98606
