"""`cleanclaim codesets`: what is loaded, loading a release, and that every program then reads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date

import pytest

from cleanclaim.codesets import mue
from cleanclaim.codesets.importers import IMPORTERS, last_day
from cleanclaim_cli.commands import codesets
from cleanclaim_data import loader

from .conftest import REPOSITORY

HEADER = "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n"
LATER = ("--release", "2026Q4", "--from", "2026-10-01")


@pytest.fixture(autouse=True)
def data_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("CLEANCLAIM_DATA_DIR", str(tmp_path / "var"))
    yield tmp_path / "var"
    loader.use_overlay(None)


def units_file(**changed: str) -> str:
    """An MUE file of the codes that are loaded, with other units for some of them."""
    rows = {row["code"]: row for row in loader.read_csv("codesets/mue.csv")}
    lines = [
        f"{code},{changed.get(code, row['mue'])},{row['mai']} Date of Service Edit,Data"
        for code, row in rows.items()
    ]
    return HEADER + "\n".join(lines) + "\n"


@pytest.fixture
def units(tmp_path):
    path = tmp_path / "MCR_MUE.csv"
    path.write_text(units_file(**{"90837": "7"}))
    return path


def in_the_folder(folder):
    """Every file of a folder with its bytes."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_kinds_are_those_that_can_be_read():
    assert tuple(sorted(IMPORTERS)) == codesets.KINDS


def test_what_is_loaded(run):
    document = json.loads(run("codesets", "list", "--on", "2026-11-02", "--json").stdout)
    rows = {row["table"]: row for row in document["code_sets"]}
    assert rows["icd10cm_all"]["rows"] > 90_000
    assert (rows["mue"]["release"], rows["mue"]["stale"]) == ("2024Q3", True)
    assert rows["carc"]["stale"] is False
    assert {one["subject_id"] for one in document["findings"]} == {
        name for name, row in rows.items() if row["stale"]
    }


def test_a_stale_table_is_marked_and_does_not_stop(run):
    answer = run("codesets", "list", "--on", "2026-11-02")
    assert answer.exit_code == 0
    (line,) = [line for line in answer.stdout.splitlines() if " mue " in line]
    assert line.startswith("STALE") and "2024-07-01 to 2024-09-30" in line
    assert "load the current release" in answer.stderr


def test_a_release_is_loaded_and_used(run, units, data_dir):
    answer = run("codesets", "load", "mue", str(units), *LATER, "--json")
    document = json.loads(answer.stdout)
    assert (answer.exit_code, document["left_out"]) == (0, 0)
    assert document["release"]["good_through"] == "2026-12-31"
    assert document["release"]["source"] == "CMS: MCR_MUE.csv"
    assert sorted(map(str, in_the_folder(data_dir))) == [
        "loaded/codesets/mue.csv",
        "loaded/codesets/versions.csv",
    ]
    assert mue.lookup("90837", date(2026, 10, 1)).units == 7
    assert mue.lookup("90837", date(2026, 9, 30)).units == 2


def test_the_next_program_reads_it(run, units, data_dir):
    run("codesets", "load", "mue", str(units), *LATER)
    asked = [
        sys.executable,
        "-m",
        "cleanclaim_cli.main",
        "code-info",
        "90837",
        "--on",
        "2026-11-02",
        "--json",
    ]
    for folder, expected in ((data_dir, 7), (data_dir / "elsewhere", 2)):
        done = subprocess.run(
            asked,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(REPOSITORY / "src"),
                "CLEANCLAIM_DATA_DIR": str(folder),
            },
            capture_output=True,
            timeout=60,
            check=True,
        )
        (found,) = json.loads(done.stdout)["found"]
        assert found["units_a_day"]["units"] == expected


def test_server_and_worker_read_it(run, units, data_dir):
    run("codesets", "load", "mue", str(units), *LATER)
    program = (
        "from datetime import date\n"
        "from cleanclaim_server.config.installing import set_up_django\n"
        "set_up_django()\n"
        "from cleanclaim.codesets import mue\n"
        "print(mue.lookup('90837', date(2026, 11, 2)).units)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY / "src"), "CLEANCLAIM_DATA_DIR": str(data_dir)},
        capture_output=True,
        timeout=60,
    )
    assert done.stdout.strip() == b"7", done.stderr.decode()


REFUSED = [  # name, what the file holds, further words, said
    ("another layout", "a,b\n1,2\n", LATER, "no header line was found"),
    ("cut off", units_file()[:2000], LATER, "as if it were cut off"),
    ("contradictory", units_file() + "90837,9,3 Date of Service Edit,Data\n", LATER, "two things of 90837"),
    ("older", units_file(), ("--release", "2023Q1", "--from", "2023-01-01"), "is newer than 2023-01-01"),
    ("ends early", units_file(), (*LATER, "--through", "2026-01-01"), "ends before it begins"),
    ("zipped", "PK\x03\x04 and so on", LATER, "zip archive"),
    ("empty", "", LATER, "no header line was found"),
]


@pytest.mark.parametrize(("name", "content", "words", "said"), REFUSED, ids=[row[0] for row in REFUSED])
@pytest.mark.parametrize("before", [False, True], ids=["first", "again"])
def test_a_bad_table_is_refused_and_the_prior_one_stays(
    run, units, tmp_path, data_dir, before, name, content, words, said
):
    if before:
        assert run("codesets", "load", "mue", str(units), *LATER).exit_code == 0
    kept = in_the_folder(data_dir)
    bad = tmp_path / "bad.csv"
    bad.write_text(content)
    answer = run("codesets", "load", "mue", str(bad), *words)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert said in answer.stderr and "bad.csv" in answer.stderr
    assert "the prior table is in use" in answer.stderr
    assert in_the_folder(data_dir) == kept
    assert mue.lookup("90837", date(2026, 11, 2)).units == (7 if before else 2)


def test_a_table_that_cannot_be_read_back_is_refused(run, units, data_dir, monkeypatch):
    from cleanclaim.codesets.importers import loading

    def broken(imported, folder):
        path = real(imported, folder)
        path.write_text(path.read_text().replace("2026-10-01", "soon"))
        return path

    real = loading.store
    monkeypatch.setattr(loading, "store", broken)
    answer = run("codesets", "load", "mue", str(units), *LATER)
    assert answer.exit_code == 2
    assert "cannot be read back" in answer.stderr
    assert in_the_folder(data_dir.parent) == {units.relative_to(data_dir.parent): units.read_bytes()}
    assert mue.lookup("90837", date(2026, 11, 2)).units == 2


def test_fewer_rows_are_taken_when_accepted(run, tmp_path):
    few = tmp_path / "few.csv"
    few.write_text(HEADER + "90837,7,3 Date of Service Edit,Data\n9083,2,3 Date of Service Edit,Data\n")
    assert "--accept-fewer" in run("codesets", "load", "mue", str(few), *LATER).stderr
    answer = run("codesets", "load", "mue", str(few), *LATER, "--accept-fewer")
    assert answer.exit_code == 1  # a row was left out
    assert "few.csv line 3" in answer.stderr
    assert mue.lookup("90837", date(2026, 11, 2)).units == 7


PTP_HEADER = "Column 1\tColumn 2\tPrior\tEffective Date\tDeletion Date\tModifier\tPTP Edit Rationale\n"


def test_the_parts_of_a_release_are_one_table(run, tmp_path):
    rows = loader.read_csv("codesets/ptp_edits.csv")
    lines = [
        "\t".join(
            (
                row["column1"],
                row["column2"],
                "",
                row["effective_from"].replace("-", "") or "20130101",
                row["effective_to"].replace("-", "") or "*",
                row["modifier_indicator"],
                "reason",
            )
        )
        for row in rows
    ]
    parts = [tmp_path / f"ccipra-f{number}.txt" for number in (1, 2)]
    half = len(lines) // 2
    for path, some in zip(parts, (lines[:half], lines[half:]), strict=True):
        path.write_text(PTP_HEADER + "\n".join(some) + "\n")
    alone = run("codesets", "load", "ptp_edits", str(parts[0]), *LATER)
    assert (alone.exit_code, "part of the release" in alone.stderr) == (2, True)
    both = run("codesets", "load", "ptp_edits", *map(str, parts), *LATER, "--json")
    assert both.exit_code == 0, both.stderr
    assert json.loads(both.stdout)["rows"] > half


def test_a_file_that_is_not_there_or_a_kind_that_is_none(run, units):
    assert run("codesets", "load", "mue", "/nonexistent", *LATER).exit_code == 2
    assert run("codesets", "load", "moon", str(units), *LATER).exit_code == 2
    assert run("codesets", "load", "mue", str(units)).exit_code == 2


LAST_DAYS = [
    ("mue", date(2026, 10, 1), date(2026, 12, 31)),
    ("ptp_edits", date(2027, 1, 1), date(2027, 3, 31)),
    ("medicare_gpci", date(2027, 1, 1), date(2027, 12, 31)),
    ("icd10cm", date(2026, 10, 1), date(2027, 9, 30)),
    ("icd10cm", date(2027, 4, 1), date(2027, 9, 30)),
    ("taxonomy", date(2027, 1, 1), date(2027, 6, 30)),
    ("places_of_service", date(2027, 1, 1), None),
]


@pytest.mark.parametrize(("kind", "first", "last"), LAST_DAYS)
def test_a_release_ends_with_its_period(kind, first, last):
    assert last_day(kind, first) == last
