"""Imports go one way, and the checker sees it when they do not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
CHECKER = Path(sys.executable).parent / "lint-imports"


def _check(source: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts of the repository over the packages in `source`."""
    return subprocess.run(
        [CHECKER, "--config", REPOSITORY / ".importlinter", "--no-cache"],
        cwd=source,
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def copy(tmp_path) -> Path:
    """The Python files of `src`, to plant a fault in."""
    modules = shutil.ignore_patterns("__pycache__", "static", "templates", "*.csv", "*.jsonl")
    return Path(shutil.copytree(REPOSITORY / "src", tmp_path / "src", ignore=modules))


def test_the_contracts_hold():
    answer = _check(REPOSITORY / "src")
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("module", "planted", "contract"),
    [
        ("cleanclaim/money.py", "import cleanclaim_server.ledger.models", "Packages import downwards"),
        ("cleanclaim_data/loader.py", "import cleanclaim.money", "Packages import downwards"),
        ("cleanclaim_server/web/urls.py", "import cleanclaim_cli.main", "Packages import downwards"),
        ("cleanclaim/findings.py", "import django.db", "The core knows no framework"),
        ("cleanclaim/dates.py", "import socket", "The core knows no framework"),
        (
            "cleanclaim_server/claims/models.py",
            "import cleanclaim_server.denials.models",
            "rooms import downwards",
        ),
        (
            "cleanclaim_server/ledger/models.py",
            "import cleanclaim_server.cycle.posting",
            "rooms import downwards",
        ),
        ("cleanclaim_server/cycle/worker.py", "import cleanclaim_server.web.urls", "rooms import downwards"),
    ],
)
def test_a_planted_violation_is_caught(copy, module, planted, contract):
    path = copy / module
    path.write_text(path.read_text() + f"\n{planted}\n")
    answer = _check(copy)
    broken = [line for line in answer.stdout.splitlines() if " BROKEN" in line]
    assert answer.returncode != 0
    assert any(contract in line for line in broken), answer.stdout + answer.stderr
