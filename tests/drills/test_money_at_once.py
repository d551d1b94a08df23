"""R-21, R-58, R-59: hands on one credit take no more than there is; a month that closes while others book stands still."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tests.drills.databases import FEW, REPOSITORY, Base, Place
from tests.server import postgres

HANDS = 12
CREDIT_ROUNDS, MONTHS = (3, 250), (3, 120)


@pytest.fixture(params=["sqlite", "postgresql"])
def base(request, made_base, full: bool) -> Base:
    return made_base(request.param, max(CREDIT_ROUNDS[full], FEW))


def _run(place: Place, what: str, rounds: int, *fault: str, owner: str = "") -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "tests.drills.at_once", what, str(rounds), str(HANDS), *fault], cwd=REPOSITORY,
        env=place.environment(**({"CLEANCLAIM_DATABASE_URL": owner} if owner else {})), capture_output=True, text=True,
        timeout=3_000,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout.splitlines()[-1])


def _owner(base, place: Place) -> str:
    """Who may take the guards away: the owner of the tables, never the application."""
    if base.name == "SQLite":
        return ""
    return base.cluster.dsn(postgres.OWNER, place.url.rsplit("/", 1)[1].split("?")[0])


def test_one_credit_is_used_once(base, tmp_path, full, drill_row):
    rounds = CREDIT_ROUNDS[full]
    with base.copy(tmp_path / "hands") as place:
        said = _run(place, "credit", rounds)
    with base.copy(tmp_path / "fault") as place:
        without = _run(place, "credit", 2, "fault", owner=_owner(base, place))
    caught = "ledger.l8_over_allocated" in without["broken"]
    bad = [words for words in said["told"] if words.startswith(("error", "database"))]
    drill_row(
        drill="R-21", what=f"{HANDS} hands on one patient's credit, {base.name}", trials=rounds * HANDS,
        failures=said["negative"] + len(said["broken"]) + len(bad),
        fault_caught=f"credit read too early, guards away: {'caught' if caught else 'not caught'}",
    )  # fmt: skip
    assert (said["negative"], said["broken"], bad) == (0, [], [])
    assert sum(said["told"].values()) == rounds * HANDS
    assert said["told"].keys() <= {
        "done", "told: refund.decided", "told: refund.over_allocated", "told: payment.credit_used",
        "told: payment.undone_before",
    }  # fmt: skip
    # Of three hands that take 1.00 copayments, two press one form: two payments a round, kept apart.
    assert said["copayments"] == rounds * 2
    assert caught


def test_a_month_that_closes_under_many_hands_stands_still(base, tmp_path, full, drill_row):
    rounds = MONTHS[full]
    with base.copy(tmp_path / "months") as place:
        said = _run(place, "close", rounds)
    with base.copy(tmp_path / "fault") as place:
        without = _run(place, "close", 2, "fault", owner=_owner(base, place))
    caught = without["moved"] > 0 and without["reports_changed"] > 0
    drill_row(
        drill="R-58", what=f"{HANDS - 1} hands book into a month that closes, {base.name}", trials=rounds * HANDS,
        failures=said["moved"] + len(said["broken"]),
        fault_caught=f"nobody asks, guards away: {'caught' if caught else 'not caught'}",
    )  # fmt: skip
    drill_row(
        drill="R-59", what=f"reports of closed months run again after each close, {base.name}",
        trials=rounds * (rounds + 1) // 2, failures=said["reports_changed"],
        fault_caught=f"nobody asks, guards away: {'caught' if caught else 'not caught'}",
    )  # fmt: skip
    assert said == {
        "told": {"done": rounds * HANDS}, "closed": rounds, "moved": 0, "reports_changed": 0,
        "entries": rounds * HANDS, "late_in_open": rounds, "broken": [],
    }  # fmt: skip
    assert caught
