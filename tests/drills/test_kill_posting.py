"""R-01: the poster dies while a remittance posts. All of it is in the books, or nothing, and it resumes."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.drills.databases import Base, Place, PostgresBase
from tests.server import postgres

FAIL_POINTS = (  # the three that hurt most come first: the short form has no more
    "identity claimed", "entries written", "commit", "received", "hashed", "stored", "event queued", "parsed",
    "balanced", "rows written", "planned", "states written", "audit written", "committed",
)  # fmt: skip
LEASE_ENDED = "11"
"""Minutes after which a dead worker's lease has ended."""


@dataclass(frozen=True)
class Size:
    claims: int
    landed: int
    faults: int


SHORT = Size(claims=300, landed=6, faults=1)
FULL = Size(claims=5_000, landed=int(os.environ.get("CLEANCLAIM_DRILL_TRIALS", "50")), faults=5)


@pytest.fixture(params=["sqlite", "postgresql"])
def base(request, made_base, full: bool) -> Base:
    return made_base(request.param, (FULL if full else SHORT).claims)


def test_a_killed_posting_is_whole_or_absent(base, tmp_path, full, drill_row):
    size = FULL if full else SHORT
    dice = random.Random(20261123)
    with base.copy(tmp_path / "clean") as place:
        nothing = place.tell()
        started = time.monotonic()
        place.run("post")
        seconds = time.monotonic() - started
        whole = place.tell()
    assert (
        whole["broken"] == []
        and whole["active"] == 1
        and whole["balance"]["deposit_clearing"] == base.facts["paid_cents"]
    )
    landed, missed, failures, slowest = 0, 0, [], 0.0
    while landed < size.landed:
        with base.copy(tmp_path / "trial") as place:
            # Every other death is at a named place, the others at a moment that nobody chose.
            at = FAIL_POINTS[(landed // 2) % len(FAIL_POINTS)] if landed % 2 == 0 else ""
            if not _kill(place, at, dice.uniform(0, seconds)):
                missed += 1
                assert missed < 10 * size.landed, "the deaths do not land"
                continue
            landed += 1
            left = place.tell(quick=True)
            if not whole_or_nothing(left, nothing, whole):
                failures.append((at or "some moment", "part of it is in the books", left))
            started = time.monotonic()
            after = json.loads(place.run("settle", CLEANCLAIM_DRILL_MINUTES=LEASE_ENDED))
            slowest = max(slowest, time.monotonic() - started)
            if after != whole:
                failures.append((at or "some moment", "not as if nothing had happened", after))
    caught = sum(
        _planted_fault_is_caught(base, tmp_path, size, nothing, whole, n) for n in range(size.faults)
    )
    drill_row(
        drill="R-01", what=f"kill -9 while {size.claims:,} claims post, {base.name}", trials=landed,
        failures=len(failures), fault_caught=f"commit per claim: {caught} of {size.faults}",
        notes=f"{missed} deaths came too late and do not count; restart to done at most {slowest:.0f} s",
    )  # fmt: skip
    assert failures == []
    assert caught == size.faults
    assert slowest < 120


def _kill(place: Place, at: str, wait: float) -> bool:
    """Start the poster and let it die at a named place, or after a while. Did it die before it was done?"""
    process = place.start("post", **({"CLEANCLAIM_DRILL_KILL": at} if at else {}))
    assert process.stdout.readline() == "begin\n", process.communicate()[1][-2000:]
    if not at:
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
    out, _ = process.communicate(timeout=300)
    return process.returncode == -signal.SIGKILL and "done" not in out


def whole_or_nothing(left: dict, nothing: dict, whole: dict) -> bool:
    """The books after a death: as before, or as after. Files and jobs may have been kept by then."""
    said = (
        "remittances",
        "active",
        "entries",
        "keys",
        "balance",
        "claims",
        "events",
        "denials",
        "work",
        "audited",
    )
    return not left["broken"] and any(all(left[key] == end[key] for key in said) for end in (nothing, whole))


def _planted_fault_is_caught(
    base, tmp_path: Path, size: Size, nothing: dict, whole: dict, number: int
) -> bool:
    """With a commit for each claim, a death in the middle must be seen by the same judgement."""
    after = 2 + number * size.claims // 10
    with base.copy(tmp_path / "fault") as place:
        if isinstance(
            base, PostgresBase
        ):  # the planted commits end the transaction that holds the role's context
            place.url = place.url.replace(postgres.APP, postgres.OWNER)
        process = place.start(
            "post",
            CLEANCLAIM_DRILL_FAULT="commit_per_claim",
            CLEANCLAIM_DRILL_KILL=f"claim committed:{after}",
        )
        _, said = process.communicate(timeout=300)
        assert process.returncode == -signal.SIGKILL, said[-2000:]
        return not whole_or_nothing(place.tell(), nothing, whole)
