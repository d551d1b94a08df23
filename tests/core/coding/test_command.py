"""`cleanclaim code`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cleanclaim_cli.commands.code import COMMANDS

FILE = Path(__file__).with_name("coding_cases.csv")
GOOD = "case_id,dos,service,setting,credential,payer_kind,minutes\nA1,2026-11-09,individual psychotherapy,office,LCSW,commercial,45\n"
BAD = "A2,2026-11-99,individual psychotherapy,office,LCSW,commercial,45\n"


def run(*arguments, data=None):
    return CliRunner().invoke(COMMANDS["code"], list(arguments), input=data)


def test_json_of_the_worked_cases():
    done = run(str(FILE), "--json")
    assert done.exit_code == 1, "some rows are refused"
    documents = json.loads(done.stdout)
    assert len(documents) == 210
    first = next(document for document in documents if document["case_id"] == "C078")
    assert {key: first[key] for key in ("result", "codes", "units", "modifiers", "pos", "error_code")} == {
        "result": "bill",
        "codes": "99214;90833;90785",
        "units": "1;1;1",
        "modifiers": "-;-;-",
        "pos": "11",
        "error_code": "",
    }
    assert first["why"] and first["extras"]["expected_codes"] == "99214;90833;90785"


def test_text_for_people():
    done = run("-", "--why", data=GOOD)
    assert done.exit_code == 0
    assert done.stdout.startswith("A1: 90834 at 11\n    45 minutes: 90834")
    assert "1 of 1 rows can be billed." in done.stderr


def test_an_unreadable_row_stays_in_its_place():
    done = run("-", "--json", data=GOOD + BAD + GOOD.splitlines()[1].replace("A1", "A3") + "\n")
    documents = json.loads(done.stdout)
    assert [(document["case_id"], document["result"]) for document in documents] == [
        ("A1", "bill"),
        ("A2", "error"),
        ("A3", "bill"),
    ]
    assert documents[1]["error_code"] == "E_ROW_NOT_READ"
    assert documents[1]["findings"][0]["code"] == "sessions.date_not_read"
    assert done.exit_code == 1


@pytest.mark.parametrize("data", ["", "ISA*00*", "name,born\na,b\n"])
def test_an_unreadable_file_exits_2_and_prints_no_result(data):
    done = run("-", "--json", data=data)
    assert done.exit_code == 2
    assert done.stdout == "" and "[sessions." in done.stderr


def test_help_shows_an_example():
    assert "cleanclaim code november.csv" in run("--help").stdout
