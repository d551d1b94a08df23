"""R-03, R-60: a payment that comes again in any dress posts once; every dollar of a month at the bank is explained."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tests.drills.databases import FEW, REPOSITORY, Base, Place

RETURNS, MONTHS = (2, 200), (2, 100)
DRESSES, OTHERS = 12, 2


@pytest.fixture(params=["sqlite", "postgresql"])
def base(request, made_base) -> Base:
    return made_base(request.param, FEW)


def _run(place: Place, *words: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "tests.drills.money_comes", *words], cwd=REPOSITORY, env=place.environment(),
        capture_output=True, text=True, timeout=6_000,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_a_payment_that_comes_again_posts_once(base, tmp_path, full, drill_row):
    rounds = RETURNS[full]
    with base.copy(tmp_path / "again") as place:
        said = _run(place, "returns", str(rounds))
        without = _run(place, "returns", "1", "fault")
    trials = sum(said["told"].values())
    drill_row(
        drill="R-03", what=f"payments come again in {DRESSES} dresses or with other content, {base.name}",
        trials=trials, failures=sum(said["wrong"].values()) + len(said["broken"]),
        fault_caught=f"known by the file's numbers: posted again in {len(without['wrong'])} dresses",
    )  # fmt: skip
    assert (said["wrong"], said["broken"]) == ({}, [])
    assert trials == rounds * (DRESSES + OTHERS) and said["told"]["other content"] == rounds * OTHERS
    assert {"new control numbers", "other content"} <= without["wrong"].keys()


def test_every_dollar_of_a_month_is_explained_three_ways(base, tmp_path, full, drill_row):
    rounds = MONTHS[full]
    with base.copy(tmp_path / "months") as place:
        said = _run(place, "months", str(rounds))
        without = _run(place, "months", "2", "fault")
    caught = "exceptions are not the planted ones" in without["wrong"]
    drill_row(
        drill="R-60", what=f"months of 835 files, bank lines and books, {base.name}", trials=rounds,
        failures=sum(said["wrong"].values()) + len(said["broken"]) + bool(said["unexplained_cents"]),
        fault_caught=f"doubles not known: {'caught' if caught else 'not caught'}",
        notes=f"{said['payments']:,} payments, {said['lines']:,} bank lines, {sum(said['planted'].values()):,} exceptions planted",
    )  # fmt: skip
    assert (said["wrong"], said["broken"], said["unexplained_cents"]) == ({}, [], 0)
    assert caught
