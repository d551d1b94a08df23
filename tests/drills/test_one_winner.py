"""R-02: many posters take in one payment at the same moment. One posts it, the others say "already posted"."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tests.drills.databases import REPOSITORY, Base, Place

POSTERS = 16


@pytest.fixture(params=["sqlite", "postgresql"])
def base(request, made_base, full: bool) -> Base:
    return made_base(request.param, _rounds(full))


def _rounds(full: bool) -> int:
    return 550 if full else 5


def test_one_payment_has_one_winner(base, tmp_path, full, drill_row):
    rounds = _rounds(full)
    with base.copy(tmp_path / "race") as place:
        said = _race(place, rounds)
    with base.copy(tmp_path / "fault") as place:
        without = _race(place, 2, "unguarded")
    caught = without["winners"] != {"1": 2} or without["active"] != 2
    drill_row(
        drill="R-02", what=f"{POSTERS} posters take in one payment, {base.name}", trials=rounds,
        failures=rounds - said["winners"].get("1", 0),
        fault_caught=f"no identity claimed: {'caught' if caught else 'not caught'}",
    )  # fmt: skip
    assert said == {
        "told": {"posted": rounds, "duplicate": rounds * (POSTERS - 1)},
        "winners": {"1": rounds},
        "states": {"posted": rounds, "duplicate": rounds * (POSTERS - 1)},
        "files": {"read": rounds * POSTERS},
        "active": rounds,
        "entries": rounds,
        "cash_cents": 9_000 * rounds,
        "broken": [],
    }
    assert caught


def _race(place: Place, rounds: int, *fault: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "tests.drills.racers", "race", str(rounds), str(POSTERS), *fault], cwd=REPOSITORY,
        env=place.environment(), capture_output=True, text=True, timeout=3_000,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout.splitlines()[-1])
