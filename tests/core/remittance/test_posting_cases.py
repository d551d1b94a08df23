"""Every worked case agrees: postings, balances, deposit, next action, flags, credits, debt, errors."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from cleanclaim.remittance.cases import plan_case, read_cases, write_json

CASES = json.loads(
    (Path(__file__).parent / "posting_cases.json").read_text(encoding="utf-8"), parse_float=Decimal
)["cases"]
INPUTS = {
    case["id"]: case for case in read_cases((Path(__file__).parent / "posting_cases.json").read_bytes())
}
KEYS = (
    "claim",
    "type",
    "amount",
    "carc",
    "line",
    "sub",
    "category",
    "payer_seq",
    "reference",
    "cash_effect",
    "clp01",
)


def plain(value):
    """Numbers of an answer or a case as exact decimals, so that 100 equals 100.00."""
    return json.loads(write_json(value), parse_float=Decimal, parse_int=Decimal)


def multiset(postings):
    return Counter(tuple(posting.get(key) for key in KEYS) for posting in plain(postings))


def test_there_are_51_cases():
    assert len(CASES) == 51


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case_agrees(case):
    got, want = plan_case(INPUTS[case["id"]]), case["expected"]
    assert got["balanced"] is want["balanced"]
    assert multiset(got["postings"]) == Counter(
        tuple(_decimal(posting.get(key)) for key in KEYS) for posting in want["postings"]
    )
    assert plain(got["claims_after"]) == {
        number: {key: _decimal(value) for key, value in state.items()}
        for number, state in want["claims_after"].items()
    }
    assert plain(got["bank_deposit"]) == _decimal(want["bank_deposit"])
    assert got["next_action"] == want["next_action"]
    assert set(got["flags"]) == set(want.get("flags", []))
    assert plain(got["credits"]) == [
        {key: _decimal(value) for key, value in credit.items()} for credit in want.get("credits", [])
    ]
    assert plain(got.get("payer_debt_ledger_after")) == (
        {key: _decimal(value) for key, value in want["payer_debt_ledger_after"].items()}
        if "payer_debt_ledger_after" in want
        else None
    )
    assert len(got["errors"]) == len(want.get("errors", []))


def _decimal(value):
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
