"""Drills run short by default and full with CLEANCLAIM_DRILLS=full; what they saw becomes a report."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.drills.databases import Bases, postgres

REPORT = Path(__file__).resolve().parents[2] / "docs" / "reliability" / "report.md"
FULL = os.environ.get("CLEANCLAIM_DRILLS", os.environ.get("DRILL_FULL", "")) in {"full", "1"}


@dataclass
class Row:
    """One drill as it went. `failures` counts broken promises; `fault_caught` is of the planted fault."""

    drill: str
    what: str
    trials: int
    failures: int
    fault_caught: str
    notes: str = ""

    @property
    def bound(self) -> str:
        """With no failure in n trials the rate is at most about 3/n (95 %)."""
        if self.failures:
            return "does not hold"
        return f"{300 / self.trials:.2g} %" if self.trials > 3 else "too few for a rate"


_rows: list[Row] = []


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether the full figures are wanted."""
    return FULL


@pytest.fixture(scope="session")
def bases(tmp_path_factory):
    """`bases.of("postgresql", 300)`: a database with so many claims, made once."""
    made = Bases(tmp_path_factory.mktemp("bases"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def made_base(bases):
    """`made_base("postgresql", 300)`: as `bases.of`; a machine without PostgreSQL skips the test."""

    def made(kind: str, count: int):
        try:
            return bases.of(kind, count)
        except postgres.PostgresMissing as error:
            pytest.skip(str(error))

    return made


@pytest.fixture
def drill_row():
    """`drill_row(drill=..., what=..., trials=..., failures=..., fault_caught=...)` notes a result."""

    def note(**fields) -> Row:
        row = Row(**fields)
        _rows.append(row)
        return row

    return note


def pytest_sessionfinish(session, exitstatus):
    if FULL and _rows and not hasattr(session.config, "workerinput"):
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        REPORT.write_text(report(_rows, today=datetime.now(UTC).date()), encoding="utf-8")


def report(rows: list[Row], *, today: date) -> str:
    """The page that `make drills` writes."""
    lines = [
        "# What the drills saw", "",
        f"Written by `make drills` on {today:%d %B %Y}. A promise with no failure in *n* trials is broken in at",
        "most about 3/n of cases (95 %). A drill counts only when the fault planted into it was caught.", "",
        "| Drill | What | Trials | Failures | Bound | Planted fault | Notes |",
        "| --- | --- | ---: | ---: | --- | --- | --- |",
    ]  # fmt: skip
    for row in rows:
        cells = asdict(row)
        lines.append(
            f"| {cells['drill']} | {cells['what']} | {row.trials:,} | {row.failures} | {row.bound} | "
            f"{row.fault_caught} | {row.notes} |"
        )
    return "\n".join(lines) + "\n"
