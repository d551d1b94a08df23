"""`cleanclaim rules replay`: what can be told without a database."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from cleanclaim_cli.commands.rule_replay import replay

GOOD = {
    "name": "A",
    "conditions": [{"field": "code", "operator": "is", "values": ["90837"]}],
    "action": {"kind": "warn"},
}


@pytest.mark.parametrize("last", ["12 weeks", "0", "-1", "1000mo"])
def test_months_are_months(last, tmp_path):
    found = CliRunner().invoke(replay, ["AA-1", "--last", last])
    assert found.exit_code == 2
    assert "not a number of months" in found.output or "No such option" in found.output


def test_a_file_that_is_no_rule_says_every_fault(tmp_path):
    file = tmp_path / "rule.json"
    file.write_text(json.dumps({**GOOD, "name": "", "action": {"kind": "pay"}}))
    found = CliRunner().invoke(replay, [str(file)])
    assert found.exit_code == 2
    assert "needs a name" in found.output and "'pay' cannot be used" in found.output


def test_neither_a_rule_nor_a_file():
    found = CliRunner().invoke(replay, ["nowhere.json"])
    assert found.exit_code == 2
    assert "neither a saved rule such as AA-3 nor a file" in found.output
