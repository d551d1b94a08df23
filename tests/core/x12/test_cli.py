"""The x12 commands: exit codes, text, JSON keys."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from builders import changed, file_of
from click.testing import CliRunner

from cleanclaim_cli.commands.x12 import COMMANDS

sys.path.insert(0, str(Path(__file__).parent / "sets"))
from questions import SETS, set_file


@pytest.fixture
def run(tmp_path):
    def run(*arguments, files=(), stdin=None):
        for name, data in dict(files).items():
            (tmp_path / name).write_bytes(data)
        words = [str(tmp_path / one[1:]) if one.startswith("@") else one for one in arguments]
        return CliRunner().invoke(COMMANDS["x12"], words, input=stdin)

    return run


EXITS = [  # file, exit code, why
    (file_of("837P"), 0, "clean"),
    (changed("837P", "HI*ABK:F331", ""), 1, "a finding that stops"),
    (b"not x12", 2, "cannot be read"),
]


@pytest.mark.parametrize(("data", "code", "why"), EXITS)
def test_exit_codes(run, data, code, why):
    assert run("validate", "@a", files={"a": data}).exit_code == code, why
    assert run("validate", "--json", "@a", files={"a": data}).exit_code == code, why


def test_the_worst_of_several_files_wins_and_the_rest_still_print(run):
    files = {"a": b"not x12", "b": file_of("837P")}
    result = run("validate", "--json", "@a", "@b", "@missing", files=files)
    documents = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 2
    assert [one["valid"] for one in documents] == [False, True]
    assert "cannot be read" in result.stderr


def test_keys_of_the_json(run):
    data = changed("837P", "N4*PEORIA*IL*", "N4*PEORIA*I*")
    document = json.loads(run("validate", "--json", "@a", files={"a": data}).stdout)
    assert {"file", "valid", "interchanges", "transactions", "findings"} <= set(document)
    (transaction,) = document["transactions"]
    assert (transaction["set"], transaction["guide"], transaction["control_number"]) == (
        "837",
        "005010X222A1",
        "0001",
    )
    assert (transaction["valid"], transaction["claims"]) == (False, 1)
    (finding,) = transaction["findings"]
    assert finding | {"message": "", "remedy": "", "facts": {}, "offset": 0} == {
        "code": "x12.element.too_short", "severity": "stop", "snip": 1, "segment_index": 16, "offset": 0,
        "segment": "N4", "loop": "2010BA", "element": "N402", "component": 0, "value": "I", "message": "",
        "remedy": "", "facts": {}, "ack": {"ik3": "8", "ik4": "4"},
    }  # fmt: skip
    assert data[finding["offset"] :].startswith(b"N4*PEORIA")


def test_standard_input(run):
    result = run("validate", "-", stdin=file_of("835"))
    assert result.exit_code == 0
    assert "standard input: 835 0001 005010X221A1: valid, 1 claims" in result.stdout


@pytest.mark.parametrize("kind", ["837P", "835", "999"])
def test_write_gives_back_what_show_showed(run, kind):
    data = file_of(kind)
    shown = run("show", "--json", "--segments", "@a", files={"a": data})
    assert shown.exit_code == 0
    written = run("write", "-", "-o", "@out", stdin=shown.stdout.encode())
    assert written.exit_code == 0, written.stderr
    assert run("write", "-", stdin=shown.stdout.encode()).stdout_bytes == data


@pytest.mark.parametrize("kind", [kind for kind in SETS if kind != "277"])
def test_show_alone_is_enough_to_write_again(run, kind):
    data = set_file(kind)
    shown = run("show", "--json", "@a", files={"a": data})
    assert shown.exit_code == 0
    (held,) = json.loads(shown.stdout)["interchanges"][0]["groups"][0]["transactions"]
    assert held["content"] and "segments" not in held
    assert run("write", "-", stdin=shown.stdout.encode()).stdout_bytes == data


def test_write_tells_when_content_was_changed(run):
    shown = json.loads(run("show", "--json", "--segments", "@a", files={"a": set_file("270")}).stdout)
    (held,) = shown["interchanges"][0]["groups"][0]["transactions"]
    held["content"]["reference"] = "ELIG2"
    written = run("write", "-", stdin=json.dumps(shown).encode())
    assert written.exit_code == 0 and "x12.write.from_content" in written.stderr
    assert written.stdout_bytes == set_file("270").replace(b"*ELIG1*", b"*ELIG2*")
    held["content"]["sources"] = []
    refused = run("write", "-", stdin=json.dumps(shown).encode())
    assert refused.exit_code == 1 and refused.stdout == "" and "x12.loop.missing" in refused.stderr


def test_show_prints_segments_for_people(run):
    result = run("show", "@a", files={"a": file_of("999")})
    assert "      2  AK1*HC*7*005010X222A1" in result.stdout
    assert run("show", "@a", files={"a": b"%PDF"}).exit_code == 2


@pytest.mark.parametrize("text", ["", "[]x", "{}", "[1]", '{"interchanges": 3}', '{"interchanges": [{}]}'])
def test_write_refuses_what_show_did_not_print(run, text):
    result = run("write", "-", stdin=text.encode())
    assert result.exit_code in (1, 2)
    assert "x12.write.shape" in result.stderr
    assert result.stdout == ""


def test_ack_answers_and_says_by_its_exit_code(run):
    good = run("ack", "@a", "--ta1", "always", "--control-number", "9", files={"a": file_of("837P")})
    assert good.exit_code == 0, good.stderr
    assert "~TA1*000000041*261102*0930*A*000~" in good.stdout and "~AK9*A*1*1*1~" in good.stdout
    bad = run("ack", "@a", files={"a": changed("837P", "HI*ABK:F331", "")})
    assert bad.exit_code == 1
    assert "IK3*HI*20*2300*3~" in bad.stdout
    assert run("ack", "@a", files={"a": b"nothing"}).exit_code == 2


@pytest.mark.parametrize("command", ["validate", "show", "ack", "write"])
def test_every_command_has_help_with_an_example(run, command):
    assert (
        "cleanclaim x12 " + command in run(command, "--help").stdout.replace("\n", " ") or command == "write"
    )
    assert "Example" in run(command, "--help").stdout


def test_tables_are_written_and_counted(run, tmp_path):
    result = run(
        "tables", "@a", "@b", "--out", "@out", "--json", files={"a": file_of("835"), "b": file_of("837P")}
    )
    assert result.exit_code == 0, result.output
    rows = json.loads(result.output)
    assert (rows["claims"], rows["lines"], rows["adjustments"], rows["diagnoses"]) == (2, 4, 4, 1)
    assert (tmp_path / "out" / "claims.parquet").exists()


def test_tables_of_what_cannot_be_read(run):
    assert run("tables", "@missing", "--out", "@out").exit_code == 2
    strange = run("tables", "@a", "@b", "--out", "@out", files={"a": b"no x12", "b": file_of("835")})
    assert strange.exit_code == 2 and "x12.file.not_x12" in strange.stderr


def test_questions_to_what_is_no_x12_are_not_answered_in_silence(run):
    asked = run("sql", "SELECT claim_number FROM claims", "@a", "@b", "--json",
                files={"a": b"no x12", "b": file_of("835")})  # fmt: skip
    assert asked.exit_code == 2 and "x12.file.not_x12" in asked.stderr
    assert json.loads(asked.stdout) == {"claim_number": "A1003"}


@pytest.mark.parametrize("document", [b"nothing", b"{}", b"[]", b'{"interchanges": 1}'])
def test_other_json_cannot_be_written(run, document):
    assert run("write", "-", stdin=document).exit_code == 2


def test_type_hints_are_for_users_too():
    import cleanclaim

    assert (Path(cleanclaim.__file__).parent / "py.typed").exists()


SQL = "SELECT group_code, SUM(amount_cents) AS cents FROM adjustments GROUP BY group_code ORDER BY group_code"


def test_sql_answers_in_three_forms(run):
    files = {"a": file_of("835")}
    rows = [json.loads(line) for line in run("sql", SQL, "@a", "--json", files=files).output.splitlines()]
    assert rows == [{"group_code": "CO", "cents": 8000}, {"group_code": "PR", "cents": 3000}]
    assert (
        run("sql", SQL, "@a", "--format", "csv", files=files).output == "group_code,cents\nCO,8000\nPR,3000\n"
    )
    assert "8000" in run("sql", SQL, "@a", files=files).output


def test_sql_refuses_what_it_does_not_understand(run):
    result = run("sql", "SELECT nothing FROM nowhere", "@a", files={"a": file_of("835")})
    assert result.exit_code == 2


def test_files_are_not_held_in_memory(run, monkeypatch):
    """Neither checking nor answering reads a named file whole."""
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read whole"))
    files = {"a": file_of("837P")}
    for words in (("validate", "@a"), ("validate", "--json", "@a"), ("show", "@a"), ("ack", "@a")):
        assert run(*words, files=files).exit_code == 0, words


def test_standard_input_is_bounded(run, monkeypatch):
    from cleanclaim.x12.limits import Limits
    from cleanclaim_cli.commands import x12 as commands

    assert run("validate", "-", stdin=file_of("837P")).exit_code == 0
    small = Limits(file_bytes=100)
    read = commands.read_x12
    monkeypatch.setattr(commands, "DEFAULT_LIMITS", small)
    monkeypatch.setattr(commands, "read_x12", lambda data, file: read(data, file=file, limits=small))
    result = run("validate", "-", stdin=file_of("837P"))
    assert result.exit_code == 2 and "x12.file.too_large" in result.stdout
