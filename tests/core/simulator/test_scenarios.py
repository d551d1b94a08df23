"""The list of scenarios: closed, unambiguous, and true to the code tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cleanclaim.codesets.remittance_codes import carc, rarc
from cleanclaim.simulator import SCENARIOS, Family, find_scenario, scenario_of


def test_prefixes_and_medicare_marks_name_one_scenario_each():
    assert len({one.prefix for one in SCENARIOS}) == len(SCENARIOS) == 44
    assert len({one.medicare_mark for one in SCENARIOS}) == len(SCENARIOS)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]", one.prefix) for one in SCENARIOS)


def test_every_scenario_says_what_happens_and_what_to_do():
    assert all(one.name and one.what.endswith(".") and one.expect.endswith(".") for one in SCENARIOS)


MEMBER_IDS = [  # member id, prefix, why
    ("PD0000001", "PD", "paid"),
    ("  n4000001 ", "N4", "case and blanks do not count"),
    ("W123456789", "PD", "an unknown prefix is paid"),
    ("", "PD", "no member id is paid too: it is not ours to refuse"),
    ("1FQ4TE5MK73", "SQ", "a Medicare number carries the mark in places two and three"),
    ("1EG4TE5MK73", "PD", "a Medicare number without a mark is paid"),
    ("1TG4TE5MK73", "TB", "B never stands in a Medicare number; G stands for it"),
]


@pytest.mark.parametrize(("member_id", "prefix", "why"), MEMBER_IDS)
def test_the_member_id_names_the_scenario(member_id, prefix, why):
    assert scenario_of(member_id).prefix == prefix, why


def test_unknown_prefix_is_none():
    assert find_scenario("??") is None
    assert find_scenario("zb") is scenario_of("ZB1")


MEDICARE_LETTERS = "ACDEFGHJKMNPQRTUVWXY"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.prefix)
def test_the_medicare_mark_fits_a_medicare_number(scenario):
    first, second = scenario.medicare_mark
    assert first in MEDICARE_LETTERS
    assert second in MEDICARE_LETTERS + "0123456789"
    assert scenario_of(f"3{scenario.medicare_mark}4TE5MK73") is scenario


DENIALS = [one for one in SCENARIOS if one.family is Family.DENIED and one.reason]


@pytest.mark.parametrize("scenario", DENIALS, ids=lambda one: one.prefix)
def test_denial_codes_are_in_the_code_lists(scenario):
    """Unknown codes would raise; the group must be one that payers use with the reason."""
    reason = carc(scenario.reason)
    assert reason.active
    assert scenario.group in " ".join(reason.usual_groups).replace("|", " ").split()
    assert [rarc(remark).code for remark in scenario.remarks] == list(scenario.remarks)


NEED_A_REMARK = {
    "16",
    "96",
    "129",
    "148",
    "201",
    "226",
    "227",
    "234",
    "237",
    "250",
    "251",
    "252",
    "267",
    "307",
    "A1",
}


def test_reasons_that_need_a_remark_have_one():
    assert [one.prefix for one in DENIALS if one.reason in NEED_A_REMARK and not one.remarks] == []


DOCUMENT = Path(__file__).parents[3] / "docs" / "concepts" / "simulator.md"


def test_the_document_lists_every_scenario_in_its_own_words():
    rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| `")]
    assert rows == [f"| `{one.prefix}` | {one.name} | {one.what} | {one.expect} |" for one in SCENARIOS]
