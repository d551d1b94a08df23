"""How much history a batch needs."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim.edits.looking_back import EVALUATIONS, MONTHLY, WEEKLY, reach

DAY = date(2026, 3, 10)
NEEDS = [  # codes of the batch, codes looked for, first day, last day
    ({"90837"}, frozenset(), DAY, DAY),
    ({"90837", "G2067"}, WEEKLY, date(2026, 3, 4), date(2026, 3, 16)),
    ({"99492"}, MONTHLY, date(2026, 2, 8), date(2026, 4, 9)),
    ({"90791"}, EVALUATIONS, date(2025, 9, 7), date(2026, 3, 13)),
    ({"90792", "G2074"}, EVALUATIONS | WEEKLY, date(2025, 9, 7), date(2026, 3, 16)),
    (set(), frozenset(), DAY, DAY),
]


@pytest.mark.parametrize(("codes", "wanted", "start", "end"), NEEDS)
def test_codes_and_days(codes, wanted, start, end):
    assert reach(codes, DAY, DAY) == (wanted, start, end)
