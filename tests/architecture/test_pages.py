"""Pages say what is: generated ones are fresh, commands exist, links lead somewhere."""

from __future__ import annotations

import json
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from cleanclaim_cli.main import cli

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *REPOSITORY.glob("*.md"),
        *(REPOSITORY / "docs").rglob("*.md"),
        *(path for path in (REPOSITORY / "src").rglob("README.md") if "vendor" not in path.parts),
    ]
)
BLOCK = re.compile(r"^```(?:sh|console|bash)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)")
WORDS = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))

reference = runpy.run_path(str(REPOSITORY / "tools" / "write_reference.py"))


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    """The pages as they would be written now, by a process in which no command has run before."""
    program = (
        "import json, runpy, sys; pages = runpy.run_path('tools/write_reference.py')['PAGES']; "
        "json.dump({name: write() for name, write in pages.items() if not name.endswith('/edits.md')}, sys.stdout)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


# The catalogue of edits is compared beside the edits: tests/core/edits/test_run.py.
@pytest.mark.parametrize("name", sorted(set(reference["PAGES"]) - {"docs/reference/edits.md"}))
def test_generated_pages_are_fresh(name, written):
    assert (REPOSITORY / name).read_text(encoding="utf-8") == written[name], "run: make reference"


def _commands(page: Path) -> list[str]:
    """Lines of the page's shell blocks that call us or make, continued lines joined, comments cut."""
    found = []
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.split(r"\s(?:\||&&)\s", line):
                words = re.sub(r"^(?:\$ |[A-Z_]+=\S+ )+", "", part.strip())
                words = re.sub(r"\s+#.*$", "", words)
                if re.match(r"(?:\.venv/bin/)?cleanclaim\s|make(\s|$)", words):
                    found.append(words)
    return found


SHOWN = [(str(page.relative_to(REPOSITORY)), line) for page in PAGES for line in _commands(page)]


def test_the_pages_show_commands():
    assert len(SHOWN) > 40


@pytest.mark.parametrize(("page", "line"), SHOWN)
def test_every_command_shown_exists(page, line):
    words = [word for word in shlex.split(line) if word not in ("...", "&")]
    if words[0] == "make":
        assert all(word in WORDS or "=" in word or re.fullmatch(r"bench-\w+", word) for word in words[1:]), (
            line
        )
        return
    command: click.Command = cli
    rest = words[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(click.Context(command), rest[0])
        assert found is not None, f"{page}: {line}"
        command, rest = found, rest[1:]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    known |= {"--help", "--version", "-h"}
    given = [word.partition("=")[0] for word in rest if re.match(r"--?[A-Za-z]", word)]
    assert set(given) <= known, f"{page}: {line}"


def test_links_between_pages_lead_somewhere():
    broken = []
    for page in PAGES:
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            if "://" in target or target.startswith(("#", "mailto:")):
                continue
            if not (page.parent / target.partition("#")[0]).exists():
                broken.append(f"{page.relative_to(REPOSITORY)}: {target}")
    assert broken == []


ROOMS = sorted(path.parent for path in (REPOSITORY / "src").glob("cleanclaim*/*/__init__.py"))


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: f"{room.parent.name}/{room.name}")
def test_every_room_says_what_it_is_for(room):
    """A README, or a docstring of the package that says more than its name."""
    text = (room / "__init__.py").read_text(encoding="utf-8")
    assert (room / "README.md").is_file() or text.lstrip().startswith(('"""', 'r"""')), room


DECISIONS = sorted((REPOSITORY / "docs" / "decisions").glob("ADR-*.md"))


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_says_why_and_what_else_there_was(page):
    text = page.read_text(encoding="utf-8")
    for part in ("## Context", "## Decision", "## Consequences", "## Alternatives"):
        assert part in text, part


def test_decisions_are_numbered_without_a_gap():
    assert [int(page.name[4:8]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


FRAGMENT = re.compile(r"[a-z0-9-]+\.(added|changed|fixed)\.md")


def test_changelog_fragments_have_a_kind_and_one_line():
    for path in (REPOSITORY / "changelog.d").glob("*.md"):
        if path.name == "README.md":
            continue
        assert FRAGMENT.fullmatch(path.name), path.name
        assert path.read_text(encoding="utf-8").strip(), path.name
