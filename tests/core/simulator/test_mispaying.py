"""Payers with agreements: what they should allow, and what each mistake makes of it, by hand-worked amounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cleanclaim.simulator.mispaying import KINDS, Agreement, Bill, Turns, decide, due, pay_line

YEAR = date(2026, 1, 1)
AGREED = Agreement(
    "P", {"90837": 13870, "90834": 10440, "90853": 4870, "96131": 9410}, YEAR, {"90837": 13133}, 6120,
    {"90837 HO": 14490}, {"90837 12": 15560}, {"90837 G9": 15110}, {"90837 PhD": 15910}, {"LPC": Decimal(82)},
    per_diem={"H0015": 41250}, rise_on=date(2026, 7, 1), rise_percent=Decimal("2.5"), withhold=Decimal(5),
)  # fmt: skip


def bill(code="90837", on=YEAR, units=1, place="11", modifiers=(), group="", level="", charge=90000):
    return Bill(code, on, charge, units, place, modifiers, group, level)


DUE = [  # line, cents
    (bill(), 13870),
    (bill(on=date(2025, 12, 31)), 13133),
    (bill(on=date(2026, 7, 1)), 14217),  # 138.70 x 1.025 = 142.1675
    (bill(level="LPC"), 11373),  # 138.70 x 0.82 = 113.734
    (bill(modifiers=("HO",)), 14490),
    (bill(group="G9", modifiers=("HO",)), 15110),
    (bill("96131", units=3), 28230),
    (bill("H0015"), 41250),
    (bill("99999"), 6120),
    (bill(charge=10000), 10000),
]


@pytest.mark.parametrize(("line", "cents"), DUE)
def test_what_is_due(line, cents):
    assert due(AGREED, line) == cents


PAID = [  # kind, line, allowed (None: bundled)
    ("old_schedule", bill(), 13133),
    ("escalator_missed", bill(on=date(2026, 7, 1)), 13870),
    ("wrong_level", bill(level="PhD"), 13870),
    ("level_percent_twice", bill(level="LPC"), 9326),
    ("modifier_ignored", bill(modifiers=("HO",)), 13870),
    ("telehealth_parity", bill(place="10"), 11096),
    ("wrong_place", bill(place="12"), 13870),
    ("wrong_plan", bill(group="G9"), 13870),
    ("general_rate", bill(), 6120),
    ("mppr_not_agreed", bill(), 6935),
    ("units_cut", bill("96131", units=3), 9410),
    ("downcoded", bill(), 10440),
    ("bundled", bill(), None),
    ("per_diem_as_visit", bill("H0015"), 4870),
    ("rounded_down", bill(), 13800),
    ("interest_missing", bill(), 13870),
]


@pytest.mark.parametrize(("kind", "line", "cents"), PAID)
def test_what_each_mistake_allows(kind, line, cents):
    found = pay_line(AGREED, line, kind)
    assert (found.kind, found.allowed_cents) == (kind, cents)


@pytest.mark.parametrize(
    "kind", sorted({"wrong_place", "units_cut", "telehealth_parity", "per_diem_as_visit"})
)
def test_a_mistake_that_would_change_nothing_waits(kind):
    assert kind in KINDS and pay_line(AGREED, bill(), kind) is None


def test_mistakes_come_in_turn_and_one_line_in_so_many():
    held = Agreement("P", {"90837": 13870}, YEAR, mistakes=("rounded_down", "mppr_not_agreed"), every=3)
    turns = Turns()
    kinds = [decide(held, bill(), turns).kind for _ in range(9)]
    assert kinds == ["", "", "rounded_down", "", "", "mppr_not_agreed", "", "", "rounded_down"]
