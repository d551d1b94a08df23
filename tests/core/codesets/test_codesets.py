"""Code sets by code and date."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim import codesets
from cleanclaim.codesets import (
    CodeNotKnown,
    addon_pairs,
    claim_status,
    diagnoses,
    modifiers,
    mue,
    procedures,
    ptp,
)
from cleanclaim.codesets import places_of_service as places

ON = date(2026, 11, 9)

IN_FORCE = [  # code, date, in force, why
    ("90834", ON, True, "an old code"),
    ("99354", ON, False, "ended 2022-12-31"),
    ("99354", date(2022, 12, 31), True, "its last day"),
    ("99442", date(2024, 12, 31), True, "its last day"),
    ("99442", date(2025, 1, 1), False, "the day after"),
    ("G0570", date(2025, 12, 31), False, "the day before its first"),
    ("G0570", date(2026, 1, 1), True, "its first day"),
    ("12345", ON, False, "not a code of ours"),
]


@pytest.mark.parametrize(("code", "on", "expected", "why"), IN_FORCE)
def test_a_procedure_is_known_by_date(code, on, expected, why):
    assert procedures.is_in_force(code, on) is expected, why
    if expected:
        assert procedures.lookup(code, on).code == code
    else:
        with pytest.raises(CodeNotKnown) as refused:
            procedures.lookup(code, on)
        assert (refused.value.table, refused.value.code, refused.value.on) == ("procedures", code, on)


TELEHEALTH = [  # code, date, listed
    ("90849", date(2025, 12, 31), False),
    ("90849", date(2026, 1, 1), True),
    ("90837", ON, True),
    ("90868", ON, False),
    ("H0038", ON, None),
    ("G2076", ON, None),
]


@pytest.mark.parametrize(("code", "on", "listed"), TELEHEALTH)
def test_medicare_telehealth_list(code, on, listed):
    assert procedures.on_medicare_telehealth_list(code, on) is listed


PAIRS = [  # two codes, (column 1, column 2, indicator) or None
    ("90834", "90847", ("90847", "90834", 1)),
    ("90847", "90834", ("90847", "90834", 1)),
    ("90791", "90832", ("90791", "90832", 0)),
    ("99214", "90833", None),
    ("90839", "99214", None),
]


@pytest.mark.parametrize(("code", "other", "expected"), PAIRS)
def test_code_pairs_in_either_order(code, other, expected):
    pair = ptp.lookup(code, other, ON)
    assert (pair and (pair.column1, pair.column2, pair.indicator)) == expected


def test_a_pair_ends_with_its_code():
    assert ptp.lookup("90791", "99441", date(2024, 12, 31)).indicator == 0
    assert ptp.lookup("90791", "99441", date(2025, 1, 1)) is None


def test_daily_limits():
    assert (mue.lookup("96127", ON).units, mue.lookup("96127", ON).mai) == (3, 3)
    assert mue.lookup("90839", ON).mai == 2
    assert mue.lookup("S9480", ON) is None


def test_bases_of_an_addon_by_date():
    assert addon_pairs.bases("90785", ON) >= {"90791", "90832", "90833", "90853"}
    assert "90847" not in addon_pairs.bases("90785", ON)
    assert "99350" in addon_pairs.bases("G2211", date(2026, 1, 1))
    assert "99350" not in addon_pairs.bases("G2211", date(2025, 12, 31))
    assert addon_pairs.bases("90834", ON) == frozenset()


EXCLUDED = [  # two diagnoses, noted at, why
    ("F32.1", "F33.1", "F32", "single and recurrent depression"),
    ("F31.81", "F33.1", "F31", "bipolar and depression"),
    ("F10.10", "F10.20", "F10.1", "abuse and dependence of one substance"),
    ("F10.20", "F11.20", None, "two substances"),
    ("F32.1", "F43.21", None, "Excludes2 may stand together"),
    ("F33.2", "R45.851", None, "suicidal ideation beside a mood disorder"),
    ("F53.1", "F20.9", "F53", "a range of categories"),
    ("F80.81", "I69.123", "F80.81", "final characters"),
    ("F07.81", "S06.0X0A", "F07.81", "seventh character A"),
    ("F07.81", "S06.0X0D", None, "another seventh character"),
    ("F32.1", "F32.1", None, "the same code"),
]


@pytest.mark.parametrize(("first", "second", "noted_at", "why"), EXCLUDED)
def test_excludes1_in_either_order(first, second, noted_at, why):
    for one, other in ((first, second), (second, first)):
        found = diagnoses.excludes1(one, other)
        assert (found is not None) == (noted_at is not None), why
    if noted_at:
        assert diagnoses.excludes1(first, second).noted_at == noted_at


def test_headers_and_unknown_diagnoses():
    assert diagnoses.is_header("F50.01", ON)
    assert not diagnoses.is_header("F50.01", date(2024, 9, 30)), "became a header on 2024-10-01"
    assert diagnoses.lookup("f331", ON).billable
    assert not diagnoses.is_header("E11.9", ON), "unknown here is not the same as invalid"
    with pytest.raises(CodeNotKnown):
        diagnoses.lookup("E11.9", ON)


def test_remittance_codes():
    assert codesets.carc("45").denial_category == "contractual"
    assert codesets.carc("197").denial_category == "authorization"
    assert codesets.carc("1").active and codesets.carc("1").usual_groups == ("PR",)
    assert codesets.rarc("N130").meaning
    assert codesets.plb("WO").meaning
    for look in (codesets.carc, codesets.rarc, codesets.plb):
        with pytest.raises(CodeNotKnown):
            look("no such code")


def test_claim_status_codes():
    assert claim_status.category("A1").phase == "ack"
    assert claim_status.status("1").meaning
    with pytest.raises(CodeNotKnown):
        claim_status.category("??")


def test_places_modifiers_and_taxonomy():
    assert places.lookup("10", ON).label == "Telehealth, patient at home"
    with pytest.raises(CodeNotKnown):
        places.lookup("10", date(2021, 12, 31))
    assert len(places.all_places(ON)) == 52
    assert modifiers.lookup("95", ON).category == "telehealth"
    with pytest.raises(CodeNotKnown):
        modifiers.lookup("93", date(2021, 12, 31))
    assert codesets.taxonomy("2084P0800X", ON).label == "Psychiatrist"
    assert modifiers.credential_modifiers("GA", ON)
    assert modifiers.credential_modifiers("ZZ", ON) == ()
    assert codesets.payers("60054")[0].name == "Aetna"


def test_every_table_says_what_it_is_and_how_old():
    loaded = {version.table: version for version in codesets.versions()}
    assert loaded["ptp_edits"].as_of == date(2024, 7, 1)
    assert loaded["ptp_edits"].rows == 5455
    assert all(version.rows and version.source for version in loaded.values())
    old = {finding.subject_id for finding in codesets.stale(ON)}
    assert {"ptp_edits", "mue", "diagnoses"} <= old
    assert "procedures" not in old
    assert codesets.stale(date(2024, 7, 1)) == ()
