"""Coding must keep up with an import: 10,000 sessions within two seconds on the build machine."""

from __future__ import annotations

import time
from pathlib import Path

from cleanclaim.coding import code_session, read_session_rows


def test_ten_thousand_sessions_in_two_seconds():
    rows, _ = read_session_rows(Path(__file__).with_name("coding_cases.csv").read_bytes())
    batch = [row.facts for row in rows] * 48
    code_session(batch[0])
    started = time.process_time()
    for facts in batch:
        code_session(facts)
    assert len(batch) == 10_080
    assert time.process_time() - started < 2
