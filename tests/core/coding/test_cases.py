"""The worked cases: every compared column, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanclaim.coding import code_session, read_session_rows

FILE = Path(__file__).with_name("coding_cases.csv")
ROWS, FINDINGS = read_session_rows(FILE.read_bytes())


def test_the_file_is_read_whole():
    assert len(ROWS) == 210
    assert FINDINGS == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.case_id)
def test_case(row):
    expected = {
        "result": row.extras["expected_result"],
        "codes": row.extras["expected_codes"],
        "units": row.extras["expected_units"],
        "modifiers": row.extras["expected_modifiers"],
        "pos": row.extras["expected_pos"],
        "error_code": row.extras["error_code"],
    }
    answer = code_session(row.facts)
    assert answer.spelled() == expected, row.extras["reason"]
    if answer.is_billable:
        assert answer.why, "a billable answer says why"
    else:
        assert answer.findings[0].severity.stops and answer.findings[0].remedy
