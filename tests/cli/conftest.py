"""Commands run as a person runs them: in a process of their own on an installation of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

REPOSITORY = Path(__file__).resolve().parents[2]
RECIPES = REPOSITORY / "docs" / "recipes"


@pytest.fixture
def run():
    """`run("icd", "F33.1", stdin=b"...")`: a command that needs no database, in this process."""
    from cleanclaim_cli.main import cli

    def call(*words: str, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(cli, list(words), input=stdin)

    return call


@dataclass
class Installation:
    """An installation in a folder; calling it runs a command there."""

    folder: Path

    @property
    def outbox(self) -> Path:
        return self.folder / "clearing" / "out"

    @property
    def inbox(self) -> Path:
        return self.folder / "clearing" / "in"

    def __call__(
        self, *words: object, stdin: bytes | None = None, **more: str
    ) -> subprocess.CompletedProcess:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY / "src"),
            "CLEANCLAIM_DATA_DIR": str(self.folder / "var"),
        }
        return subprocess.run(
            [sys.executable, "-m", "cleanclaim_cli.main", *map(str, words)],
            env=environment | more,
            cwd=self.folder,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            timeout=120,
        )

    def json(self, *words: object, code: int = 0) -> dict:
        """Run with `--json`, insist on the exit code, and give the document."""
        done = self(*words, "--json")
        assert done.returncode == code, (done.stdout.decode(), done.stderr.decode())
        return json.loads(done.stdout)

    def grant(self, email: str, practice: str, role: str) -> None:
        """Give a person a role in a practice, as an administrator of users does on the page."""
        lines = (
            "import django; django.setup()",
            "from cleanclaim_server.identity.models import Grant, User",
            "from cleanclaim_server.practice.models import Agency, Practice",
            "from cleanclaim_server.tenancy.context import system_context",
            "with system_context(Agency.objects.get().pk):",
            f"    practice, user = Practice.objects.get(code={practice!r}), User.objects.get(email={email!r})",
            f"    Grant.objects.create(user=user, practice=practice, role={role!r})",
        )
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY / "src"),
            "CLEANCLAIM_DATA_DIR": str(self.folder / "var"),
            "DJANGO_SETTINGS_MODULE": "cleanclaim_server.config.settings",
        }
        subprocess.run([sys.executable, "-c", "\n".join(lines)], env=environment, check=True, timeout=120)


@pytest.fixture(scope="session")
def make_installation(tmp_path_factory):
    """`make_installation()`: an agency and the practice, patients and prices of the recipes."""

    @cache
    def begun() -> Path:
        """An installation of which only its agency is known: each begins as a copy of it."""
        cleanclaim = Installation(tmp_path_factory.mktemp("begun"))
        people = ("--agency", "Example Billing", "--submitter-id", "EX001", "--email", "ann@example.test")
        cleanclaim.json("init", *people, "--name", "Ann")
        return cleanclaim.folder

    def make() -> Installation:
        cleanclaim = Installation(tmp_path_factory.mktemp("installation"))
        shutil.copytree(begun(), cleanclaim.folder, dirs_exist_ok=True)
        for folder in (cleanclaim.outbox, cleanclaim.inbox):
            folder.mkdir(parents=True)
        sample = (RECIPES / "sample-practice.yaml").read_text()
        place = str(cleanclaim.folder / "clearing")
        (cleanclaim.folder / "practice.yaml").write_text(sample.replace("/srv/clearing", place))
        cleanclaim.json("import", "practice", "practice.yaml")
        cleanclaim.json("import", "patients", RECIPES / "sample-patients.csv", "--practice", "QH")
        return cleanclaim

    return make


@pytest.fixture
def installation(make_installation) -> Installation:
    return make_installation()
