"""Minute bands as the session screen draws them."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from cleanclaim.coding import bands_for, is_timed, psychotherapy_bands, services

ON = date(2026, 11, 9)

BANDS = [  # service, payer, options, bands as (from, to, label)
    (
        "individual psychotherapy",
        "commercial",
        {},
        [(0, 15, "not billable"), (16, 37, "90832"), (38, 52, "90834"), (53, None, "90837")],
    ),
    (
        "individual psychotherapy",
        "medicare",
        {"with_em": True},
        [(0, 15, "not billable"), (16, 37, "90833"), (38, 52, "90836"), (53, None, "90838")],
    ),
    ("family psychotherapy", "commercial", {}, [(0, 25, "not billable"), (26, None, "90847")]),
    (
        "family psychotherapy",
        "commercial",
        {"participant": "family without patient"},
        [(0, 25, "not billable"), (26, None, "90846")],
    ),
    (
        "crisis psychotherapy",
        "commercial",
        {"through": 140},
        [
            (0, 15, "not billable"),
            (16, 29, "90832"),
            (30, 74, "90839"),
            (75, 104, "90839 + 90840"),
            (105, 134, "90839 + 90840 x 2"),
            (135, None, "90839 + 90840 x 3"),
        ],
    ),
    (
        "crisis psychotherapy",
        "medicare",
        {"setting": "community", "through": 80},
        [(0, 15, "not billable"), (16, 29, "90832"), (30, 74, "G0017"), (75, None, "G0017 + G0018")],
    ),
    (
        "E/M only",
        "medicare",
        {"through": 70},
        [
            (0, 9, "not billable"),
            (10, 19, "99212"),
            (20, 29, "99213"),
            (30, 39, "99214"),
            (40, 68, "99215"),
            (69, None, "99215 + G2212"),
        ],
    ),
    (
        "CoCM first month",
        "medicare",
        {"through": 90},
        [(0, 15, "not billable"), (16, 35, "G2214"), (36, 85, "99492"), (86, None, "99492 + 99494")],
    ),
    (
        "peer support",
        "medicaid",
        {"through": 30},
        [(0, 7, "not billable"), (8, 22, "H0038"), (23, None, "H0038 x 2")],
    ),
    (
        "SBIRT",
        "medicare",
        {},
        [(0, 4, "not billable"), (5, 14, "G2011"), (15, 30, "G0396"), (31, None, "G0397")],
    ),
    ("group psychotherapy", "commercial", {}, []),
    ("no such service", "commercial", {}, []),
]


@pytest.mark.parametrize(("service", "payer", "options", "expected"), BANDS)
def test_bands(service, payer, options, expected):
    drawn = bands_for(service, payer, ON, **options)
    assert [(band.from_minutes, band.to_minutes, band.label) for band in drawn] == expected


def test_crisis_away_from_the_office_before_medicare_had_its_own_codes():
    labels = [
        band.label
        for band in bands_for(
            "crisis psychotherapy", "medicare", date(2023, 12, 29), setting="home", through=40
        )
    ]
    assert labels == ["not billable", "90832", "90839"]


@pytest.mark.parametrize("service", services())
def test_bands_have_no_gaps(service):
    drawn = bands_for(service, "medicare", ON)
    assert bool(drawn) == is_timed(service)
    for band, following in pairwise(drawn):
        assert band.to_minutes + 1 == following.from_minutes
        assert band.codes != following.codes
    if drawn:
        assert drawn[0].from_minutes == 0 and drawn[-1].to_minutes is None


def test_psychotherapy_bands_are_those_of_the_service():
    assert psychotherapy_bands(ON) == bands_for("individual psychotherapy", "commercial", ON)
