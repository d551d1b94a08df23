"""R-20: PostgreSQL stops in mid-posting, or the line is cut at the commit. Nothing is lost, nothing doubled."""

from __future__ import annotations

import random
import time

import pytest
from tests.drills.databases import PostgresBase
from tests.drills.test_kill_posting import LEASE_ENDED, whole_or_nothing
from tests.server import postgres


@pytest.fixture(scope="module")
def base(made_base, full: bool) -> PostgresBase:
    return made_base("postgresql", 1_000 if full else 300)


@pytest.fixture(scope="module")
def ends(base, tmp_path_factory):
    """The books before, and after a posting that nobody disturbed; and how long that took."""
    with base.copy(tmp_path_factory.mktemp("ends") / "clean") as place:
        nothing, started = place.tell(), time.monotonic()
        place.run("post")
        seconds = time.monotonic() - started
        return nothing, place.tell(), seconds


def test_a_database_that_stops_loses_and_doubles_nothing(base, ends, tmp_path, full, drill_row):
    nothing, whole, seconds = ends
    dice, trials, landed, failures = random.Random(20), 100 if full else 1, 0, []
    while landed < trials:
        with base.copy(tmp_path / "trial") as place:
            process = place.start("post")
            assert process.stdout.readline() == "begin\n"
            time.sleep(dice.uniform(0, seconds))
            postgres.halt(base.cluster)
            out, _ = process.communicate(timeout=120)
            postgres.resume(base.cluster)
            acknowledged = "done" in out
            landed += not acknowledged
            left = place.tell()
            if not whole_or_nothing(left, nothing, whole) or (acknowledged and left != whole):
                failures.append(left)
            place.run("post", CLEANCLAIM_DRILL_MINUTES=LEASE_ENDED)
            after = place.tell()
            if after != whole:
                failures.append(after)
    drill_row(
        drill="R-20", what="PostgreSQL stopped at once while a remittance posts", trials=landed, failures=len(failures),
        fault_caught="the judgement is that of R-01",
    )  # fmt: skip
    assert failures == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_unknown_commit_is_resolved_by_reading(base, ends, tmp_path, drill_row, when):
    nothing, whole, _ = ends
    with base.copy(tmp_path / "trial") as place:
        process = place.start("post", CLEANCLAIM_DRILL_CUT=when)
        process.communicate(timeout=120)
        left = place.tell()
        assert left["jobs"] == {"due": 1}, "the cut was not felt"
        expected = whole if when == "after" else nothing
        assert left["balance"] == expected["balance"]
        assert whole_or_nothing(left, nothing, whole)
        place.run("post", CLEANCLAIM_DRILL_MINUTES=LEASE_ENDED)
        assert place.tell() == whole
    drill_row(
        drill="R-20", what=f"line cut {when} the commit was asked for, its answer unread", trials=1, failures=0,
        fault_caught="the judgement is that of R-01",
    )  # fmt: skip
