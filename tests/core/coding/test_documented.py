"""Every code that the engine or the reader can give has its line in docs/errors/coding.md."""

from __future__ import annotations

import re
from pathlib import Path

from cleanclaim.coding import services
from cleanclaim.coding.problems import PROBLEMS
from cleanclaim.coding.session_file import COLUMNS

REPOSITORY = Path(__file__).resolve().parents[3]
PAGE = (REPOSITORY / "docs" / "errors" / "coding.md").read_text("utf-8")
SOURCE = "".join(
    path.read_text("utf-8") for path in sorted((REPOSITORY / "src/cleanclaim/coding").rglob("*.py"))
)


def test_every_answer_is_documented():
    for problem in PROBLEMS.values():
        assert f"`{problem.finding_code}`" in PAGE and f"`{problem.code}`" in PAGE
        assert problem.message in PAGE and problem.remedy in PAGE


def test_every_reading_fault_and_note_is_documented():
    reading = set(re.findall(r'(?:whole_file|CellFault)\(\s*"(\w+)"', SOURCE))
    reading |= set(
        re.findall(r'row_finding\(\s*(?:record\.|self\.)?line,\s*(?:"\w*"|column),\s*"(\w+)"', SOURCE)
    )
    reading |= set(re.findall(r'"sessions\.(\w+)"', SOURCE))
    assert len(reading) == 20
    assert {code for code in reading if f"`sessions.{code}`" not in PAGE} == set()
    notes = set(re.findall(r'\.tell\(\s*"(\w+)"', SOURCE))
    assert len(notes) == 6
    assert {code for code in notes if f"`coding.{code}`" not in PAGE} == set()


def test_every_raised_problem_is_in_the_closed_list():
    raised = set(re.findall(r'"([EW]_[A-Z0-9_]+)"', SOURCE))
    assert raised == set(PROBLEMS)


def test_columns_and_services_are_documented():
    assert [name for name in (*COLUMNS, *services()) if f"`{name}`" not in PAGE] == []
