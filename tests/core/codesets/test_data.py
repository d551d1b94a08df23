"""Health of the code set files: cited, keyed once, dates that run forward."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim_data.loader import list_data, read_csv

FILES = list_data("codesets", ".csv")
KEYS = {
    "procedures": ("code",),
    "addon_pairs": ("addon", "base", "effective_from"),
    "ptp_edits": ("column1", "column2"),
    "mue": ("code", "effective_from"),
    "modifiers": ("modifier",),
    "places_of_service": ("pos",),
    "taxonomy": ("taxonomy",),
    "icd10cm": ("code",),
    "carc": ("code",),
    "rarc": ("code",),
    "claim_status_category": ("code",),
    "claim_status": ("code",),
    "plb": ("code",),
    "telehealth_list": ("code", "listed_from"),
    "versions": ("table",),
}


def stem(name):
    return name.rsplit("/", 1)[1].removesuffix(".csv")


@pytest.mark.parametrize("name", FILES)
def test_every_row_is_cited_and_its_dates_run_forward(name):
    rows = read_csv(name)
    assert rows
    for number, row in enumerate(rows, 2):
        assert row.get("source") or row.get("citation"), f"{name} line {number} has no source"
        assert row["confidence"], f"{name} line {number} has no confidence"
        for first, last in (
            ("effective_from", "effective_to"),
            ("as_of", "good_through"),
            ("listed_from", "listed_through"),
        ):
            dates = [date.fromisoformat(row[column]) for column in (first, last) if row.get(column)]
            assert dates == sorted(dates), f"{name} line {number}"


@pytest.mark.parametrize("name", [name for name in FILES if stem(name) in KEYS])
def test_a_key_stands_once(name):
    keys = [tuple(row[column] for column in KEYS[stem(name)]) for row in read_csv(name)]
    assert len(keys) == len(set(keys))


def test_every_table_is_in_the_register_of_versions():
    registered = {row["loaded_as"] for row in read_csv("codesets/versions.csv")}
    ours = {f"codesets/{name}.csv" for name in KEYS} | {"codesets/icd10cm_notes.csv", "codesets/payers.csv"}
    assert ours - {"codesets/versions.csv"} <= registered


def test_codes_kept_their_leading_zeros():
    assert {"02", "10", "11"} <= {row["pos"] for row in read_csv("codesets/places_of_service.csv")}
    assert "0905" in {row["code"] for row in read_csv("codesets/procedures.csv")}
