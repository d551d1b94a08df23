from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cleanclaim_server.tenancy.context import system_context

from . import world as made

CORE = Path(__file__).resolve().parents[2] / "core" / "x12"
for folder in (CORE, CORE / "sets"):
    sys.path.insert(0, str(folder)) if str(folder) not in sys.path else None


@pytest.fixture
def world(practice_a):
    with system_context(practice_a.agency_id):
        return made.make_world(practice_a)


@pytest.fixture
def two_payers(practice_a):
    with system_context(practice_a.agency_id):
        return made.make_world(practice_a, with_second=True)
