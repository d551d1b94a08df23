"""What holds for every command: help with an example, stable names, exit codes of the program itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import click
import pytest

from cleanclaim_cli.main import cli

TOP = (
    "audit backup close code code-info codesets deadline demo doctor edit icd import init npi post receive remit report "
    "restore rules send serve worker x12"
).split()
GROUPS = {
    "audit": {"export", "verify"},
    "codesets": {"list", "load"},
    "import": {"bank", "claims", "patients", "practice", "remits", "sessions"},
    "remit": {"check", "plan"},
    "rules": {"explain", "list", "show"},
    "x12": {"ack", "show", "validate", "write"},
}


def _walk(command: click.Command, words: tuple[str, ...]):
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None, name
            yield from _walk(found, (*words, name))


ALL = [(words, command) for word in TOP for words, command in _walk(cli.get_command(None, word), (word,))]


def test_the_names_that_others_script_against_are_all_there():
    context = click.Context(cli)
    assert set(TOP) <= set(cli.list_commands(context))
    for group, names in GROUPS.items():
        assert names <= set(cli.get_command(context, group).list_commands(context)), group


@pytest.mark.parametrize(
    ("words", "command"), ALL, ids=lambda one: " ".join(one) if isinstance(one, tuple) else ""
)
def test_help_has_an_example(run, words, command):
    answer = run(*words, "--help")
    assert answer.exit_code == 0
    text = " ".join(answer.stdout.split())
    assert "Example: " in text, words
    example = text.split("Example: ", 1)[1].split(" Options: ", 1)[0]
    assert f"cleanclaim {' '.join(words)}" in example
    assert command.help and command.help.strip().splitlines()[0].rstrip().endswith((".", "?"))


def _program(*words: str, **more) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "cleanclaim_cli.main", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **more)


CALLS = [  # words, exit code, why
    (["npi", "1234567893"], 0, "done and clean"),
    (["npi", "1234567890"], 1, "a finding that stops"),
    (["npi"], 2, "an argument is missing"),
    (["nothing"], 2, "no such command"),
    (["icd", "F33.1", "--on", "yesterday"], 2, "no date"),
    (["x12", "validate", "/nonexistent"], 2, "cannot be read"),
    (["--version"], 0, "the version"),
]


@pytest.mark.parametrize(("words", "code", "why"), CALLS)
def test_the_program_ends_with_the_promised_code(words, code, why):
    done = _program(*words)
    assert done.returncode == code, why
    assert "Traceback" not in done.stderr


def test_an_interrupt_ends_with_130():
    command = [sys.executable, "-m", "cleanclaim_cli.main", "x12", "validate", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ) as running:
        time.sleep(1.5)
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=20) == 130
        assert b"Traceback" not in running.stderr.read()


def test_x12_commands_start_without_the_server():
    program = (
        "import sys; sys.argv = ['cleanclaim', 'x12', '--help']\n"
        "from cleanclaim_cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.startswith('django')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"
