"""Medicare's allowed amounts, and the refusals when a part is missing."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim.pricing import PriceNotLoaded, medicare_price, national_price

DAY = date(2026, 3, 10)

PRICES = [  # code, place, credential, units, cents, why
    ("90837", "11", "", 1, 16700, "(3.78 + 1.20 + 0.02) x 33.4009"),
    ("90837", "02", "", 1, 13527, "facility: (3.78 + 0.25 + 0.02) x 33.4009"),
    ("90837", "10", "", 1, 16700, "the patient's home pays as the office"),
    ("90837", "11", "LCSW", 1, 12525, "three quarters"),
    ("90837", "11", "PMHNP", 1, 14195, "85 percent of 167.00"),
    ("90832", "11", "", 1, 8584, "(1.94 + 0.62 + 0.01) x 33.4009"),
    ("90832", "11", "LMFT", 2, 12876, "two units of 85.84, three quarters"),
]


@pytest.mark.parametrize(("code", "place", "credential", "units", "cents", "why"), PRICES)
def test_national_prices(code, place, credential, units, cents, why):
    price = national_price(code, on=DAY, place_of_service=place, credential=credential, units=units)
    assert price.amount_cents == cents, why
    assert price.steps[0].startswith(f"{code}: work")


def test_qualifying_participants_have_their_own_factor():
    assert (
        national_price("90837", on=DAY, place_of_service="11", qualifying_participant=True).amount_cents
        == 16784
    )


REFUSALS = [  # code, on, place, part, why
    ("90837", date(2027, 1, 5), "11", "relative value", "no values of 2027"),
    ("90837", date(2025, 12, 31), "11", "relative value", "no values of 2025"),
    ("99408", DAY, "11", "price", "status N"),
    ("00000", DAY, "11", "relative value", "unknown code"),
    ("90837", DAY, "98", "place", "no such place"),
]


@pytest.mark.parametrize(("code", "on", "place", "part", "why"), REFUSALS)
def test_refusals(code, on, place, part, why):
    with pytest.raises(PriceNotLoaded) as refusal:
        national_price(code, on=on, place_of_service=place)
    assert refusal.value.part == part, why
    assert refusal.value.remedy


def test_no_locality_price_for_2026():
    for mac, locality in (("14412", "01"), ("04412", "31"), ("00000", "00")):
        with pytest.raises(PriceNotLoaded) as refusal:
            medicare_price("90837", on=DAY, mac=mac, locality=locality, place_of_service="11")
        assert refusal.value.part == "geographic index"


def test_a_licence_before_its_enrolment():
    with pytest.raises(PriceNotLoaded, match="2024-01-01"):
        national_price("90837", on=date(2023, 12, 31), place_of_service="11", credential="LMFT")


def test_units_below_one():
    with pytest.raises(ValueError, match="one unit"):
        national_price("90837", on=DAY, place_of_service="11", units=0)
