"""`cleanclaim icd`, `code-info`, `npi`."""

from __future__ import annotations

import json

import pytest

ICD = [  # code, exit code, known, billable
    ("F33.1", 0, True, True),
    ("f331", 0, True, True),
    ("F33", 1, True, False),
    ("M54.50", 0, True, True),
    ("i10", 0, True, True),
    ("Z79.899", 0, True, True),
    ("M54.5", 1, True, False),  # was a code, became a heading on 2024-10-01
    ("F33.17", 1, False, None),
    ("nonsense", 1, False, None),
]


@pytest.mark.parametrize(("code", "exit_code", "known", "billable"), ICD)
def test_a_diagnosis(run, code, exit_code, known, billable):
    answer = run("icd", code, "--on", "2026-11-02", "--json")
    document = json.loads(answer.stdout)
    assert answer.exit_code == exit_code
    assert (document["known"], document.get("billable")) == (known, billable)
    assert run("icd", code, "--on", "2026-11-02").exit_code == exit_code


def test_a_diagnosis_says_whence_and_until_when(run):
    document = json.loads(run("icd", "F33.1", "--on", "2026-03-10", "--json").stdout)
    assert document["description"] == "Major depressive disorder, recurrent, moderate"
    assert document["effective_to"] is None
    assert document["verified_through"] >= "2026-09-30"
    assert document["source"] and document["confidence"] == "seen"


UNKNOWN = [  # code, day, said
    ("F33.17", "2026-03-10", "in none of the loaded fiscal years"),
    ("M54.50", "2020-01-01", "not in ICD-10-CM on 2020-01-01"),
]


@pytest.mark.parametrize(("code", "on", "said"), UNKNOWN)
def test_a_diagnosis_outside_the_loaded_years_says_so(run, code, on, said):
    answer = run("icd", code, "--on", on)
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert said in answer.stderr


CODES = [  # code, tables that have it
    ("90837", ["procedure"]),
    ("CO-45", ["carc"]),
    ("95", ["modifier", "carc", "claim_status"]),
    ("02", ["place_of_service"]),
    ("1041C0700X", ["taxonomy"]),
    ("N130", ["rarc"]),
    ("F0", ["claim_status_category"]),
]


@pytest.mark.parametrize(("code", "tables"), CODES)
def test_a_code_in_every_set_that_has_it(run, code, tables):
    document = json.loads(run("code-info", code, "--on", "2026-11-02", "--json").stdout)
    assert set(tables) <= {one["table"] for one in document["found"]}
    assert all(one["source"] and one["confidence"] for one in document["found"])
    assert run("code-info", code, "--on", "2026-11-02").stdout.startswith(
        f"{document['found'][0]['table'].replace('_', ' ')} {document['found'][0]['code']}: "
    )


def test_a_procedure_comes_with_its_neighbours(run):
    (found,) = json.loads(run("code-info", "90833", "--on", "2026-11-02", "--json").stdout)["found"]
    assert "99214" in found["added_to"]
    assert found["telehealth_listed"] is True
    assert found["units_a_day"]["units"] == 2


def test_a_deleted_or_unknown_code_is_said_to_be(run):
    for code in ("99354", "XYZ"):
        answer = run("code-info", code, "--on", "2026-11-02", "--json")
        assert (answer.exit_code, json.loads(answer.stdout)["known"]) == (1, False), code


NPIS = [  # number, exit code, said
    ("1234567893", 0, "can be an NPI"),
    ("1234567890", 1, "check digit"),
    ("3234567893", 1, "begin with 1 or 2"),
    ("123", 1, "ten digits"),
]


@pytest.mark.parametrize(("number", "exit_code", "said"), NPIS)
def test_an_npi(run, number, exit_code, said):
    answer = run("npi", number)
    assert answer.exit_code == exit_code
    assert said in answer.stdout
    assert json.loads(run("npi", number, "--json").stdout)["valid"] is (exit_code == 0)
