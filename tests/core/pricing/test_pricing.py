"""Charges and expected amounts: the right row, or a refusal."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim.pricing import ChargeMaster, ChargeRow, FeeRow, FeeSchedule, PriceNotSet

MASTER = ChargeMaster(
    [
        ChargeRow("90837", 18000, date(2025, 1, 1), ends=date(2025, 12, 31)),
        ChargeRow("90837", 20000, date(2026, 1, 1)),
        ChargeRow("90837", 16000, date(2026, 1, 1), modifier="HL"),
        ChargeRow("90834", 15000, date(2026, 1, 1), ends=date(2026, 6, 30)),
    ]
)

PRICES = [  # code, modifiers, date, cents, why
    ("90837", (), date(2025, 12, 31), 18000, "last day of the old price"),
    ("90837", (), date(2026, 1, 1), 20000, "first day of the new price"),
    ("90837", ("95",), date(2026, 5, 1), 20000, "a modifier without a price takes the code's"),
    ("90837", ("95", "HL"), date(2026, 5, 1), 16000, "the modifier with a price decides"),
    ("90837", ("HL",), date(2025, 5, 1), 18000, "the modifier had no price yet"),
]


@pytest.mark.parametrize(("code", "modifiers", "on", "cents", "why"), PRICES)
def test_price(code, modifiers, on, cents, why):
    assert MASTER.price(code, modifiers, on) == cents, why


@pytest.mark.parametrize(
    ("code", "on", "known"),
    [
        ("90834", date(2026, 7, 1), True),
        ("90834", date(2025, 12, 31), True),
        ("90832", date(2026, 7, 1), False),
    ],
)
def test_price_is_refused(code, on, known):
    with pytest.raises(PriceNotSet) as refusal:
        MASTER.price(code, (), on)
    assert refusal.value.known is known
    finding = refusal.value.finding("e1")
    assert (finding.code, finding.subject_id, finding.facts["code"]) == ("pricing.price_not_set", "e1", code)
    assert on.isoformat() in finding.message


def test_charge_multiplies_units():
    assert MASTER.charge("90837", (), 3, date(2026, 2, 1)) == 60000
    with pytest.raises(ValueError, match="at least one unit"):
        MASTER.charge("90837", (), 0, date(2026, 2, 1))


@pytest.mark.parametrize(
    "rows",
    [
        [ChargeRow("1", 1, date(2026, 1, 1)), ChargeRow("1", 2, date(2026, 5, 1))],
        [ChargeRow("1", 1, date(2026, 1, 1), ends=date(2025, 1, 1))],
        [ChargeRow("1", -1, date(2026, 1, 1))],
    ],
)
def test_contradicting_rows_are_refused(rows):
    with pytest.raises(ValueError):
        ChargeMaster(rows)


SCHEDULE = FeeSchedule(
    [
        FeeRow("60054", "90837", 14000, date(2026, 1, 1), credential="PhD"),
        FeeRow("60054", "90837", 11000, date(2026, 1, 1)),
        FeeRow("60054", "90837", 10500, date(2026, 1, 1), modifier="95"),
        FeeRow("60054", "97153", 1200, date(2026, 1, 1), ends=date(2026, 3, 31)),
    ]
)


@pytest.mark.parametrize(
    ("payer", "code", "keys", "cents", "why"),
    [
        ("60054", "90837", {"credential": "PhD"}, 14000, "the level's own amount"),
        ("60054", "90837", {"credential": "LCSW"}, 11000, "every level's amount"),
        ("60054", "90837", {"modifiers": ("95",)}, 10500, "the modifier's amount"),
        ("60054", "97153", {"units": 8}, 9600, "times units"),
        ("60054", "90837", {"charge_cents": 9000}, 9000, "lesser of charge and schedule"),
        ("62308", "90837", {}, None, "another payer is unknown"),
        ("60054", "90834", {}, None, "another code is unknown"),
        ("60054", "97153", {"on": date(2026, 4, 1)}, None, "an ended amount is unknown"),
    ],
)
def test_expected_allowed(payer, code, keys, cents, why):
    assert SCHEDULE.expected(payer, code, **{"on": date(2026, 2, 1), **keys}) == cents, why


def test_two_amounts_for_one_day_are_refused():
    with pytest.raises(ValueError, match="two amounts"):
        FeeSchedule([FeeRow("1", "2", 3, date(2026, 1, 1)), FeeRow("1", "2", 4, date(2026, 2, 1))])
