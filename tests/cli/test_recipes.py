"""Every program and command of the pages does what they say."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from .conftest import RECIPES, REPOSITORY

PROGRAM = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = [
    REPOSITORY / "README.md",
    REPOSITORY / "docs/start.md",
    *sorted(RECIPES.glob("*.md")),
    *sorted((REPOSITORY / "docs/concepts").glob("*.md")),
]
WITHOUT_DATABASE = {
    "code",
    "code-info",
    "codesets",
    "deadline",
    "edit",
    "icd",
    "npi",
    "remit",
    "rules",
    "x12",
}
# An edit is written into the package; the files of x12-files have their own test beside the engine.
PROGRAMS = [
    page
    for page in [*sorted(RECIPES.glob("*.md")), REPOSITORY / "src/cleanclaim/README.md"]
    if PROGRAM.search(page.read_text()) and page.name not in {"write-an-edit.md", "x12-files.md"}
]


@pytest.fixture
def in_repository(tmp_path, monkeypatch) -> Path:
    """A folder that looks like the repository to a relative path, and may be written into."""
    (tmp_path / "tests").mkdir()
    shutil.copytree(REPOSITORY / "tests/files", tmp_path / "tests/files")
    (tmp_path / "tests/core/remittance").mkdir(parents=True)
    shutil.copy(REPOSITORY / "tests/core/remittance/posting_cases.json", tmp_path / "tests/core/remittance")
    (tmp_path / "docs").mkdir()
    shutil.copytree(RECIPES, tmp_path / "docs/recipes")
    shutil.copy(REPOSITORY / "tests/files/835_paid.edi", tmp_path / "payer.835")
    (tmp_path / "march.csv").write_text("Date,Description,Amount\n2026-03-02,DEPOSIT,50.00\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PROGRAMS, ids=lambda page: page.stem)
def test_the_programs_of_a_page_run(page, in_repository, capsys):
    names: dict[str, object] = {}
    for program in PROGRAM.findall(page.read_text()):
        exec(compile(program, str(page), "exec"), names)
    assert capsys.readouterr().out.strip()


def _shown(page: Path) -> list[str]:
    lines = [line for block in SHELL.findall(page.read_text()) for line in block.splitlines()]
    words = [re.sub(r"\s+#.*$", "", line.strip()).removeprefix(".venv/bin/") for line in lines]
    return [
        line
        for line in words
        if line.startswith("cleanclaim ")
        and line.split()[1] in WITHOUT_DATABASE
        and "..." not in line
        and not line.startswith("cleanclaim rules replay")  # reads the claims of an installation
    ]


COMMANDS = [(page.name, line) for page in PAGES for line in _shown(page)]


def test_there_are_commands():
    assert len(COMMANDS) > 12


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_run(page, in_repository, run):
    for line in _shown(page):
        answer = run(*shlex.split(line)[1:])
        assert answer.exit_code in (0, 1), (line, answer.output)
        assert answer.exception is None or isinstance(answer.exception, SystemExit), line


def test_the_import_recipe_quotes_the_program(make_installation):
    installation = make_installation()
    done = installation("import", "sessions", RECIPES / "sample-sessions.csv", "--practice", "QH")
    assert done.returncode == 1
    assert done.stdout.decode().strip() in (RECIPES / "import-sessions.md").read_text()
