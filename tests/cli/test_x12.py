"""`cleanclaim x12` on whole files: what is shown can be written again, what is answered is itself clean."""

from __future__ import annotations

import json

import pytest

from cleanclaim.x12.index import read_x12

from .conftest import REPOSITORY

FILES = sorted((REPOSITORY / "tests" / "files").glob("*.edi"))


def _segments(data: bytes) -> list[str]:
    """Every segment of a file, whatever its line ends."""
    index = read_x12(data)
    found = []
    for interchange in index.interchanges:
        found += [ta1.text() for ta1 in interchange.ta1s]
        for group in interchange.groups:
            for transaction in group.transactions:
                found += [segment.text() for segment in transaction.segments]
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shown_file_can_be_written_again(run, file):
    typed = run("x12", "show", "--json", str(file))
    assert typed.exit_code == 0, typed.stderr
    written = run("x12", "write", "-", stdin=typed.stdout.encode())
    assert written.exit_code == 0, written.stderr
    assert _segments(written.stdout_bytes) == _segments(file.read_bytes())


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.stem.startswith("837p")], ids=lambda file: file.stem
)
def test_our_answer_to_a_file_is_itself_valid(run, file, tmp_path):
    answer = tmp_path / "answer.999"
    done = run("x12", "ack", str(file), "--ta1", "always", "--control-number", "7", "-o", str(answer))
    assert done.exit_code == 0, done.stderr
    report = run("x12", "validate", "--json", str(answer))
    document = json.loads(report.stdout)
    assert (report.exit_code, document["valid"]) == (0, True)
    assert [one["set"] for one in document["transactions"]] == ["999"]


def test_several_files_print_each_and_the_worst_code_wins(run, tmp_path):
    good, unreadable = FILES[0], tmp_path / "letter.txt"
    unreadable.write_text("Dear payer,")
    answer = run("x12", "validate", "--json", str(unreadable), str(tmp_path / "absent"), str(good))
    documents = [json.loads(line) for line in answer.stdout.splitlines()]
    assert answer.exit_code == 2
    assert [one["valid"] for one in documents] == [False, True]
    assert "absent: cannot be read" in answer.stderr


@pytest.mark.parametrize(
    ("words", "file"),
    [
        (("x12", "validate", "-"), "837p_commercial.edi"),
        (("x12", "show", "-"), "835_paid.edi"),
        (("x12", "ack", "-"), "837p_commercial.edi"),
        (("edit", "-", "--today", "2026-11-23"), "837p_commercial.edi"),
        (("remit", "check", "-"), "835_paid.edi"),
    ],
)
def test_a_dash_is_standard_input(run, words, file):
    data = (REPOSITORY / "tests" / "files" / file).read_bytes()
    answer = run(*words, stdin=data)
    assert answer.exit_code in (0, 1), answer.stderr
    assert answer.stdout


@pytest.mark.parametrize("words", [("edit",), ("remit", "check")])
def test_a_missing_file_does_not_stop_the_others(run, words, tmp_path):
    name = "837p_commercial.edi" if words == ("edit",) else "835_paid.edi"
    answer = run(*words, str(tmp_path / "absent"), str(REPOSITORY / "tests" / "files" / name), "--json")
    assert answer.exit_code == 2
    assert len(json.loads(answer.stdout)) == 1
    assert "absent" in answer.stderr
