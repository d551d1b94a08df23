"""Shared values of the ledger tests."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cleanclaim.ledger import Source

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def from_file() -> Source:
    return Source("practice", TODAY, NOW, file_hash="f" * 64, transaction="0001", remittance_id="r1")


@pytest.fixture
def by_person() -> Source:
    return Source("practice", TODAY, NOW, actor="user-1", reason="by hand")
