"""Write the generated pages of docs/reference: `make reference`. A test fails while one is stale."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "src"))

from cleanclaim import codesets  # noqa: E402
from cleanclaim.edits.catalogue import catalogue as edits_page  # noqa: E402
from cleanclaim_cli.main import cli  # noqa: E402

sys.path.insert(0, str(REPOSITORY / "tools"))
from external_codes_page import page as external_codes_page  # noqa: E402

GENERATED = "Generated from the code; do not edit by hand (`make reference`)."


def _walk(command: click.Command, words: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from _walk(found, f"{words} {name}")
    else:
        yield words, command


def commands_page() -> str:
    """Every command with its help, as `--help` prints it."""
    parts = [
        "# Commands",
        GENERATED,
        "Exit codes: 0 done and clean; 1 done, with findings that stop something; 2 the input could not be "
        "read or the call was wrong; 130 interrupted. With several files the worst code wins and the rest "
        "still print. `-` is standard input; results go to standard output, messages to standard error. "
        "Money in JSON is whole cents.",
    ]
    for words, command in _walk(cli, "cleanclaim"):
        context = click.Context(command, info_name=words, terminal_width=100, max_content_width=100)
        parts += [f"## {words}", f"```text\n{command.get_help(context).rstrip()}\n```"]
    return "\n\n".join(parts) + "\n"


def code_sets_page() -> str:
    """What is loaded and of which date."""
    lines = [
        "| code set | table | release | speaks from | good through | rows |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for one in codesets.versions():
        good = one.good_through or "open"
        lines.append(f"| {one.title} | `{one.table}` | {one.release} | {one.as_of} | {good} | {one.rows} |")
    return "\n\n".join(["# Code sets", GENERATED, "\n".join(lines)]) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/commands.md": commands_page,
    "docs/reference/code-sets.md": code_sets_page,
    "docs/reference/edits.md": edits_page,
    "docs/reference/external-codes.md": lambda: external_codes_page(GENERATED),
}


def main() -> None:
    for name, write in PAGES.items():
        path = REPOSITORY / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(write(), encoding="utf-8")
        print(f"wrote {name}")


if __name__ == "__main__":
    main()
